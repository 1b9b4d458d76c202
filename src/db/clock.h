/* The room's clock: milliseconds that only ever go forward. Deadlines are points on it. */
#ifndef SHOETOPIA_DB_CLOCK_H
#define SHOETOPIA_DB_CLOCK_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

static inline int64_t
clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The same point for sem_clockwait() with CLOCK_MONOTONIC, and for pthread_cond_timedwait() on a condition with it. */
static inline struct timespec
clock_timespec(int64_t ms)
{
	return (struct timespec){ .tv_sec = ms / 1000, .tv_nsec = (ms % 1000) * 1000000 };
}

/* A condition whose timed waits go by this clock. */
static inline void
clock_cond_init(pthread_cond_t *cond)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(cond, &attr);
	pthread_condattr_destroy(&attr);
}

/* True once a second, for one thread: for a log line that would else come thousands of times. `last` begins as 0. */
static inline bool
clock_once_a_second(_Atomic int64_t *last)
{
	int64_t now = clock_ms();
	int64_t before = atomic_load(last);

	return now - before >= 1000 && atomic_compare_exchange_strong(last, &before, now);
}

#endif
