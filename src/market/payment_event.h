/* POST /payments/events: what the provider says by its webhook. */
#ifndef SHOETOPIA_MARKET_PAYMENT_EVENT_H
#define SHOETOPIA_MARKET_PAYMENT_EVENT_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http/handler.h"

extern const struct answer_schema taken_event_schema;

/* The handler: checks the signature, then stores and applies the event; 200 also for a twin. */
enum err take_payment_event(struct request *req, struct answer *ans);

/*
 * Whether `header` ("t=SECONDS,v1=HEX,...") signs the body with one of the secrets, at most five
 * minutes before or after `now` (seconds since 1970). NULL secrets do not count.
 */
bool payment_event_is_signed(const char *header, const GString *body, const char *const *secrets,
	size_t n_secrets, int64_t now);

#endif
