#include "base/work_queue.h"

#include <glib.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/log.h"

struct job {
	void (*run)(void *arg);
	void *arg;
	char request[LOG_REQUEST_SIZE]; /* of the thread that submitted it */
};

struct work_queue {
	const char *name;
	int nice;
	int threads_max;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* under the lock: */
	struct job *waiting; /* a ring of `waiting_max` */
	int waiting_max, first, n_waiting;
	pthread_t *threads;
	int n_threads;
	bool closed; /* the threads end once nothing waits */
};

struct work_queue *
work_queue_new(const char *name, int threads, int waiting_max, int nice)
{
	struct work_queue *q = g_new0(struct work_queue, 1);

	q->name = name;
	q->nice = nice;
	q->threads_max = threads;
	q->threads = g_new0(pthread_t, threads);
	q->waiting_max = waiting_max;
	q->waiting = g_new0(struct job, waiting_max);
	pthread_mutex_init(&q->lock, NULL);
	pthread_cond_init(&q->changed, NULL);
	return q;
}

void
work_queue_free(struct work_queue *q)
{
	if (q == NULL)
		return;
	pthread_mutex_lock(&q->lock);
	q->closed = true;
	pthread_cond_broadcast(&q->changed);
	pthread_mutex_unlock(&q->lock);
	for (int i = 0; i < q->n_threads; i++)
		pthread_join(q->threads[i], NULL);
	pthread_cond_destroy(&q->changed);
	pthread_mutex_destroy(&q->lock);
	g_free(q->threads);
	g_free(q->waiting);
	g_free(q);
}

/* Takes the next job, and waits for one; false: the queue is closed and empty. */
static bool
take(struct work_queue *q, struct job *job)
{
	bool taken;

	pthread_mutex_lock(&q->lock);
	while (q->n_waiting == 0 && !q->closed)
		pthread_cond_wait(&q->changed, &q->lock);
	taken = q->n_waiting > 0;
	if (taken) {
		*job = q->waiting[q->first];
		q->first = (q->first + 1) % q->waiting_max;
		q->n_waiting--;
	}
	pthread_mutex_unlock(&q->lock);
	return taken;
}

/* On Linux the nice value belongs to the thread. Without the right to set it, it stays as it is. */
static void *
work(void *arg)
{
	struct work_queue *q = arg;
	struct job job;

	if (q->nice != 0)
		setpriority(PRIO_PROCESS, (id_t)gettid(), q->nice);
	while (take(q, &job)) {
		log_set_request(job.request);
		job.run(job.arg);
	}
	return NULL;
}

/*
 * Starts the threads; the lock is held. They block all signals: EINTR truncates libfcgi writes.
 * False if there is none.
 */
static bool
start_threads(struct work_queue *q)
{
	sigset_t all;
	sigset_t before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	while (q->n_threads < q->threads_max &&
		pthread_create(&q->threads[q->n_threads], NULL, work, q) == 0)
		q->n_threads++;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (q->n_threads < q->threads_max)
		log_line(LOG_WARN, "started only %d of %d threads for %s", q->n_threads,
			q->threads_max, q->name);
	return q->n_threads > 0;
}

bool
work_queue_submit(struct work_queue *q, void (*run)(void *arg), void *arg)
{
	bool enqueued;

	pthread_mutex_lock(&q->lock);
	enqueued = q->n_waiting < q->waiting_max && (q->n_threads > 0 || start_threads(q));
	if (enqueued) {
		struct job *job = &q->waiting[(q->first + q->n_waiting) % q->waiting_max];

		*job = (struct job){ .run = run, .arg = arg };
		g_strlcpy(job->request, log_request(), sizeof job->request);
		q->n_waiting++;
		pthread_cond_signal(&q->changed);
	}
	pthread_mutex_unlock(&q->lock);
	return enqueued;
}

int
work_queue_waiting(struct work_queue *q)
{
	int n;

	pthread_mutex_lock(&q->lock);
	n = q->n_waiting;
	pthread_mutex_unlock(&q->lock);
	return n;
}
