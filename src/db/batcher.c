#include "db/batcher.h"

#include <errno.h>
#include <glib.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>

#include "base/log.h"
#include "db/batch.h"
#include "db/call_queue.h"
#include "db/clock.h"
#include "db/stuck.h"

enum {
	BATCH_MAX = 128, /* measured: docs/benchmarks.md */
	QUEUE_MAX = 1024,
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
	sem_t work;         /* posted when `in_flight` becomes the worker's */
	atomic_bool closed; /* it ends once it has nothing to do */
	/* of the thread that runs the batch in flight */
	unsigned batch_max; /* calls of the next batch: fewer for a while after a failure */
	struct started_batch next;
};

struct batcher *
batcher_new(struct runner *runner, const struct statement *st, struct stuck *stuck)
{
	struct batcher *batcher = g_new0(struct batcher, 1);

	batcher->runner = runner;
	batcher->st = st;
	batcher->stuck = stuck;
	queue_init(&batcher->queue);
	batcher->batch_max = BATCH_MAX;
	pthread_mutex_init(&batcher->lock, NULL);
	sem_init(&batcher->work, 0, 0);
	return batcher;
}

void
batcher_free(struct batcher *batcher)
{
	if (batcher->has_worker) {
		atomic_store(&batcher->closed, true);
		sem_post(&batcher->work);
		pthread_join(batcher->worker, NULL);
	}
	sem_destroy(&batcher->work);
	pthread_mutex_destroy(&batcher->lock);
	g_free(batcher);
}

unsigned
batcher_waiting(struct batcher *batcher)
{
	unsigned waiting;

	pthread_mutex_lock(&batcher->lock);
	waiting = batcher->queue.length;
	pthread_mutex_unlock(&batcher->lock);
	return waiting;
}

/* ---- the queue; the lock is held ---- */

/* Takes the next batch, in order of arrival; g_free its list. */
static struct batch
batch_take(struct batcher *batcher)
{
	struct batch batch = { .n = MIN(batcher->queue.length, batcher->batch_max) };

	if (batch.n > 0)
		batch.list = g_new(struct pending_call *, batch.n);
	for (size_t i = 0; i < batch.n; i++) {
		batch.list[i] = batcher->queue.first;
		batch.list[i]->in_batch = true;
		queue_remove(&batcher->queue, batch.list[i]);
	}
	return batch;
}

/* ---- running batches ---- */

/* Whether all calls are past their deadline: the batch would only be cancelled. */
static bool
is_past_deadline(struct batch batch)
{
	return clock_ms() >= batch.list[batch.n - 1]->deadline;
}

/*
 * Takes the next batch from the queue and sends it, if there is a slot to send it on. False if the
 * queue is empty: then no batch is in flight, and the slot is released.
 */
static bool
start_next(struct batcher *batcher, struct pool_slot *slot)
{
	const char *values[BATCH_PARAMS];
	struct batch batch;

	pthread_mutex_lock(&batcher->lock);
	batch = batch_take(batcher);
	batcher->in_flight = batch.n > 0;
	pthread_mutex_unlock(&batcher->lock);
	if (slot != NULL && (batch.n == 0 || is_past_deadline(batch))) {
		pool_release(slot);
		slot = NULL;
	}
	if (batch.n == 0)
		return false;
	batch.stuck = stuck_rows(batcher->stuck);
	batcher->next = (struct started_batch){ batch, batch_encode(batch), slot };
	batch_values(&batch, batcher->next.text, values);
	if (slot != NULL)
		run_send(slot, batcher->st, values);
	return true;
}

/*
 * Requeues the calls of a batch from `done` on: they were rolled back because of an earlier call. A
 * call past its deadline is not run again. Where one call fails others may, so the next batch is
 * small: if all calls fail, each runs at most twice.
 */
static void
requeue_tail(struct batcher *batcher, struct batch *batch, size_t done)
{
	batcher->batch_max = (unsigned)MIN(2 * done, BATCH_MAX);
	while (done < batch->n && clock_ms() >= batch->list[done]->deadline)
		batch->list[done++]->err = ERR_BUSY;
	pthread_mutex_lock(&batcher->lock);
	while (batch->n > done) {
		struct pending_call *call = batch->list[--batch->n];

		call->in_batch = false;
		queue_push_front(&batcher->queue, call);
	}
	pthread_mutex_unlock(&batcher->lock);
}

/* Hands over the calls that need a stuck row; the others remain in the batch. */
static void
divert_stuck(struct batcher *batcher, struct batch *batch)
{
	size_t n = 0;

	for (size_t i = 0; i < batch->n; i++) {
		struct pending_call *call = batch->list[i];

		if (call->stuck != NULL && stuck_add(batcher->stuck, call))
			continue; /* it may be gone by now */
		if (call->stuck != NULL)
			call->err = ERR_BUSY;
		g_clear_pointer(&call->stuck, g_free);
		batch->list[n++] = call;
	}
	batch->n = n;
}

/*
 * Runs a batch until its calls have outcomes; `batch->n` is less afterwards if some were requeued
 * or wait for a row that is stuck. The next batch is sent, on the same connection, before these
 * rows are decoded: all calls in the queue wait for it. But if a row was found to be stuck, the
 * next batch has to know. Returns whether there is a next one, in `batcher->next`.
 */
static bool
run_batch(struct batcher *batcher, struct batch *batch, const char *text, struct pool_slot *slot)
{
	struct reply reply = { 0 };
	enum err e = batch_run(batcher->runner, batcher->st, batch, text, &slot, &reply);
	bool diverts = batch->lock != LOCK_LIMITED || batch->stuck != NULL || e != ERR_NONE;
	size_t done = batch->n;
	bool more;

	if (e != ERR_NONE)
		done = batch_recover(batcher->runner, batcher->st, *batch, e, &reply);
	if (done < batch->n)
		requeue_tail(batcher, batch, done);
	else
		batcher->batch_max = MIN(2 * batcher->batch_max, BATCH_MAX);
	if (diverts && e == ERR_NONE)
		batch_decode(batcher->st, &reply, *batch);
	if (diverts)
		divert_stuck(batcher, batch);
	more = start_next(batcher, slot);
	if (!diverts)
		batch_decode(batcher->st, &reply, *batch);
	reply_clear(&reply);
	g_clear_pointer(&batch->stuck, g_free);
	return more;
}

/* Reports the outcome of a call; it is gone afterwards. */
static void
complete(struct batcher *batcher, struct pending_call *call)
{
	if (call->done == NULL) {
		atomic_store(&call->completed, true);
		sem_post(&call->wake);
		return;
	}
	runner_count(batcher->runner, call->err);
	call->done(call->arg, call->err);
	g_string_free(call->text, TRUE);
	g_free(call);
}

/* ---- the worker ---- */

/* Runs batches until the queue is empty, beginning with `next`. */
static void
run_batches(struct batcher *batcher)
{
	bool more = true;

	while (more) {
		struct started_batch now = batcher->next;

		batcher->next = (struct started_batch){ 0 };
		more = run_batch(batcher, &now.batch, now.text, now.slot);
		for (size_t i = 0; i < now.batch.n; i++)
			complete(batcher, now.batch.list[i]);
		g_free(now.batch.list);
		g_free(now.text);
	}
}

/*
 * run_inline() hands over a started batch in `next`; batcher_submit() only the queue. `closed` is
 * read last: calls submitted before it was set are completed.
 */
static void *
worker_main(void *arg)
{
	struct batcher *batcher = arg;

	do {
		while (sem_wait(&batcher->work) != 0)
			; /* EINTR */
		if (batcher->next.batch.n > 0 || start_next(batcher, NULL))
			run_batches(batcher);
	} while (!atomic_load(&batcher->closed));
	return NULL;
}

/*
 * Starts the worker; the lock is held. It blocks all signals: EINTR truncates libfcgi writes. It
 * starts lazily, after the process has installed its signal handlers.
 */
static bool
worker_start(struct batcher *batcher)
{
	static _Atomic int64_t last_logged;
	sigset_t all;
	sigset_t before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	batcher->has_worker = pthread_create(&batcher->worker, NULL, worker_main, batcher) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!batcher->has_worker && clock_once_a_second(&last_logged))
		log_line(LOG_WARN, "%s: the batch worker could not be started", batcher->st->name);
	return batcher->has_worker;
}

/* ---- calls ---- */

/* Continues a call that has waited for a stuck row, or completes it at its deadline. */
static void
resume(struct pending_call *call, bool expired)
{
	struct batcher *batcher = call->batcher;
	bool wakes_worker = false;

	g_clear_pointer(&call->stuck, g_free);
	pthread_mutex_lock(&batcher->lock);
	if (!expired && (batcher->has_worker || worker_start(batcher))) {
		call->in_batch = false;
		queue_push_front(&batcher->queue, call);
		wakes_worker = !batcher->in_flight;
		batcher->in_flight = true;
	} else {
		expired = true;
	}
	pthread_mutex_unlock(&batcher->lock);
	if (wakes_worker)
		sem_post(&batcher->work);
	if (expired) {
		call->err = ERR_BUSY;
		complete(batcher, call);
	}
}

/* Enqueues a call, if there is a worker to take it and the queue is not full. The lock is held. */
static bool
enqueue(struct batcher *batcher, struct pending_call *call)
{
	if (batcher->queue.length >= QUEUE_MAX || (!batcher->has_worker && !worker_start(batcher)))
		return false;
	queue_push(&batcher->queue, call);
	return true;
}

/*
 * Waits for completion until the deadline; false if that passed first. `completed` repeats what the
 * semaphore says, since ThreadSanitizer does not know sem_clockwait().
 */
static bool
is_completed_in_time(struct pending_call *call)
{
	struct timespec until = clock_timespec(call->deadline);

	while (sem_clockwait(&call->wake, CLOCK_MONOTONIC, &until) != 0)
		if (errno != EINTR)
			return false;
	return atomic_load(&call->completed);
}

/* Waits for the outcome of an enqueued call. */
static void
wait_for_completion(struct batcher *batcher, struct pending_call *call)
{
	bool dequeued;

	if (is_completed_in_time(call))
		return;
	pthread_mutex_lock(&batcher->lock);
	dequeued = !call->in_batch;
	if (dequeued) {
		queue_remove(&batcher->queue, call);
		call->err = ERR_BUSY;
	}
	pthread_mutex_unlock(&batcher->lock);
	while (!dequeued && sem_wait(&call->wake) != 0)
		; /* EINTR */
}

/*
 * Runs a call as a batch of one on this thread. The worker runs what was enqueued meanwhile. If the
 * call needs a row that is stuck, waits until it was resumed and completed.
 */
static void
run_inline(struct batcher *batcher, struct pending_call *call)
{
	struct batch batch = { .list = &call, .n = 1, .stuck = stuck_rows(batcher->stuck) };
	g_autofree char *text = batch_encode(batch);

	call->in_batch = true;
	if (run_batch(batcher, &batch, text, NULL))
		sem_post(&batcher->work);
	while (batch.n == 0 && sem_wait(&call->wake) != 0)
		; /* EINTR */
}

enum err
batcher_call(struct batcher *batcher, const struct db_param *params, size_t n_params,
	int64_t deadline, struct db_result *out)
{
	struct pending_call me = {
		.deadline = deadline, .out = out, .resume = resume, .batcher = batcher
	};
	bool idle;
	bool enqueued;

	batch_call_encode(&me, params, n_params);
	sem_init(&me.wake, 0, 0);
	pthread_mutex_lock(&batcher->lock);
	idle = !batcher->in_flight;
	enqueued = !idle && enqueue(batcher, &me);
	batcher->in_flight = true;
	pthread_mutex_unlock(&batcher->lock);
	if (idle)
		run_inline(batcher, &me);
	else if (enqueued)
		wait_for_completion(batcher, &me);
	else
		me.err = ERR_BUSY;
	sem_destroy(&me.wake);
	g_string_free(me.text, TRUE);
	return me.err;
}

enum err
batcher_submit(struct batcher *batcher, const struct db_param *params, size_t n_params,
	int64_t deadline, struct db_result *out, void (*done)(void *arg, enum err e), void *arg)
{
	struct pending_call *call = g_new0(struct pending_call, 1);
	bool enqueued;
	bool wakes_worker;

	*call = (struct pending_call){ .deadline = deadline,
		.out = out,
		.done = done,
		.arg = arg,
		.resume = resume,
		.batcher = batcher };
	batch_call_encode(call, params, n_params);
	pthread_mutex_lock(&batcher->lock);
	enqueued = enqueue(batcher, call);
	wakes_worker = enqueued && !batcher->in_flight;
	batcher->in_flight = batcher->in_flight || enqueued;
	pthread_mutex_unlock(&batcher->lock);
	if (wakes_worker)
		sem_post(&batcher->work);
	if (enqueued)
		return ERR_PENDING;
	g_string_free(call->text, TRUE);
	g_free(call);
	return ERR_BUSY;
}
