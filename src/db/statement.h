/*
 * The statements of schema/queries as a table; registry.awk generates it at build time.
 *
 * Static and constant. statements[SQL_NONE] is empty: no name, no text.
 */
#ifndef SHOETOPIA_DB_STATEMENT_H
#define SHOETOPIA_DB_STATEMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "db/statements.h"

/* How many rows a successful statement returns. */
enum rows {
	ROWS_ONE,  /* exactly one */
	ROWS_OPT,  /* one; none is ERR_NOT_FOUND */
	ROWS_NONE, /* none that the caller reads */
	ROWS_MANY, /* any number; only for an operator's command */
};

struct statement {
	const char *name;
	const char *about;         /* its purpose, one sentence */
	const char *source;        /* "listing.sql:12" */
	const char *text;          /* the SQL, with $1, $2, ... */
	const char *const *params; /* the names behind $1, $2, ... */
	size_t n_params;
	enum rows rows;
	bool reads; /* changes nothing, so it can be repeated at any time */
	/* A read that guests may make: a standby may answer it, up to a second late (readers.h). */
	bool is_public;
	/* Of a public one: calls with this parameter are for the primary while there is one. */
	const char *primary_if;
	bool batched; /* takes an array of calls, :calls */
	/* Of a batched one: the parameter that chooses a call's queue; NULL: there is one queue. */
	const char *queue_by;
	bool owner; /* of an operator's command: the role shoetopia_app may not run it */
	/* Whom its functions allow: "anyone", "member", "owner" (of a shop) or "admin". */
	const char *who;
	bool takes_session; /* has the session by which they decide that */
	bool notes_act;     /* adds a line to the log of privileged acts (api.note_act) */
};

extern const struct statement statements[SQL_COUNT];

#endif
