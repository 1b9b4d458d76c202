/* The pool: its size, the order of waiting threads, deadlines. Needs no server. */
#include <glib.h>
#include <pthread.h>

#include "db/clock.h"
#include "db/pool.h"
#include "db_test.h"

struct acquirer {
	struct pool *pool;
	pthread_t thread;
	int number;
	int *turn; /* counts threads that had the slot; only the slot's holder writes it */
	int order; /* -1: had none */
};

static void *
acquire_and_release(void *arg)
{
	struct acquirer *me = arg;
	struct pool_slot *slot = pool_acquire(me->pool, clock_ms() + 10000);

	if (slot == NULL)
		return NULL;
	me->order = (*me->turn)++;
	pool_release(slot);
	return NULL;
}

static void
wait_until_waiting(struct pool *pool, int waiting)
{
	struct pool_stats stats;
	int64_t until = clock_ms() + 10000;

	do {
		pool_stats(pool, &stats);
		if (clock_ms() > until)
			fail_msg("no thread waits");
		g_usleep(200);
	} while (stats.waiting != waiting);
}

static void
slots_are_limited(void **state)
{
	struct pool *pool = pool_new(2, 0);
	struct pool_slot *a = pool_acquire(pool, clock_ms() + 1000);
	struct pool_slot *b = pool_acquire(pool, clock_ms() + 1000);
	struct pool_stats stats;

	(void)state;
	assert_non_null(a);
	assert_non_null(b);
	assert_ptr_not_equal(a, b);
	assert_null(pool_acquire(pool, clock_ms() + 20));
	pool_stats(pool, &stats);
	assert_int_equal(stats.in_use, 2);
	assert_int_equal(stats.open, 0);
	assert_int_equal(stats.waiting, 0);
	pool_release(a);
	assert_ptr_equal(pool_acquire(pool, clock_ms() + 20), a);
	pool_release(a);
	pool_release(b);
	pool_stats(pool, &stats);
	assert_int_equal(stats.in_use, 0);
	pool_free(pool);
}

static void
waiting_ends_at_the_deadline(void **state)
{
	struct pool *pool = pool_new(1, 0);
	struct pool_slot *slot = pool_acquire(pool, clock_ms() + 1000);
	int64_t before = clock_ms();

	(void)state;
	assert_null(pool_acquire(pool, before + 100));
	assert_in_range(clock_ms() - before, 100, 2000);
	assert_null(pool_acquire(pool, before)); /* a deadline that has passed */
	pool_release(slot);
	pool_free(pool);
}

static void
threads_are_served_in_order(void **state)
{
	struct acquirer acquirers[8];
	struct pool *pool = pool_new(1, 0);
	struct pool_slot *slot = pool_acquire(pool, clock_ms() + 1000);
	int turn = 0;

	(void)state;
	for (int i = 0; i < 8; i++) {
		acquirers[i] =
			(struct acquirer){ .pool = pool, .number = i, .turn = &turn, .order = -1 };
		pthread_create(&acquirers[i].thread, NULL, acquire_and_release, &acquirers[i]);
		wait_until_waiting(pool, i + 1);
	}
	pool_release(slot);
	for (int i = 0; i < 8; i++) {
		pthread_join(acquirers[i].thread, NULL);
		assert_int_equal(acquirers[i].order, acquirers[i].number);
	}
	pool_free(pool);
}

static void *
time_out(void *arg)
{
	struct acquirer *me = arg;

	return pool_acquire(me->pool, clock_ms() + 2000);
}

/* Threads that time out leave the queue's order intact, in its middle and at its end. */
static void
threads_that_time_out_are_skipped(void **state)
{
	struct acquirer acquirers[4];
	struct pool *pool = pool_new(1, 0);
	struct pool_slot *slot = pool_acquire(pool, clock_ms() + 1000);
	int turn = 0;

	(void)state;
	for (int i = 0; i < 4; i++) {
		acquirers[i] = (struct acquirer){
			.pool = pool, .number = i / 2, .turn = &turn, .order = -1
		};
		pthread_create(&acquirers[i].thread, NULL,
			i % 2 == 0 ? acquire_and_release : time_out, &acquirers[i]);
		wait_until_waiting(pool, i + 1);
	}
	for (int i = 1; i < 4; i += 2) {
		void *got = &turn;

		pthread_join(acquirers[i].thread, &got);
		assert_null(got);
	}
	wait_until_waiting(pool, 2);
	pool_release(slot);
	for (int i = 0; i < 4; i += 2) {
		pthread_join(acquirers[i].thread, NULL);
		assert_int_equal(acquirers[i].order, acquirers[i].number);
	}
	slot = pool_acquire(pool, clock_ms() + 1000);
	assert_non_null(slot);
	pool_release(slot);
	pool_free(pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slots_are_limited),
		cmocka_unit_test(waiting_ends_at_the_deadline),
		cmocka_unit_test(threads_are_served_in_order),
		cmocka_unit_test(threads_that_time_out_are_skipped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
