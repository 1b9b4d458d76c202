/*
 * Money in forms and queries: a field of cents, such as price_cents, may be sent there as dollars
 * instead, under its name without the suffix: price=19.99. JSON has cents alone.
 */
#ifndef SHOETOPIA_HTTP_MONEY_H
#define SHOETOPIA_HTTP_MONEY_H

#include "http/http.h"

/* The name under which dollars are sent: "price" for "price_cents". Free with g_free(). */
char *money_dollars_name(const struct field *field);

/* Whether a form or a query names the field so: by its name, or as dollars. */
bool money_is_named(const struct field *field, const char *name);

/*
 * The cents of "19.99", "19.9", "19" or "$19.99", exactly. False for anything else, also for
 * fractions of a cent, and for separators of thousands, which are decimal points elsewhere.
 */
bool money_parse(const char *text, int64_t *cents);

/* "19.99" for 1999. Free with g_free(). */
char *money_text(int64_t cents);

/* "$1,234.50" for 123450, as people read it. Not negative. Free with g_free(). */
char *money_words(int64_t cents);

#endif
