/*
 * The provider's API: Stripe's, or one that speaks it. Answers are its JSON; what they mean for an
 * order is decided in schema/functions/payment_object.sql.
 */
#ifndef SHOETOPIA_MARKET_PAYMENT_PROVIDER_H
#define SHOETOPIA_MARKET_PAYMENT_PROVIDER_H

#include <glib.h>
#include <stdbool.h>

#include "base/json.h"

/* What became of a call. */
enum provider_end {
	PROVIDER_DONE,    /* 2xx */
	PROVIDER_UNKNOWN, /* nothing was decided, or it is not known: the same again, same key */
	PROVIDER_FAILED,  /* 5xx, which is kept for the key; it may have had its effect */
	PROVIDER_REFUSED, /* the other 4xx: it will never be carried out */
};

/* Zero it before the first use; clear it after each. */
struct provider_answer {
	char *body; /* of PROVIDER_DONE: JSON text of an object */
	char *why;  /* else: a sentence for operators */
};

/* `path`: below /v1/. */
enum provider_end provider_get(const char *path, struct provider_answer *answer);

/* `form`: the body, byte for byte, "" for none; `key`: Idempotency-Key, NULL for none. */
enum provider_end provider_post(
	const char *path, const char *form, const char *key, struct provider_answer *answer);

void provider_answer_clear(struct provider_answer *answer);

/*
 * Reads a list to its end, newest first, page by page, and calls `each` for its objects until that
 * returns false. `query`: filters, "" for none. PROVIDER_DONE: all of it was read, or as far as
 * `each` wanted.
 */
enum provider_end provider_list(const char *path, const char *query,
	bool (*each)(void *with, const struct json *object), void *with, char **why);

#endif
