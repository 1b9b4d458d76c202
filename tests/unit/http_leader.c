/* Leader/followers: an event wakes one follower, and the end releases all threads at once. */
#include <pthread.h>
#include <stdbool.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "http/leader.h"
#include "unit.h"

enum { N_FOLLOWERS = 8, TEST_SECONDS = 60 };

static void *
acquire(void *arg)
{
	return leader_acquire(arg) ? arg : NULL;
}

/* A leader that gave up leadership is replaced by a follower when the next event comes. */
static void *
take_event(void *arg)
{
	struct leader *l = arg;
	void *owner = leader_acquire(l) ? leader_next_event(l, 0) : NULL;

	leader_release(l);
	return owner;
}

static void
test_event_wakes_follower(void **state)
{
	struct leader *l = leader_new();
	int fd = eventfd(0, EFD_CLOEXEC);
	pthread_t follower;
	void *owner = NULL;

	(void)state;
	assert_non_null(l);
	assert_true(leader_watch(l, fd, EPOLL_CTL_ADD, EPOLLIN, &fd));
	assert_true(leader_acquire(l));
	assert_null(leader_next_event(l, 0));
	assert_int_equal(pthread_create(&follower, NULL, take_event, l), 0);
	eventfd_write(fd, 1);
	leader_release(l);
	pthread_join(follower, &owner);
	assert_ptr_equal(owner, &fd);
	close(fd);
	leader_free(l);
}

/* No thread has to lead to learn of the end: with hundreds of threads they would take turns. */
static void
test_end_releases_all(void **state)
{
	struct leader *l = leader_new();
	pthread_t followers[N_FOLLOWERS];

	(void)state;
	assert_true(leader_acquire(l));
	for (int i = 0; i < N_FOLLOWERS; i++)
		assert_int_equal(pthread_create(&followers[i], NULL, acquire, l), 0);
	leader_end(l);
	leader_release(l);
	for (int i = 0; i < N_FOLLOWERS; i++) {
		void *led = NULL;

		pthread_join(followers[i], &led); /* none of them calls leader_release() */
		assert_null(led);
	}
	assert_false(leader_acquire(l));
	leader_free(l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_event_wakes_follower),
		cmocka_unit_test(test_end_releases_all),
	};

	alarm(TEST_SECONDS); /* a thread that is not released would wait forever */
	return cmocka_run_group_tests_name("http_leader", tests, NULL, NULL);
}
