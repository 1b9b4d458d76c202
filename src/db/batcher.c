#include "db/batcher.h"

#include <errno.h>
#include <glib.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>

#include "base/log.h"
#include "db/batch.h"
#include "db/clock.h"

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
	pthread_mutex_t lock;
	/* the queue, under `lock` */
	struct pending_call *first;
	struct pending_call **last;
	unsigned waiting;
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
batcher_new(struct runner *runner, const struct statement *st)
{
	struct batcher *batcher = g_new0(struct batcher, 1);

	batcher->runner = runner;
	batcher->st = st;
	batcher->last = &batcher->first;
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
	waiting = batcher->waiting;
	pthread_mutex_unlock(&batcher->lock);
	return waiting;
}

/* ---- the queue; the lock is held ---- */

static void
queue_push(struct batcher *batcher, struct pending_call *call)
{
	*batcher->last = call;
	batcher->last = &call->next;
	batcher->waiting++;
}

/* Removes a call from any position. */
static void
queue_remove(struct batcher *batcher, struct pending_call *call)
{
	struct pending_call **at = &batcher->first;

	while (*at != call)
		at = &(*at)->next;
	*at = call->next;
	if (batcher->last == &call->next)
		batcher->last = at;
	batcher->waiting--;
}

static void
queue_push_front(struct batcher *batcher, struct pending_call *call)
{
	call->next = batcher->first;
	if (batcher->first == NULL)
		batcher->last = &call->next;
	batcher->first = call;
	batcher->waiting++;
}

/* Takes the next batch, in order of arrival; g_free its list. */
static struct batch
queue_take(struct batcher *batcher)
{
	struct batch batch = { NULL, MIN(batcher->waiting, batcher->batch_max) };

	if (batch.n > 0)
		batch.list = g_new(struct pending_call *, batch.n);
	for (size_t i = 0; i < batch.n; i++) {
		batch.list[i] = batcher->first;
		batcher->first->in_batch = true;
		queue_remove(batcher, batcher->first);
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
	struct batch batch;

	pthread_mutex_lock(&batcher->lock);
	batch = queue_take(batcher);
	batcher->in_flight = batch.n > 0;
	pthread_mutex_unlock(&batcher->lock);
	if (slot != NULL && (batch.n == 0 || is_past_deadline(batch))) {
		pool_release(slot);
		slot = NULL;
	}
	if (batch.n == 0)
		return false;
	batcher->next = (struct started_batch){ batch, batch_encode(batch), slot };
	if (slot != NULL)
		run_send(slot, batcher->st, (const char *[]){ batcher->next.text });
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
		queue_push_front(batcher, call);
	}
	pthread_mutex_unlock(&batcher->lock);
}

/*
 * Runs a batch until its calls have outcomes; `batch->n` is less afterwards if some were requeued.
 * The next batch is sent, on the same connection, before these rows are decoded: all calls in the
 * queue wait for it. Returns whether there is a next one, in `batcher->next`.
 */
static bool
run_batch(struct batcher *batcher, struct batch *batch, const char *text, struct pool_slot *slot)
{
	struct reply reply = { 0 };
	enum err e = batch_run(batcher->runner, batcher->st, *batch, text, false, &slot, &reply);
	size_t done = batch->n;
	bool more;

	if (e != ERR_NONE)
		done = batch_recover(batcher->runner, batcher->st, *batch, e, &reply);
	if (done < batch->n)
		requeue_tail(batcher, batch, done);
	else
		batcher->batch_max = MIN(2 * batcher->batch_max, BATCH_MAX);
	more = start_next(batcher, slot);
	if (e == ERR_NONE)
		batch_decode(batcher->st, &reply, *batch);
	reply_clear(&reply);
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

/* Enqueues a call, if there is a worker to take it and the queue is not full. The lock is held. */
static bool
enqueue(struct batcher *batcher, struct pending_call *call)
{
	if (batcher->waiting >= QUEUE_MAX || (!batcher->has_worker && !worker_start(batcher)))
		return false;
	queue_push(batcher, call);
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
		queue_remove(batcher, call);
		call->err = ERR_BUSY;
	}
	pthread_mutex_unlock(&batcher->lock);
	while (!dequeued && sem_wait(&call->wake) != 0)
		; /* EINTR */
}

/* Runs a call as a batch of one on this thread. The worker runs what was enqueued meanwhile. */
static void
run_inline(struct batcher *batcher, struct pending_call *call)
{
	struct batch batch = { &call, 1 };
	g_autofree char *text = batch_encode(batch);

	if (run_batch(batcher, &batch, text, NULL))
		sem_post(&batcher->work);
}

enum err
batcher_call(struct batcher *batcher, const struct db_param *params, size_t n_params,
	int64_t deadline, struct db_result *out)
{
	struct pending_call me = { .deadline = deadline, .out = out };
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

	*call = (struct pending_call){ .deadline = deadline, .out = out, .done = done, .arg = arg };
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
