/*
 * Pairs of name and value, as the provider's API takes them: application/x-www-form-urlencoded with
 * brackets, in a body or behind the "?" of a path. An empty index counts: a[]=x&a[]=y is
 * a[0]=x&a[1]=y. Of a name that comes twice the last value counts.
 */
#ifndef SHOETOPIA_SANDBOX_FORM_H
#define SHOETOPIA_SANDBOX_FORM_H

#include <glib.h>
#include <stddef.h>

struct form_pair {
	char *name;
	char *value;
};

/* The pairs (struct form_pair *) in their order; NULL if the text is malformed. Unref the array. */
GPtrArray *form_parse(const char *text, size_t length);

/* The value of a name; NULL if there is none. */
const char *form_get(const GPtrArray *form, const char *name);

/* The members of PREFIX[...] as the text of a JSON object of strings; free it with g_free(). */
char *form_object(const GPtrArray *form, const char *prefix);

#endif
