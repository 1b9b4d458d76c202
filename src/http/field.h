/*
 * Checks one value against its field, and keeps what the check gave.
 *
 * Texts of queries and forms and values of JSON pass the same checks and are refused with the same
 * sentences. A list is taken apart by the caller; each of its elements is checked here.
 */
#ifndef SHOETOPIA_HTTP_FIELD_H
#define SHOETOPIA_HTTP_FIELD_H

#include <glib.h>

#include "http/http.h"

struct json;

/* A field's checked value. */
struct value {
	char *text; /* as PostgreSQL reads it; NULL: left out */
	char *json; /* the same value as JSON; the same memory where both are written alike */
};

/* Frees what it holds and zeroes it. */
void value_clear(struct value *value);

/* The most elements that a list may have: at_most, or a common limit where that is 0. */
unsigned field_at_most(const struct field *field);

/* The field of this name in a table; NULL if it has none, or if `fields` is NULL. */
const struct field *field_find(const struct field *fields, const char *name);

/*
 * Checks one text of a query or a form. Returns NULL and fills `out`, or returns the sentence that
 * says what is wrong (kept for the life of the process) and leaves `out` as it was.
 */
const char *field_check(const struct field *field, const char *text, struct value *out);

/* The same for FIELD_MONEY that was sent as dollars: see money.h. */
const char *field_check_dollars(const struct field *field, const char *text, struct value *out);

/* The same for a value of JSON, whose type must be the field's too. */
const char *field_check_json(
	const struct field *field, const struct json *value, struct value *out);

/*
 * A sentence with numbers of the field table in it. Each different sentence is made once and kept
 * for the life of the process, so never put what a client sent into one.
 */
const char *field_sentence(const char *format, ...) G_GNUC_PRINTF(1, 2);

#endif
