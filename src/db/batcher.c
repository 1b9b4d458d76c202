#include "db/batcher.h"

#include <errno.h>
#include <glib.h>
#include <pthread.h>
#include <semaphore.h>

#include "db/batch_worker.h"
#include "db/clock.h"

enum { QUEUE_MAX = 1024 };

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
	pthread_cond_init(&batcher->late_ended, NULL);
	sem_init(&batcher->work, 0, 0);
	return batcher;
}

void
batcher_free(struct batcher *batcher)
{
	pthread_mutex_lock(&batcher->lock);
	atomic_store(&batcher->closed, true); /* no worker will be late from now on */
	while (batcher->late_workers > 0)
		pthread_cond_wait(&batcher->late_ended, &batcher->lock);
	pthread_mutex_unlock(&batcher->lock);
	if (batcher->has_worker) {
		sem_post(&batcher->work);
		pthread_join(batcher->worker, NULL);
	}
	sem_destroy(&batcher->work);
	pthread_cond_destroy(&batcher->late_ended);
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

void
batcher_sizes(struct batcher *batcher, unsigned long out[BATCH_SIZES])
{
	for (size_t i = 0; i < BATCH_SIZES; i++)
		out[i] += atomic_load(&batcher->sizes[i]);
}

/* ---- calls ---- */

/* Continues a call that has waited for a stuck row, or completes it at its deadline. */
static void
resume(struct pending_call *call, bool expired)
{
	struct batcher *batcher = call->batcher;

	g_clear_pointer(&call->stuck, g_free);
	if (!expired && requeue(batcher, call))
		return;
	call->err = ERR_BUSY;
	complete(batcher, call);
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
