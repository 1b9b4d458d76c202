#include "http/slow_request.h"

#include <stdatomic.h>
#include <time.h>

#include "http/fcgi_record.h"

enum {
	THREADS_FOR_ONE = 4,
	LOOKS = 25, /* for the rest, or a place, every 2 ms */
	LOOK_MS = 2,
};

static atomic_int reading;
static atomic_int reading_max = 1;
static _Thread_local bool is_reading;

void
slow_request_set_threads(int n_threads)
{
	int max = n_threads / THREADS_FOR_ONE;

	atomic_store(&reading_max, max > 1 ? max : 1);
}

static bool
take_place(void)
{
	is_reading = atomic_fetch_add(&reading, 1) < atomic_load(&reading_max);
	if (!is_reading)
		atomic_fetch_sub(&reading, 1);
	return is_reading;
}

/* A long request is never readable at once, but others end, and leave their places. */
bool
slow_request_begin(int fd)
{
	const struct timespec pause = { .tv_nsec = LOOK_MS * 1000000L };

	for (int i = 0; i < LOOKS && !take_place(); i++) {
		nanosleep(&pause, NULL);
		if (fcgi_is_readable_at_once(fd))
			return true;
	}
	return is_reading || take_place();
}

void
slow_request_end(void)
{
	if (is_reading)
		atomic_fetch_sub(&reading, 1);
	is_reading = false;
}
