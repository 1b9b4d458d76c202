/*
 * The batcher of one statement: a queue of pending calls, and a batch worker that runs them in
 * batches, one batch at a time.
 *
 * While no batch is in flight, a db_call() runs its own call at once, and an idle worker takes a
 * submitted call at once; there is no timer. Calls that arrive while a batch is in flight wait in
 * the queue and form the next batch, so batches grow with the load. Several processes have a
 * batcher each; row locks serialise their batches.
 */
#ifndef SHOETOPIA_DB_BATCHER_H
#define SHOETOPIA_DB_BATCHER_H

#include <stddef.h>
#include <stdint.h>

#include "db/batch.h"
#include "db/call.h"

struct batcher;
struct stuck;

/*
 * Never NULL. The worker thread starts with the first call that needs it. Calls that need a row
 * that is stuck wait in `stuck`, which is shared.
 */
struct batcher *batcher_new(struct runner *runner, const struct statement *st, struct stuck *stuck);

/* Waits for submitted calls. No batcher_call() may be in progress. */
void batcher_free(struct batcher *batcher);

/*
 * Runs a call and waits for its outcome. A call leaves the queue at its deadline with ERR_BUSY. One
 * in a batch waits for the batch, whose deadline is the latest of its calls'. ERR_BUSY at once:
 * the queue is full, or no thread could be started.
 */
enum err batcher_call(struct batcher *batcher, const struct db_param *params, size_t n_params,
	int64_t deadline, struct db_result *out);

/* As db_submit(): ERR_PENDING, or ERR_BUSY. Counts the outcome before it calls `done`. */
enum err batcher_submit(struct batcher *batcher, const struct db_param *params, size_t n_params,
	int64_t deadline, struct db_result *out, void (*done)(void *arg, enum err e), void *arg);

/* Adds how many batches were run, by size: element i counts those of 2^i calls and more. */
void batcher_sizes(struct batcher *batcher, unsigned long out[BATCH_SIZES]);

/* Calls in the queue. */
unsigned batcher_waiting(struct batcher *batcher);

#endif
