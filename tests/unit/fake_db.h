/*
 * The database that is not there: a test that uses `fake` has these functions in place of the database room's. It notes each call, and answers what
 * the test wishes.
 */
#ifndef SHOETOPIA_TEST_FAKE_DB_H
#define SHOETOPIA_TEST_FAKE_DB_H

#include <glib.h>
#include <stdbool.h>

#include "db/db.h"

enum { FAKE_CALLS_MAX = 8 };

/* What becomes of a call for which nobody would wait. */
enum fake_start {
	NOT_STARTED,  /* the queue is full: ERR_BUSY */
	TOLD_AT_ONCE, /* before db_submit() returns */
	TOLD_LATER,   /* by another thread, as soon as fake_tell() says so */
};

struct talk;

extern struct fake {
	/* noted */
	struct {
		enum sql_id id;
		GString *params; /* "name=text" in lines, then its JSON behind a tab */
		unsigned
			takes_time; /* how often `talk` had been told by then that it may take its time */
	} calls[FAKE_CALLS_MAX]; /* started ones too */
	size_t n_calls;
	unsigned n_starts; /* how often it was asked to start one */
	/* wished */
	enum err err[FAKE_CALLS_MAX]; /* of each call in turn */
	const char *answer, *extra;
	bool replayed;
	enum fake_start start;
	const char *names[4], *values[4]; /* columns that handlers read */
	const struct talk *talk;          /* the request at hand, or NULL */
} fake;

/* Forgets what was noted and wished; a teardown function of cmocka. */
int fake_reset(void **state);

/* Has a call told that was started to be told later. */
void fake_tell(void);

/* Waits until the thread that tells is gone; does nothing if there is none. */
void fake_join(void);

/* The parameter of a call, by its beginning: "name=text", or "name=text\tjson". */
bool fake_was_given(size_t call, const char *param);

/* The text of a parameter; free with g_free(). */
char *fake_param(size_t call, const char *name);

#endif
