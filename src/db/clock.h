/* Monotonic time in milliseconds. Deadlines are points of this clock. */
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

/* `ms` for sem_clockwait() with CLOCK_MONOTONIC, and for waits on a clock_cond_init() condition. */
static inline struct timespec
clock_timespec(int64_t ms)
{
	return (struct timespec){ .tv_sec = ms / 1000, .tv_nsec = (ms % 1000) * 1000000 };
}

/* Initialises a condition variable whose timed waits use CLOCK_MONOTONIC. */
static inline void
clock_cond_init(pthread_cond_t *cond)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(cond, &attr);
	pthread_condattr_destroy(&attr);
}

/*
 * Rate limit of a log line: true for one caller a second. `last` starts as 0 and is shared.
 */
static inline bool
clock_once_a_second(_Atomic int64_t *last)
{
	int64_t now = clock_ms();
	int64_t before = atomic_load(last);

	return now - before >= 1000 && atomic_compare_exchange_strong(last, &before, now);
}

#endif
