/*
 * The parameters that a call of the provider's API takes, as a table, and their checks with the
 * provider's errors. A parameter that is in no row is an error, as at the provider.
 */
#ifndef SHOETOPIA_SANDBOX_PARAM_H
#define SHOETOPIA_SANDBOX_PARAM_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "sandbox/answer.h"

enum param_kind {
	PARAM_TEXT,    /* of at most `max` characters */
	PARAM_INTEGER, /* from `min` to `max` */
	PARAM_CHOICE,  /* a word of `words` */
	PARAM_BOOL,    /* true or false */
	PARAM_URL,     /* http or https, at most `max` characters */
};

struct param {
	/* '#' stands for an index, '*' for any key: line_items[#][quantity], metadata[*] */
	const char *name;
	enum param_kind kind;
	int64_t min, max;
	const char *words; /* "one two" */
	bool is_required;  /* only for names without '#' and '*' */
};

/* Whether the form has only such parameters, and all required ones; otherwise sets the error. */
bool params_check(
	const struct param *params, size_t n, const GPtrArray *form, struct answer *answer);

/* The integer of a parameter that was checked; `missing` if it is not given. */
int64_t param_integer(const GPtrArray *form, const char *name, int64_t missing);

#endif
