#include "http/background.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <time.h>

#include "base/log.h"

enum { TICK_MS = 500 }; /* between two calls; what clients see may be a second old in addition */

struct background {
	pthread_t thread;
	const struct site *site;
	sem_t stop; /* ends the wait between two calls */
	atomic_bool stopping;
	bool runs;
};

/* Waits for the next tick, or until the stop. */
static void
wait_for_tick(struct background *b)
{
	struct timespec next;

	clock_gettime(CLOCK_MONOTONIC, &next);
	next.tv_nsec += TICK_MS * 1000000L;
	next.tv_sec += next.tv_nsec / 1000000000L;
	next.tv_nsec %= 1000000000L;
	while (sem_clockwait(&b->stop, CLOCK_MONOTONIC, &next) != 0)
		if (errno != EINTR)
			break;
}

static void *
run(void *arg)
{
	struct background *b = arg;

	while (!atomic_load(&b->stopping))
		if (!b->site->background_tick())
			wait_for_tick(b);
	return NULL;
}

struct background *
background_start(const struct site *site)
{
	struct background *b = g_new0(struct background, 1);

	b->site = site;
	sem_init(&b->stop, 0, 0);
	b->runs = site->background_tick != NULL && pthread_create(&b->thread, NULL, run, b) == 0;
	if (site->background_tick != NULL && !b->runs)
		log_line(LOG_WARN, "cannot start the background thread");
	return b;
}

void
background_stop(struct background *b)
{
	atomic_store(&b->stopping, true);
	sem_post(&b->stop);
	if (b->runs)
		pthread_join(b->thread, NULL);
	sem_destroy(&b->stop);
	g_free(b);
}
