/*
 * A statement of schema/queries as the room knows it; the table is made by registry.awk at build time.
 *
 * Static and constant. statements[SQL_NONE] is empty: no name, no text.
 */
#ifndef SHOETOPIA_DB_STATEMENT_H
#define SHOETOPIA_DB_STATEMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "db/statements.h"

/* How many rows a success has. */
enum rows {
	ROWS_ONE,  /* exactly one */
	ROWS_OPT,  /* one, or none: then there is no such thing */
	ROWS_NONE, /* none that matters */
	ROWS_MANY, /* any number; for an operator's command alone */
};

struct statement {
	const char *name;
	const char *about;         /* what it is for, in a sentence */
	const char *place;         /* where it stands: "listing.sql:12" */
	const char *text;          /* the SQL, with $1, $2, ... */
	const char *const *params; /* the names behind $1, $2, ... */
	size_t n_params;
	enum rows rows;
	bool reads;   /* changes nothing, so that it may be run again at any time */
	bool batched; /* takes an array of calls */
	bool owner;   /* of an operator's command: the program's own role may not run it */
};

extern const struct statement statements[SQL_COUNT];

#endif
