#include "db/batch_worker.h"

#include <glib.h>
#include <signal.h>

#include "base/log.h"
#include "db/clock.h"

/* A thread that runs batches. */
struct flight {
	struct batcher *batcher;
	bool by_worker;
	bool late; /* its batch was late: others run the queue, and it ends with this batch */
};

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

/* ---- late batches ---- */

/*
 * The reply to the batch in flight is late: its backend is stopped, or the disk is slow. The queue
 * goes on over another connection, and this thread waits for the reply alone. The worker that is
 * late is replaced.
 */
static void
let_queue_go_on(void *arg)
{
	static _Atomic int64_t last_logged;
	struct flight *flight = arg;
	struct batcher *batcher = flight->batcher;
	bool more = false;

	if (flight->late)
		return;
	pthread_mutex_lock(&batcher->lock);
	flight->late = !atomic_load(&batcher->closed) && runner_begin_late(batcher->runner);
	if (flight->late && flight->by_worker) {
		pthread_detach(batcher->worker);
		batcher->late_workers++;
		batcher->has_worker = false;
	}
	if (flight->late) {
		more = batcher->queue.length > 0 && (batcher->has_worker || worker_start(batcher));
		batcher->in_flight = more;
	}
	pthread_mutex_unlock(&batcher->lock);
	if (more)
		sem_post(&batcher->work);
	if (flight->late && clock_once_a_second(&last_logged))
		log_line(LOG_WARN, "%s: a batch is late", batcher->st->name);
}

/* The late batch has its outcome. */
static void
end_late(struct flight *flight, struct pool_slot *slot)
{
	runner_end_late(flight->batcher->runner);
	if (slot != NULL)
		pool_release(slot);
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

bool
requeue(struct batcher *batcher, struct pending_call *call)
{
	bool wakes_worker = false;
	bool requeued;

	pthread_mutex_lock(&batcher->lock);
	requeued = batcher->has_worker || worker_start(batcher);
	if (requeued) {
		call->in_batch = false;
		queue_push_front(&batcher->queue, call);
		wakes_worker = !batcher->in_flight;
		batcher->in_flight = true;
	}
	pthread_mutex_unlock(&batcher->lock);
	if (wakes_worker)
		sem_post(&batcher->work);
	return requeued;
}

/*
 * Requeues the calls of a batch from `done` on: they were rolled back because of an earlier call. A
 * call past its deadline is not run again. Where one call fails others may, so the next batch has
 * half the size: if all calls fail, soon each runs by itself.
 */
static void
requeue_tail(struct batcher *batcher, struct batch *batch, size_t done)
{
	while (done < batch->n && clock_ms() >= batch->list[done]->deadline)
		batch->list[done++]->err = ERR_BUSY;
	while (batch->n > done && requeue(batcher, batch->list[batch->n - 1]))
		batch->n--;
	for (size_t i = done; i < batch->n; i++)
		batch->list[i]->err = ERR_BUSY;
}

/* Hands over the calls that need a stuck row; the others remain in the batch. */
static void
divert_stuck(struct batcher *batcher, struct batch *batch)
{
	size_t n = 0;

	for (size_t i = 0; i < batch->n; i++) {
		struct pending_call *call = batch->list[i];

		log_set_request(call->request);
		if (call->stuck != NULL && stuck_add(batcher->stuck, call))
			continue; /* it may be gone by now */
		if (call->stuck != NULL)
			call->err = ERR_BUSY;
		g_clear_pointer(&call->stuck, g_free);
		batch->list[n++] = call;
	}
	batch->n = n;
}

static void
count_batch(struct batcher *batcher, size_t n)
{
	size_t i = 0;

	while (i < BATCH_SIZES - 1 && n >> (i + 1) > 0)
		i++;
	atomic_fetch_add_explicit(&batcher->sizes[i], 1, memory_order_relaxed);
}

/*
 * Runs a batch until its calls have outcomes; `batch->n` is less afterwards if some were requeued
 * or wait for a row that is stuck. The next batch is sent, on the same connection, before these
 * rows are decoded: all calls in the queue wait for it. But if a row was found to be stuck, the
 * next batch has to know. Returns whether there is a next one, in `batcher->next`.
 */
static bool
run_batch(struct flight *flight, struct batch *batch, const char *text, struct pool_slot *slot)
{
	struct batcher *batcher = flight->batcher;
	struct reply reply = { 0 };
	size_t done = batch->n;
	bool more = false;
	bool diverts;
	enum err e;

	count_batch(batcher, batch->n);
	batch->late = let_queue_go_on;
	batch->late_arg = flight;
	e = batch_run(batcher->runner, batcher->st, batch, text, &slot, &reply);
	diverts = e != ERR_NONE || batch_found_stuck(batch, &reply);
	if (e != ERR_NONE)
		done = batch_recover(batcher->runner, batcher->st, *batch, e, &reply);
	if (!flight->late)
		batcher->batch_max = done < batch->n ? (unsigned)MAX(batch->n / 2, 1)
						     : MIN(2 * batcher->batch_max, BATCH_MAX);
	if (done < batch->n)
		requeue_tail(batcher, batch, done);
	if (diverts && e == ERR_NONE)
		batch_decode(batcher->st, &reply, *batch);
	if (diverts)
		divert_stuck(batcher, batch);
	if (flight->late)
		end_late(flight, slot);
	else
		more = start_next(batcher, slot);
	if (!diverts)
		batch_decode(batcher->st, &reply, *batch);
	reply_clear(&reply);
	g_clear_pointer(&batch->stuck, g_free);
	return more;
}

void
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
run_batches(struct flight *flight)
{
	struct batcher *batcher = flight->batcher;
	bool more = true;

	while (more) {
		struct started_batch now = batcher->next;

		batcher->next = (struct started_batch){ 0 };
		more = run_batch(flight, &now.batch, now.text, now.slot);
		log_set_request("");
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
	struct flight flight = { .batcher = arg, .by_worker = true };
	struct batcher *batcher = arg;

	do {
		while (sem_wait(&batcher->work) != 0)
			; /* EINTR */
		if (batcher->next.batch.n > 0 || start_next(batcher, NULL))
			run_batches(&flight);
	} while (!flight.late && !atomic_load(&batcher->closed));
	if (flight.late) {
		pthread_mutex_lock(&batcher->lock);
		batcher->late_workers--;
		pthread_cond_signal(&batcher->late_ended);
		pthread_mutex_unlock(&batcher->lock);
	}
	return NULL;
}

/*
 * The worker blocks all signals: EINTR truncates libfcgi writes. It
 * starts lazily, after the process has installed its signal handlers.
 */
bool
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

void
run_inline(struct batcher *batcher, struct pending_call *call)
{
	struct flight flight = { .batcher = batcher };
	struct batch batch = { .list = &call, .n = 1, .stuck = stuck_rows(batcher->stuck) };
	g_autofree char *text = batch_encode(batch);

	call->in_batch = true;
	if (run_batch(&flight, &batch, text, NULL))
		sem_post(&batcher->work);
	while (batch.n == 0 && sem_wait(&call->wake) != 0)
		; /* EINTR */
}
