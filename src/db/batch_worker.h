/*
 * What runs the batches of a batcher: its worker, a thread, or a caller that runs its own call. For
 * batcher.c alone.
 */
#ifndef SHOETOPIA_DB_BATCH_WORKER_H
#define SHOETOPIA_DB_BATCH_WORKER_H

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#include "db/batch.h"
#include "db/call_queue.h"
#include "db/stuck.h"

enum {
	BATCH_MAX = 128, /* measured: docs/benchmarks.md */
};

/* A batch that has been taken from the queue. */
struct started_batch {
	struct batch batch;
	char *text;             /* of batch_encode() */
	struct pool_slot *slot; /* where it was sent; NULL: not sent yet */
};

struct batcher {
	struct runner *runner;
	const struct statement *st;
	struct stuck *stuck;
	pthread_mutex_t lock;
	/* under `lock` */
	struct call_queue queue;
	bool in_flight; /* a batch; one at a time: two would be smaller and block each other */
	/* the worker; `has_worker` under `lock` */
	bool has_worker;
	pthread_t worker;
	int late_workers; /* each waits for the reply to a late batch, then ends; under `lock` */
	pthread_cond_t late_ended;
	sem_t work;                      /* posted when `in_flight` becomes the worker's */
	atomic_bool closed;              /* it ends once it has nothing to do */
	atomic_ulong sizes[BATCH_SIZES]; /* see batcher_sizes() */
	/* of the thread that runs the batch in flight */
	unsigned batch_max; /* calls of the next batch: fewer for a while after a failure */
	struct started_batch next;
};

/* Starts the worker, if it can be. The lock is held. */
bool worker_start(struct batcher *batcher);

/*
 * Runs a call as a batch of one on this thread. The worker runs what was enqueued meanwhile. If the
 * call needs a row that is stuck, waits until it was resumed and completed.
 */
void run_inline(struct batcher *batcher, struct pending_call *call);

/* Enqueues a call of a batch again, before all others; false if no worker can be started. */
bool requeue(struct batcher *batcher, struct pending_call *call);

/* Reports the outcome of a call; it is gone afterwards. */
void complete(struct batcher *batcher, struct pending_call *call);

#endif
