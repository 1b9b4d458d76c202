/*
 * What the files of this room share about running a statement; the interface for everybody else is db.h.
 */
#ifndef SHOETOPIA_DB_CALL_H
#define SHOETOPIA_DB_CALL_H

#include <stdatomic.h>
#include <stdint.h>

#include "db/conn.h"
#include "db/db.h"
#include "db/pool.h"

struct lane; /* where calls of one statement wait for each other: together.c */

struct db {
	struct pool *pool;
	struct lane *lanes; /* one for each statement */
	int deadline_ms;
	atomic_ulong calls;
	atomic_ulong retries;
	atomic_ulong busy;
	atomic_ulong faults;
};

/*
 * Runs `st` until it has an outcome: takes a connection, repeats what PostgreSQL asks to repeat, and, if it is `repeatable`, what was
 * lost with its connection. `lost`: it was, before this run, so it waits for the server to come back. ERR_NONE: the rows are in
 * `reply`. Else `reply` holds what the server said, if it did; faults and the like are logged.
 *
 * `place`: NULL, or where the place of the connection is kept for another run at once: the caller gives it back then. Before, it is the place where
 * statement_send() sent the statement already, or NULL; afterwards NULL, too, if the statement failed, or somebody else waits for a place.
 */
enum err statement_run(struct db *db, const struct statement *st, const char *const *values,
	bool repeatable, bool lost, int64_t deadline, struct place **place, struct reply *reply);

/* Sends a statement that was run there before, for a statement_run() to come. */
void statement_send(struct place *place, const struct statement *st, const char *const *values);

/*
 * Turns a success into the outcome of the one call that it was made for; in outcome.c, as are the next two. The number of
 * rows is held against the statement's mark.
 */
enum err reply_outcome(
	const struct statement *st, const struct reply *reply, struct db_result *out);

/* Turns one row into the outcome of one call: reads its code, fills `out`. */
enum err row_outcome(
	const struct statement *st, const struct reply *reply, int row, struct db_result *out);

/* Gives `e` back, after `out` got what a raised refusal tells beside its code. */
enum err error_outcome(enum err e, const struct reply *reply, struct db_result *out);

/* Counts a call that is answered, for db_stats(). */
void call_counted(struct db *db, enum err e);

/* The parameter of that name; NULL if there is none. */
const struct db_param *param_find(const struct db_param *params, size_t n_params, const char *name);

/* The lanes of all statements, and how many calls wait in them; in together.c, as is the next. Freeing them waits for the calls that were submitted. */
struct lane *lanes_new(struct db *db);
void lanes_free(struct lane *lanes);
int lanes_waiting(struct lane *lanes);

/* A call of a statement whose calls travel together; as db_call(). */
enum err batched_call(struct db *db, const struct statement *st, const struct db_param *params,
	size_t n_params, int64_t deadline, struct db_result *out);

/* As db_submit(). */
enum err batched_submit(struct db *db, const struct statement *st, const struct db_param *params,
	size_t n_params, int64_t deadline, struct db_result *out,
	void (*done)(void *arg, enum err e), void *arg);

#endif
