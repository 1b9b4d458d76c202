/*
 * The database as the program sees it: named statements, called with named parameters, answered with one row.
 *
 * What it is: a pool of connections to PostgreSQL that threads share, each held only during a call, or from one batch of
 * calls to the next while nobody else waits for one; statements from schema/queries, prepared once a connection; deadlines;
 * retries of what PostgreSQL asks to retry; reconnection.
 * What it is not: a place for SQL text, for transactions that outlive a call, or for knowledge of HTTP.
 *
 * libpq reads where the server is from its own environment (PGHOST, PGPORT, PGUSER, PGDATABASE; several hosts are allowed).
 */
#ifndef SHOETOPIA_DB_DB_H
#define SHOETOPIA_DB_DB_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "db/statements.h" /* enum sql_id, made from schema/queries at build time */

/* One parameter of a call. Names that a statement does not use are passed over; names that it uses and are not given are NULL. */
struct db_param {
	const char *name;
	const char *
		text; /* as PostgreSQL reads it ("12", "true", "{a,b}", "\x00ff"); NULL is SQL NULL */
	const char *
		json; /* the same as JSON ("12", "[\"a\"]"), for statements that take :calls; NULL: `text` as a JSON string */
};

/* What a call came to. Free it with db_result_clear(); zero it before the first use. */
struct db_result {
	char *answer;  /* column "answer" of a success; NULL where the statement gives none */
	bool replayed; /* the answer is that of an earlier call with the same key */
	char *extra; /* of a refusal: a JSON object whose members belong into the problem ("detail", "errors", ...), or NULL */
	char **names; /* all columns, for a handler to look at, but for calls that travel together; NULL-terminated */
	char **values; /* as text, NULL for SQL NULL */
};

struct db;

/*
 * Makes a pool of up to `connections` connections; none is opened before the first call. `deadline_ms` bounds every call as a whole:
 * waiting for a connection, connecting, running, retrying. Never NULL. One a process; thread-safe from then on.
 */
struct db *db_open(int connections, int deadline_ms);

/* Waits until all submitted calls are done, then closes all connections. No db_call() may be in progress, and no new call may begin. */
void db_close(struct db *db);

/*
 * Runs one statement as one transaction, and waits for it. Returns ERR_NONE and fills `out`; or a refusal (`out->extra` may
 * tell more); ERR_NOT_FOUND where an :opt statement has no row; ERR_BUSY when there was no connection, the deadline passed, or the connection was
 * lost during a write (whose outcome is then unknown; statements that read, and calls with a parameter "key", are run again by
 * themselves until the deadline); ERR_FAULT, logged with its SQLSTATE, for everything that should not happen.
 *
 * A statement marked `together` takes its parameters as one JSON object in the array :calls. Calls that wait at the same time travel
 * in one array; nobody outside can tell, but for this: a call that is on board when its deadline passes waits for its batch, which has
 * until the deadline of its youngest member. So the longest wait is two deadlines.
 */
enum err db_call(struct db *db, enum sql_id id, const struct db_param *params, size_t n_params,
	struct db_result *out);

/* Whether calls of this statement are batched: then db_submit() takes them. */
bool db_is_batched(enum sql_id id);

/*
 * Enqueues a call of a batched statement and returns ERR_PENDING. The statement's batch worker, a thread, runs it as db_call() would, fills `out` and
 * calls `done` once with the outcome, perhaps before this returns. An idle worker takes a lone call at once, as a batch of one. `params` are not needed
 * after this returned; `out` must live until `done`.
 *
 * ERR_BUSY: the queue is full, or no thread could be started; `done` is never called. `done` must not call the database nor block: all calls of the
 * statement wait for the same thread.
 */
enum err db_submit(struct db *db, enum sql_id id, const struct db_param *params, size_t n_params,
	struct db_result *out, void (*done)(void *arg, enum err e), void *arg);

/* The text of column `name` in the row of `result`; NULL where it is SQL NULL or not there. Lives as long as the result. */
const char *db_result_get(const struct db_result *result, const char *name);

/* Frees what the result holds and zeroes it. */
void db_result_clear(struct db_result *result);

/* What an operator may want to know; counters since the start of the process. */
struct db_stats {
	unsigned long calls;      /* statements answered, whatever the answer */
	unsigned long retries;    /* of 40001 and 40P01 */
	unsigned long reconnects; /* connections opened after the first ones were lost */
	unsigned long busy;       /* calls that were given up */
	unsigned long faults;     /* errors that should not happen */
	int connections_open;
	int connections_in_use;
	int waiting; /* calls that wait for a connection, or for the next batch of their statement */
};
void db_stats(struct db *db, struct db_stats *out);

#endif
