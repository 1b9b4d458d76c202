/*
 * What the inputs of a form hold: what the request sent, or what the form would change, in the
 * notation of their controls.
 */
#ifndef SHOETOPIA_HTTP_FORM_VALUE_H
#define SHOETOPIA_HTTP_FORM_VALUE_H

#include "http/pairs.h"
#include "http/view.h"

/* A form while it is written. */
struct form {
	struct view *view;
	GString *out; /* the view's */
	const struct route *route;
	const struct json *row; /* NULL: a form of the whole page */
	bool filter;            /* sent by GET; a field left empty does not filter */
	bool edits;             /* changes something that exists */
	bool refill;            /* with what the request sent */
};

/*
 * The member of the row, or else of the part that the form changes, or else of the answer. Free
 * with g_free(); NULL: none, or null.
 */
char *form_current_text(const struct form *form, const char *name);

/* Whether the form has an input for a field here: see input_while. */
bool form_has_use_of(const struct form *form, const struct field *field);

/*
 * The choices that the input offers here, ending with NULL; NULL: all, or none of them is possible.
 * Free the array with g_free().
 */
const char **form_offered_choices(const struct form *form, const struct field *field);

/* The nth pair, from 0, that the request sent for a field, empty ones not counted; NULL. */
const struct pair *form_sent_pair(const struct form *form, const struct field *field, unsigned nth);

/* The text of that pair; NULL. */
const char *form_sent_text(const struct form *form, const struct field *field, unsigned nth);

/*
 * The value of the nth input of a field: what was sent, or what the form would change. Free with
 * g_free(); NULL: empty.
 */
char *form_input_value(const struct form *form, const struct field *field, unsigned nth);

#endif
