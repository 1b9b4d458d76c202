/*
 * Checkout Sessions: a page on which one amount can be paid, once. A session is open until it is
 * paid (complete) or expires; it has a payment_intent only once a card was tried.
 */
#ifndef SHOETOPIA_SANDBOX_SESSION_H
#define SHOETOPIA_SANDBOX_SESSION_H

#include "sandbox/sandbox.h"

/* POST /v1/checkout/sessions */
void session_create(struct sandbox *sandbox, const struct request *request, struct answer *answer);

/* POST /v1/checkout/sessions/{id}/expire: only while it is open */
void session_expire(struct sandbox *sandbox, const struct request *request, struct answer *answer);

/* GET /v1/checkout/sessions/{id}/line_items */
void session_line_items(
	struct sandbox *sandbox, const struct request *request, struct answer *answer);

/* Expires an open session, with its event; `request` as for event_add(). */
void session_end(struct sandbox *sandbox, const struct request *request, const char *id);

#endif
