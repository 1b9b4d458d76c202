/*
 * A batch: pending calls of one statement, run as one transaction. Encodes them for :calls, decodes
 * the rows, and finds the calls that make a batch fail. batcher.c decides which calls form a batch.
 */
#ifndef SHOETOPIA_DB_BATCH_H
#define SHOETOPIA_DB_BATCH_H

#include <glib.h>
#include <semaphore.h>
#include <stdatomic.h>

#include "base/log.h"
#include "db/call.h"

/*
 * A call between its arrival and its completion. One with `done` is on the heap; one without is on
 * the stack of the thread that waits for it.
 */
struct pending_call {
	GString *text; /* as a JSON object */
	bool has_key;
	char request[LOG_REQUEST_SIZE]; /* that it belongs to, for the log; "": none */
	int64_t deadline;
	struct db_result *out;
	enum err err; /* its outcome */
	void (*done)(void *arg, enum err e);
	void *arg;
	/* set by batch_decode() if the call was not carried out since it needs a row that is stuck:
	   its name, KIND:ID, see stuck.h; g_free it. Else NULL. */
	char *stuck;
	void (*resume)(struct pending_call *call, bool expired); /* continues, or completes it */
	struct batcher *batcher;                                 /* for `resume` */
	/* of the queue */
	struct pending_call *next;
	bool in_batch;         /* no longer in the queue; under the batcher's lock */
	sem_t wake;            /* without `done`: posted on completion */
	atomic_bool completed; /* without `done`: set before that */
};

/*
 * Calls in order of arrival, and how they wait for locks, if the statement takes that (see
 * schema/functions/batch.sql): LOCK_LIMITED for a short time, else the batch fails; LOCK_SKIPPED
 * not at all, calls that need a locked row are not carried out; LOCK_PATIENT as long as the session
 * allows.
 */
struct batch {
	struct pending_call **list;
	size_t n;
	enum { LOCK_LIMITED, LOCK_SKIPPED, LOCK_PATIENT } lock;
	void (*late)(void *arg); /* as in struct run */
	void *late_arg;
	char *stuck; /* rows known to be stuck, of stuck_rows(): calls that need them likewise */
};

/* Sizes of batches that are counted apart: 1, 2 to 3, 4 to 7, and so on. */
enum { BATCH_SIZES = 8 };

/* The parameters of a batched statement; those that it does not take are not read. */
enum { BATCH_PARAMS = 3 };

/*
 * Sets `text`, `has_key` and `request`, which is this thread's. A parameter that is NULL is left
 * out of the object.
 */
void batch_call_encode(struct pending_call *call, const struct db_param *params, size_t n_params);

/* The calls as a JSON array; g_free it. */
char *batch_encode(struct batch batch);

/* The values of the statement's parameters. `text` is that of batch_encode(). */
void batch_values(const struct batch *batch, const char *text, const char *values[BATCH_PARAMS]);

/*
 * Runs a batch; its deadline is the latest of its calls'. ERR_NONE: the rows are in `reply`. `text`
 * is that of batch_encode(), `kept` as for run_statement(). If a lock could not be had soon, the
 * batch is run again without waiting, and if that fails too, with all patience; `batch->lock` says
 * how the last run was.
 */
enum err batch_run(struct runner *runner, const struct statement *st, struct batch *batch,
	const char *text, struct pool_slot **kept, struct reply *reply);

/* Whether calls of the batch, which has run, need a row that is stuck. */
bool batch_found_stuck(const struct batch *batch, const struct reply *reply);

/*
 * Sets the outcome of each call from the row with its ordinal, and fills its `out`. A call without
 * exactly one row is ERR_FAULT, and logged.
 */
void batch_decode(const struct statement *st, const struct reply *reply, struct batch batch);

/*
 * Sets outcomes after batch_run() returned `e`. If one call may have caused the error, the batch is
 * bisected, or the call that the error names runs first: that call alone gets the error. If the
 * connection was lost, calls with a key are run again, the others are ERR_BUSY: their outcome is
 * unknown.
 *
 * Returns how many calls, from the first, have an outcome. The others come after the call that
 * caused the error; they were rolled back and can be run again.
 */
size_t batch_recover(struct runner *runner, const struct statement *st, struct batch batch,
	enum err e, const struct reply *reply);

#endif
