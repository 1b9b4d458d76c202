/* The bound of threads that read requests which have not arrived completely. */
#include <pthread.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "http/slow_request.h"
#include "unit.h"

enum { THREADS = 8 };

static int pair[2];

/* Begins a request on a thread that then ends without reading it, so that its place is not free. */
static void *
begin(void *arg)
{
	*(bool *)arg = slow_request_begin(pair[0]);
	return NULL;
}

static bool
begin_on_a_thread(void)
{
	pthread_t thread;
	bool begun = false;

	assert_int_equal(pthread_create(&thread, NULL, begin, &begun), 0);
	pthread_join(thread, NULL);
	return begun;
}

/* A complete request without parameters and body: BEGIN_REQUEST, PARAMS, STDIN. */
static const unsigned char request[] = { 1, 1, 0, 1, 0, 8, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 1, 4, 0, 1,
	0, 0, 0, 0, 1, 5, 0, 1, 0, 0, 0, 0 };

static void
test_bound(void **state)
{
	pthread_t waiting;
	bool begun = false;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	slow_request_set_threads(THREADS);
	assert_true(slow_request_begin(pair[0]));
	assert_true(begin_on_a_thread());
	assert_false(begin_on_a_thread()); /* a quarter of the threads */
	slow_request_end();
	slow_request_end(); /* once is enough */
	assert_true(begin_on_a_thread());
	assert_false(begin_on_a_thread());

	/* a place that becomes free meanwhile: a long request is never readable at once */
	slow_request_set_threads(3 * THREADS / 2);
	assert_true(slow_request_begin(pair[0]));
	assert_int_equal(pthread_create(&waiting, NULL, begin, &begun), 0);
	nanosleep(&(struct timespec){ .tv_nsec = 10 * 1000000L }, NULL);
	slow_request_end();
	pthread_join(waiting, NULL);
	assert_true(begun);

	/* a request that arrives after all needs no place */
	assert_int_equal(write(pair[1], request, sizeof request), sizeof request);
	assert_true(begin_on_a_thread());
	close(pair[0]);
	close(pair[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bound),
	};

	return cmocka_run_group_tests_name("http_slow_request", tests, NULL, NULL);
}
