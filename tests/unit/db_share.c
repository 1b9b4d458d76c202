/* The places of unbatched writes: their limits, and the order of claims. Needs no server. */
#include <glib.h>
#include <pthread.h>

#include "db/clock.h"
#include "db/share.h"
#include "db_test.h"

enum { SOON_MS = 20, LONG_MS = 10000 };

static const struct claim writes[] = {
	{ .of_session = true, .owner = "ann" },
	{ .of_session = true, .owner = "bob" },
	{ .of_session = true, .owner = "cat" },
};
static const struct claim sign_in = { 0 };
static _Atomic int64_t missed_ms;
static const struct claim suspects[] = {
	{ .of_session = true, .owner = "ann", .missed_ms = &missed_ms },
	{ .of_session = true, .owner = "bob", .missed_ms = &missed_ms },
};

static bool
is_taken(struct share *share, const struct claim *claim)
{
	return share_take(share, claim, clock_ms() + SOON_MS);
}

static void
each_kind_leaves_a_place(void **state)
{
	struct share *share = share_new(3);

	(void)state;
	assert_true(is_taken(share, &writes[0]));
	assert_true(is_taken(share, &writes[1]));
	assert_false(is_taken(share, &writes[2]));
	assert_true(is_taken(share, &sign_in));
	assert_false(is_taken(share, &sign_in)); /* all three are taken */
	share_release(share, &writes[0]);
	assert_true(is_taken(share, &sign_in));
	share_release(share, &writes[1]);
	assert_false(is_taken(share, &sign_in));
	assert_true(is_taken(share, &writes[2]));
	share_release(share, &writes[2]);
	share_release(share, &sign_in);
	share_release(share, &sign_in);
	share_free(share);
}

static void
owners_and_suspects_leave_a_place_to_others(void **state)
{
	struct share *share = share_new(3);

	(void)state;
	missed_ms = 0;
	assert_true(is_taken(share, &writes[0]));
	assert_false(is_taken(share, &writes[0]));
	assert_true(is_taken(share, &suspects[1]));
	share_release(share, &writes[0]);
	missed_ms = clock_ms(); /* also those that have a place are suspect then */
	assert_false(is_taken(share, &suspects[0])); /* another owner, but suspect as well */
	assert_true(is_taken(share, &writes[0]));
	share_release(share, &writes[0]);
	missed_ms = clock_ms() - 3000;
	assert_true(is_taken(share, &suspects[0]));
	share_release(share, &suspects[0]);
	share_release(share, &suspects[1]);
	share_free(share);
}

static void
one_place_is_for_all(void **state)
{
	struct share *share = share_new(1);

	(void)state;
	assert_true(is_taken(share, &suspects[0]));
	assert_false(is_taken(share, &sign_in));
	share_release(share, &suspects[0]);
	assert_true(is_taken(share, &sign_in));
	share_release(share, &sign_in);
	share_free(share);
}

/* ---- claims that wait ---- */

struct taker {
	struct share *share;
	const struct claim *claim;
	pthread_t thread;
	int *turn; /* counts places that were taken; only who has a place writes it */
	int order; /* -1: had none */
};

static void *
take_and_release(void *arg)
{
	struct taker *me = arg;

	if (!share_take(me->share, me->claim, clock_ms() + LONG_MS))
		return NULL;
	me->order = (*me->turn)++;
	share_release(me->share, me->claim);
	return NULL;
}

/* Starts a taker, and waits until it waits for a place. */
static void
start(struct taker *me, struct share *share, const struct claim *claim, int *turn)
{
	int64_t until = clock_ms() + LONG_MS;
	int waiting = share_waiting(share);

	*me = (struct taker){ .share = share, .claim = claim, .turn = turn, .order = -1 };
	assert_int_equal(pthread_create(&me->thread, NULL, take_and_release, me), 0);
	while (share_waiting(share) == waiting) {
		assert_true(clock_ms() < until);
		g_usleep(200);
	}
}

static void
claims_are_served_in_order(void **state)
{
	struct share *share = share_new(1);
	struct taker takers[3];
	int turn = 0;

	(void)state;
	assert_true(is_taken(share, &sign_in));
	for (int i = 0; i < 3; i++)
		start(&takers[i], share, &writes[i], &turn);
	share_release(share, &sign_in);
	for (int i = 0; i < 3; i++) {
		pthread_join(takers[i].thread, NULL);
		assert_int_equal(takers[i].order, i);
	}
	assert_int_equal(share_waiting(share), 0);
	share_free(share);
}

static void
a_claim_that_must_wait_holds_up_no_other(void **state)
{
	struct share *share = share_new(3);
	struct taker second, other;
	int turn = 0;

	(void)state;
	assert_true(is_taken(share, &writes[0]));
	assert_true(is_taken(share, &sign_in));
	assert_true(is_taken(share, &sign_in));
	start(&second, share, &writes[0], &turn); /* a second one of the same owner */
	start(&other, share, &writes[1], &turn);
	share_release(share, &sign_in);
	pthread_join(other.thread, NULL);
	assert_int_equal(other.order, 0);
	share_release(share, &writes[0]);
	pthread_join(second.thread, NULL);
	assert_int_equal(second.order, 1);
	share_release(share, &sign_in);
	share_free(share);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_leaves_a_place),
		cmocka_unit_test(owners_and_suspects_leave_a_place_to_others),
		cmocka_unit_test(one_place_is_for_all),
		cmocka_unit_test(claims_are_served_in_order),
		cmocka_unit_test(a_claim_that_must_wait_holds_up_no_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
