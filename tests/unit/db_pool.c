/* The pool: its limit, its line, its deadlines. Needs no server, as a place is taken before anything is opened. */
#include <glib.h>
#include <pthread.h>

#include "db/clock.h"
#include "db/pool.h"
#include "db_test.h"

struct taker {
	struct pool *pool;
	pthread_t thread;
	int number;
	int *turn; /* counts who had a place, under nothing but the pool's own order */
	int came;
};

static void *
take_and_give(void *arg)
{
	struct taker *me = arg;
	struct pool_slot *place = pool_acquire(me->pool, clock_ms() + 10000);

	if (place == NULL)
		return NULL;
	me->came = (*me->turn)++;
	pool_release(place);
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
			fail_msg("nobody came into the line");
	} while (stats.waiting != waiting);
}

static void
no_more_places_than_agreed(void **state)
{
	struct pool *pool = pool_new(2);
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
waiting_ends_with_the_deadline(void **state)
{
	struct pool *pool = pool_new(1);
	struct pool_slot *place = pool_acquire(pool, clock_ms() + 1000);
	int64_t before = clock_ms();

	(void)state;
	assert_null(pool_acquire(pool, before + 100));
	assert_in_range(clock_ms() - before, 100, 2000);
	assert_null(pool_acquire(pool, before)); /* a deadline that has passed */
	pool_release(place);
	pool_free(pool);
}

static void
who_came_first_is_first(void **state)
{
	struct taker takers[8];
	struct pool *pool = pool_new(1);
	struct pool_slot *place = pool_acquire(pool, clock_ms() + 1000);
	int turn = 0;

	(void)state;
	for (int i = 0; i < 8; i++) {
		takers[i] = (struct taker){ .pool = pool, .number = i, .turn = &turn, .came = -1 };
		pthread_create(&takers[i].thread, NULL, take_and_give, &takers[i]);
		wait_until_waiting(pool, i + 1);
	}
	pool_release(place);
	for (int i = 0; i < 8; i++) {
		pthread_join(takers[i].thread, NULL);
		assert_int_equal(takers[i].came, takers[i].number);
	}
	pool_free(pool);
}

static void *
take_in_vain(void *arg)
{
	struct taker *me = arg;

	return pool_acquire(me->pool, clock_ms() + 300);
}

/* Those who give up leave the line in its order, from its middle and from its end. */
static void
who_gives_up_is_not_waited_for(void **state)
{
	struct taker takers[4];
	struct pool *pool = pool_new(1);
	struct pool_slot *place = pool_acquire(pool, clock_ms() + 1000);
	int turn = 0;

	(void)state;
	for (int i = 0; i < 4; i++) {
		takers[i] =
			(struct taker){ .pool = pool, .number = i / 2, .turn = &turn, .came = -1 };
		pthread_create(&takers[i].thread, NULL, i % 2 == 0 ? take_and_give : take_in_vain,
			&takers[i]);
		wait_until_waiting(pool, i + 1);
	}
	for (int i = 1; i < 4; i += 2) {
		void *got = &turn;

		pthread_join(takers[i].thread, &got);
		assert_null(got);
	}
	wait_until_waiting(pool, 2);
	pool_release(place);
	for (int i = 0; i < 4; i += 2) {
		pthread_join(takers[i].thread, NULL);
		assert_int_equal(takers[i].came, takers[i].number);
	}
	place = pool_acquire(pool, clock_ms() + 1000);
	assert_non_null(place);
	pool_release(place);
	pool_free(pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_more_places_than_agreed),
		cmocka_unit_test(waiting_ends_with_the_deadline),
		cmocka_unit_test(who_came_first_is_first),
		cmocka_unit_test(who_gives_up_is_not_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
