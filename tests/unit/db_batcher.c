/* Calls that travel together: who travels with whom, that each gets its own answer, and that one's mishap is nobody else's. */
#include <glib.h>
#include <pthread.h>
#include <stdatomic.h>

#include "callers.h"
#include "db/clock.h"

enum { CROWD = 40, CALLS_EACH = 25, IN_LINE_MAX = 1024 };

static struct db *db;

static int
set_up(void **state)
{
	(void)state;
	test_make_schema();
	db = db_open(4, 10000);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	db_close(db);
	return 0;
}

static void
alone_one_travels_alone(void **state)
{
	struct caller me;

	(void)state;
	for (int i = 0; i < 3; i++) {
		caller_start(&me, db, "me", NULL, NULL, NULL);
		caller_ends(&me, ERR_NONE);
	}
	assert_int_equal(
		test_number("select count(*) from test.batches where names = array['me']"), 3);
}

/* Who comes while batches are under way goes in the next one: all of them, in the order in which they came, each with its own answer. */
static void
a_crowd_travels_together(void **state)
{
	struct caller crowd[CROWD] = { 0 };
	int n_first;

	(void)state;
	for (int i = 3; i < CROWD; i += 4) {
		crowd[i].what = "code";
		crowd[i].value = "cart_empty";
		crowd[i].wanted = ERR_CART_EMPTY;
	}
	n_first = crowd_travels(db, "c", crowd, CROWD, false);
	assert_in_range(
		test_number("select count(*) from test.batches where names[2] is not null"), 1, 2);
	assert_int_equal(
		test_number(
			"select count(*) from test.batches where names[2:] <> array(select unnest(names[2:]) order by 1)"),
		0);
	assert_int_equal(
		test_number(
			"select sum(cardinality(names)) from test.batches where names <> array['me']"),
		n_first + CROWD);
}

/*
 * A call that makes its batch fail is found, and only it sees its error. Nothing is done twice. Those behind it go on together: they were not
 * the culprit, as far as anybody knows.
 */
static void
only_the_culprit_sees_its_error(void **state)
{
	struct caller crowd[CROWD] = { 0 };
	char keys[CROWD][16];

	(void)state;
	for (int i = 0; i < CROWD; i++) {
		g_snprintf(keys[i], sizeof keys[i], "bomb %d", i);
		crowd[i].key = i % 5 == 0 ? NULL : keys[i];
		crowd[i].value = "0";
		if (i == 7 || i == 23) {
			crowd[i].what = "bomb";
			crowd[i].wanted = ERR_FAULT;
		}
	}
	crowd_travels(db, "b", crowd, CROWD, false);
	assert_int_equal(test_number("select count(*) from test.marks where key like 'bomb %'"),
		CROWD - CROWD / 5 - 2);
	assert_int_equal(
		test_number(
			"select count(*) from (select unnest(names) as n from test.batches) b where n like 'b%'"),
		CROWD - 2);
	assert_int_equal(
		test_number(
			"select count(*) from test.batches where names = "
			"(select array_agg('b' || i order by i) from generate_series(24, 39) as i)"),
		1);
}

/* Where all are at fault, as after an accident with the schema, a call is not tried over and over. */
static void
many_culprits_are_soon_told(void **state)
{
	struct caller crowd[CROWD] = { 0 };
	long before = test_number("select last_value from test.bombs");

	(void)state;
	for (int i = 0; i < CROWD; i++) {
		crowd[i].what = "bomb";
		crowd[i].value = "0";
		crowd[i].wanted = ERR_FAULT;
	}
	crowd_travels(db, "m", crowd, CROWD, false);
	assert_in_range(
		test_number("select last_value from test.bombs") - before, CROWD, 2 * CROWD + 8);
}

/*
 * Who travelled in vain behind a call that failed does so once more, but not after its deadline: others' deadlines, which are later, are not for it. The two
 * culprits of the first batch take 2.2 s; the second batch comes to grief at 3.3.
 */
static void
nobody_travels_again_too_late(void **state)
{
	struct db *hasty = db_open(4, 3000);
	struct caller first[FIRST_MAX], quick, slow, next, behind, late;
	int n_first;

	(void)state;
	gate_close();
	n_first = fill_lane(hasty, first);
	caller_start(&quick, hasty, "quick", NULL, "bomb", "0");
	wait_for_line(hasty, 2);
	caller_start(&slow, hasty, "slow", NULL, "bomb", "1.1");
	wait_for_line(hasty, 3);
	caller_start(&next, hasty, "next", NULL, NULL, NULL);
	wait_for_line(hasty, 4);
	caller_start(&behind, hasty, "behind", NULL, NULL, NULL);
	wait_for_line(hasty, 5);
	gate_open();
	g_usleep(1500 * 1000);
	caller_start(&late, hasty, "younger", NULL, NULL, NULL);
	for (int i = 0; i < n_first; i++)
		caller_ends(&first[i], ERR_NONE);
	caller_ends(&quick, ERR_FAULT);
	caller_ends(&slow, ERR_BUSY);
	caller_ends(&next, ERR_BUSY);
	caller_ends(&behind, ERR_BUSY);
	caller_ends(&late, ERR_NONE);
	db_close(hasty);
}

/*
 * The connection of a batch is lost: calls with a key go again, if need be more than once, and are carried out once; the others are told that
 * nobody knows.
 */
static void
keyed_calls_survive_a_lost_connection(void **state)
{
	struct caller crowd[10] = { 0 };
	char keys[10][16];

	(void)state;
	g_free(test_sql("alter sequence test.tries restart"));
	crowd_is_to_lose(crowd, keys, 10);
	crowd_travels(db, "l", crowd, 10, true);
	assert_int_equal(test_number("select count(*) from test.marks where key like 'lost %'"), 6);
	assert_int_equal(
		test_number(
			"select count(*) from (select unnest(names) as n from test.batches) b where n like 'l%'"),
		6);
}

/* Nobody waits longer than agreed, in line or on board; and then it goes on. */
static void
a_line_has_deadlines(void **state)
{
	struct db *hasty = db_open(4, 500);
	struct caller first[FIRST_MAX], crowd[CROWD], late;
	int n_first;
	int64_t before;

	(void)state;
	gate_close();
	before = clock_ms();
	n_first = fill_lane(hasty, first);
	for (int i = 0; i < CROWD; i++)
		caller_start(&crowd[i], hasty, "hasty", NULL, "gate", "1");
	for (int i = 0; i < n_first; i++)
		caller_ends(&first[i], ERR_BUSY);
	for (int i = 0; i < CROWD; i++)
		caller_ends(&crowd[i], ERR_BUSY);
	assert_in_range(clock_ms() - before, 400, 2 * 500 + SLACK_MS);
	gate_open();
	before = clock_ms();
	do { /* the rescues take a moment */
		caller_start(&late, hasty, "younger", NULL, NULL, NULL);
		pthread_join(late.thread, NULL);
		assert_true(clock_ms() - before < 10000);
	} while (late.err != ERR_NONE);
	db_close(hasty);
}

static atomic_bool enough;

static void *
call_until_enough(void *arg)
{
	struct caller *me = arg;
	const struct db_param params[] = { { .name = "name", .text = me->name },
		{ .name = "nap", .text = "1" } };

	while (!atomic_load(&enough) && me->err == ERR_NONE) {
		me->err = db_call(me->db, SQL_crowd, params, G_N_ELEMENTS(params), &me->out);
		db_result_clear(&me->out);
	}
	return NULL;
}

/* A lane keeps its connection from batch to batch, but not from others: with a single one, and a crowd that never ends, they still have their turn. */
static void
a_lane_gives_way(void **state)
{
	struct db *narrow = db_open(1, 10000);
	struct caller crowd[8] = { 0 };
	struct db_result out = { 0 };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(crowd); i++) {
		crowd[i].db = narrow;
		g_snprintf(crowd[i].name, sizeof crowd[i].name, "g%02zu", i);
		assert_int_equal(
			pthread_create(&crowd[i].thread, NULL, call_until_enough, &crowd[i]), 0);
	}
	while (test_number(
		       "select count(*) from (select unnest(names) as n from test.batches) b where n like 'g%'") <
		50)
		;
	for (int i = 0; i < 5; i++) {
		assert_int_equal(test_call(narrow, &out, SQL_echo, "a", "others", NULL), ERR_NONE);
		db_result_clear(&out);
	}
	atomic_store(&enough, true);
	for (size_t i = 0; i < G_N_ELEMENTS(crowd); i++) {
		pthread_join(crowd[i].thread, NULL);
		assert_int_equal(crowd[i].err, ERR_NONE);
	}
	db_close(narrow);
}

/* One that calls again and again, and sends its calls, if it can and `caller.sends`. */
struct repeater {
	struct caller caller;
	pthread_t thread;
	int sent;
	bool wrong;
};

static void *
call_often(void *arg)
{
	struct repeater *me = arg;
	struct caller *caller = &me->caller;

	for (int i = 0; i < CALLS_EACH && !me->wrong; i++) {
		if (caller->sends && caller_sends_again(caller))
			me->wrong = !caller_is_told(caller, ++me->sent) || me->wrong;
		else
			caller_calls(caller);
		me->wrong = me->wrong || !caller->own ||
			(caller->err != ERR_NONE && caller->err != ERR_BUSY);
	}
	return NULL;
}

/* Batches take about as long as calls may wait, so that many are told to come along or to drive just when they mean to leave. */
static void
leaving_and_being_told_may_meet(void **state)
{
	struct db *hasty = db_open(4, 24);
	struct repeater crowd[CROWD] = { 0 };
	struct caller after;
	struct db_stats stats;
	int64_t until;
	int sent = 0;

	(void)state;
	for (int i = 0; i < CROWD; i++) {
		crowd[i].caller = (struct caller){
			.db = hasty, .what = "nap", .value = "1", .sends = i % 2 == 0
		};
		g_snprintf(crowd[i].caller.name, sizeof crowd[i].caller.name, "m%02d", i);
		assert_int_equal(pthread_create(&crowd[i].thread, NULL, call_often, &crowd[i]), 0);
	}
	for (int i = 0; i < CROWD; i++) {
		pthread_join(crowd[i].thread, NULL);
		assert_false(crowd[i].wrong);
		sent += crowd[i].sent;
	}
	assert_in_range(sent, 1, CROWD / 2 * CALLS_EACH);
	db_stats(hasty, &stats);
	assert_int_equal(stats.waiting, 0);
	assert_int_equal(stats.calls + stats.busy, CROWD * CALLS_EACH);
	until = clock_ms() + 10000;
	do { /* and nobody holds the lane */
		assert_true(clock_ms() < until);
		caller_start(&after, hasty, "after", NULL, NULL, NULL);
		pthread_join(after.thread, NULL);
	} while (after.err != ERR_NONE);
	db_close(hasty);
	for (int i = 0; i < CROWD; i++)
		assert_int_equal(atomic_load(&crowd[i].caller.told), crowd[i].sent);
}

/* A line that is full takes nobody more, and says so at once. */
static void
a_full_line_turns_away(void **state)
{
	struct db *patient = db_open(
		4, 60000); /* a thousand threads take their time to begin under a sanitizer */
	struct caller first[FIRST_MAX];
	struct caller *line = g_new0(struct caller, IN_LINE_MAX);
	struct caller one_more;
	int64_t before;
	int n_first;

	(void)state;
	gate_close();
	n_first = fill_lane(patient, first);
	for (int i = 0; i < IN_LINE_MAX - 1; i++)
		caller_start(&line[i], patient, "in line", NULL, NULL, NULL);
	wait_for_line(patient, IN_LINE_MAX);
	before = clock_ms();
	caller_start(&one_more, patient, "too many", NULL, NULL, NULL);
	caller_ends(&one_more, ERR_BUSY);
	assert_in_range(clock_ms() - before, 0, 1000);
	gate_open();
	for (int i = 0; i < n_first; i++)
		caller_ends(&first[i], ERR_NONE);
	for (int i = 0; i < IN_LINE_MAX - 1; i++)
		caller_ends(&line[i], ERR_NONE);
	g_free(line);
	assert_int_equal(
		test_number(
			"select count(*) from (select unnest(names) as n from test.batches) b where n = 'in line'"),
		IN_LINE_MAX - 1);
	wait_for_line(patient, 0);
	db_close(patient);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(alone_one_travels_alone),
		cmocka_unit_test(a_crowd_travels_together),
		cmocka_unit_test(only_the_culprit_sees_its_error),
		cmocka_unit_test(many_culprits_are_soon_told),
		cmocka_unit_test(nobody_travels_again_too_late),
		cmocka_unit_test(keyed_calls_survive_a_lost_connection),
		cmocka_unit_test(a_line_has_deadlines),
		cmocka_unit_test(a_lane_gives_way),
		cmocka_unit_test(leaving_and_being_told_may_meet),
		cmocka_unit_test(a_full_line_turns_away),
	};

	(void)argc;
	test_need_server(argv);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
