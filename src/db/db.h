/*
 * The interface of the database layer: named statements, called with named parameters, each
 * returning one row.
 *
 * What it is: a pool of connections to PostgreSQL shared by threads; the statements of
 * schema/queries, prepared once on each connection; deadlines; retries; reconnection; batches.
 * What it is not: a place for SQL text, for transactions longer than a call, or for HTTP.
 *
 * libpq finds the server by its environment (PGHOST, PGPORT, PGUSER, PGDATABASE; several hosts are
 * allowed).
 */
#ifndef SHOETOPIA_DB_DB_H
#define SHOETOPIA_DB_DB_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "db/param.h"
#include "db/result.h"
#include "db/statements.h" /* enum sql_id, generated from schema/queries */

struct db;

/*
 * Makes pools of up to `connections` connections in all, divided between reads and writes
 * (runner_new_divided()); the first call opens the first one. Besides, writes that wait for a row
 * have three, and rows that are stuck and probes two each.
 * `deadline_ms` bounds a call as a whole: waiting for a connection, connecting, running, retrying.
 * Never NULL. One for a process; thread-safe.
 */
struct db *db_open(int connections, int deadline_ms);

/*
 * From now on public reads without a session go to hot standbys, as said in readers.h, and all
 * other reads to the primary. Call it before the first call. `string`: a libpq connection string
 * with one or more hosts. Each host gets as many connections as there are for reads, and one for
 * db_probe(). False if the string is not valid; `why` is then a sentence (g_free).
 */
bool db_set_readers(struct db *db, const char *string, char **why);

/*
 * Waits until all submitted calls are done, then closes all connections. No db_call() may be in
 * progress, and no call may begin. NULL is allowed.
 */
void db_close(struct db *db);

/*
 * Runs one statement as one transaction and waits for its outcome:
 * - ERR_NONE: `out` is filled.
 * - a refusal: `out->extra` may have details.
 * - ERR_NOT_FOUND: an :opt statement has no row.
 * - ERR_BUSY: no connection was free, the deadline passed, the queue of a batched statement is
 *   full, or the connection was lost during a write, whose outcome is then unknown. Reads, and
 *   calls with a parameter "key", are repeated until the deadline instead.
 * - ERR_FAULT: what should not happen; logged with its SQLSTATE.
 *
 * A batched statement takes its parameters as JSON objects in the array :calls. Calls that wait at
 * the same time form a batch, without a visible effect but one: a call in a batch in flight waits
 * for the batch, whose deadline is the latest of its calls'. Worst case: twice `deadline_ms`.
 */
enum err db_call(struct db *db, enum sql_id id, const struct db_param *params, size_t n_params,
	struct db_result *out);

/*
 * Runs a statement without parameters that says whether the server answers (ro), or whether it
 * takes writes (rw). It waits for no other call: it has a connection of its own for each of the
 * two, and a second. ERR_NONE: yes; ERR_BUSY: no.
 */
enum err db_probe(struct db *db, enum sql_id id);

/*
 * From now on, or no longer, each call and probe that is not read-only is ERR_BUSY at once. Any
 * thread may call it.
 */
void db_refuse_writes(struct db *db, bool refuse);

/* Whether calls of this statement are batched: db_submit() takes them. */
bool db_is_batched(enum sql_id id);

/*
 * Enqueues a call of a batched statement and returns ERR_PENDING. The statement's batch worker, a
 * thread, runs it as db_call() would, fills `out` and calls `done` once with the outcome, perhaps
 * before this returns. An idle worker takes a lone call at once, as a batch of one. `params` are
 * not used after this returned; `out` must live until `done`.
 *
 * ERR_BUSY: the queue is full, or no thread could be started; `done` is never called.
 *
 * `done` must not call the database nor block: all calls of the statement wait for its thread.
 */
enum err db_submit(struct db *db, enum sql_id id, const struct db_param *params, size_t n_params,
	struct db_result *out, void (*done)(void *arg, enum err e), void *arg);

/* For operators; counters since the start of the process. */
struct db_stats {
	unsigned long calls;      /* completed, with any outcome but ERR_BUSY */
	unsigned long retries;    /* of 40001 and 40P01 */
	unsigned long reconnects; /* connections that replaced lost ones */
	unsigned long busy;       /* calls with the outcome ERR_BUSY */
	unsigned long faults;     /* calls with the outcome ERR_FAULT */
	unsigned long by_readers; /* calls that standbys answered */
	int connections_open;
	int connections_in_use;
	int waiting; /* calls that wait for a connection, or for the next batch */
};
void db_stats(struct db *db, struct db_stats *out);

/* How many batches of a statement ran, by their calls: 1, 2 to 3, 4 to 7, and so on. */
enum { DB_BATCH_BUCKETS = 8 };
void db_batch_sizes(struct db *db, enum sql_id id, unsigned long out[DB_BATCH_BUCKETS]);

#endif
