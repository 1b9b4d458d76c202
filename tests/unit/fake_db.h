/*
 * A fake database: a test that uses `fake` links these functions instead of the database layer's.
 * It records each call and gives the results that the test sets.
 */
#ifndef SHOETOPIA_TEST_FAKE_DB_H
#define SHOETOPIA_TEST_FAKE_DB_H

#include <glib.h>
#include <stdbool.h>

#include "db/db.h"

enum { FAKE_CALLS_MAX = 8 };

/* What db_submit() does. */
enum fake_submit {
	QUEUE_FULL,        /* returns ERR_BUSY */
	COMPLETES_AT_ONCE, /* completes the call before it returns */
	COMPLETES_LATER,   /* another thread completes it after fake_complete() */
};

struct talk;

extern struct fake {
	/* recorded */
	struct {
		enum sql_id id;
		GString *params; /* "name=text" in lines, then its JSON behind a tab */
		unsigned before_blocking_calls; /* of `talk` by then */
	} calls[FAKE_CALLS_MAX];                /* submitted ones too */
	size_t n_calls;
	unsigned n_submits; /* calls of db_submit(), refused ones too */
	/* set by the test */
	enum err err[FAKE_CALLS_MAX]; /* of each call in turn */
	const char *answer, *extra;
	bool replayed;
	enum fake_submit submit;
	const char *names[4], *values[4]; /* columns that handlers read */
	const struct talk *talk;          /* the request that is served, or NULL */
} fake;

/* Clears what was recorded and set; a teardown function of cmocka. */
int fake_reset(void **state);

/* Lets the call complete that COMPLETES_LATER. */
void fake_complete(void);

/* Waits for the end of the thread that completes it; does nothing if there is none. */
void fake_join(void);

/* Whether a call was given this parameter: "name=text", or "name=text\tjson". */
bool fake_was_given(size_t call, const char *param);

/* The text of a parameter; free with g_free(). */
char *fake_param(size_t call, const char *name);

#endif
