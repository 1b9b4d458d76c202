/* The header Stripe-Signature of an event. */
#ifndef SHOETOPIA_SANDBOX_SIGNATURE_H
#define SHOETOPIA_SANDBOX_SIGNATURE_H

#include <glib.h>
#include <stdint.h>

/*
 * "t=SECONDS,v1=HEX", with one v1 for each secret: HMAC-SHA256 of "SECONDS.BODY". Free it with
 * g_free().
 */
char *signature_header(const char *const *secrets, int64_t now_s, const char *body);

#endif
