/* Calls that are started, and not waited for: when they are, whom they travel with, and that each is told once what it came to. */
#include <glib.h>
#include <string.h>

#include "callers.h"
#include "db/clock.h"

enum { CROWD = 40, IN_LINE_MAX = 1024, HASTE_MS = 500 };

static int
set_up(void **state)
{
	(void)state;
	test_make_schema();
	return 0;
}

/* Which calls were counted until now, and that nobody waits. */
static void
assert_counted(struct db *db, unsigned long calls, unsigned long busy, unsigned long faults)
{
	struct db_stats stats;

	db_stats(db, &stats);
	assert_int_equal(stats.calls, calls);
	assert_int_equal(stats.busy, busy);
	assert_int_equal(stats.faults, faults);
	assert_int_equal(stats.waiting, 0);
}

/* Each that sent its call was told once, and what it threw away then was left alone. The database must be closed: then nobody is told any more. */
static void
assert_told_once(const struct caller *crowd, int n)
{
	for (int i = 0; i < n; i++) {
		if (crowd[i].sends && atomic_load(&crowd[i].told) != 1)
			fail_msg("%s: was told %d times", crowd[i].name,
				atomic_load(&crowd[i].told));
		assert_null(crowd[i].out.answer);
		assert_null(crowd[i].out.extra);
		assert_false(crowd[i].out.replayed);
	}
}

static void
count_one(void *arg, enum err e)
{
	assert_int_equal(e, ERR_NONE);
	atomic_fetch_add((atomic_int *)arg, 1);
}

/* ---- the worker ---- */

/* An idle worker takes a lone call at once, as a batch of one; it is the same thread each time. */
static void
an_idle_worker_takes_a_lone_call(void **state)
{
	struct db *db = db_open(4, 10000);
	struct caller me[3];

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_true(caller_sends(&me[i], db, "solo", NULL, NULL, NULL));
		caller_ends(&me[i], ERR_NONE);
		assert_false(pthread_equal(me[i].teller, pthread_self()));
		assert_true(pthread_equal(me[i].teller, me[0].teller));
	}
	assert_counted(db, 3, 0, 0);
	db_close(db);
	assert_told_once(me, 3);
	assert_int_equal(
		test_number("select count(*) from test.batches where names = array['solo']"), 3);
}

/* Each statement has a queue and a worker of its own. */
static void
statements_do_not_wait_for_each_other(void **state)
{
	static const struct db_param gather = { .name = "name", .text = "x" };
	struct db *db = db_open(4, 10000);
	struct caller first[FIRST_MAX], me;
	struct db_result out = { 0 };
	struct db_stats stats;
	atomic_int told = 0;
	int64_t until = clock_ms() + 10000;
	int n_first;

	(void)state;
	assert_true(db_is_batched(SQL_crowd));
	assert_true(db_is_batched(SQL_gather));
	assert_false(db_is_batched(SQL_echo));
	gate_close();
	n_first = fill_lane(db, first);
	assert_int_equal(
		db_submit(db, SQL_gather, &gather, 1, &out, count_one, &told), ERR_PENDING);
	while (atomic_load(&told) == 0)
		assert_true(clock_ms() < until);
	assert_string_equal(out.answer, "[{\"name\": \"x\"}]");
	db_result_clear(&out);
	db_stats(db, &stats);
	assert_int_equal(stats.waiting, 1);
	assert_int_equal(stats.calls, 1);
	assert_true(caller_sends(&me, db, "aside", NULL, NULL, NULL));
	gate_open();
	for (int i = 0; i < n_first; i++)
		caller_ends(&first[i], ERR_NONE);
	caller_ends(&me, ERR_NONE);
	assert_counted(db, (unsigned long)n_first + 2, 0, 0);
	db_close(db);
	assert_told_once(&me, 1);
	assert_int_equal(atomic_load(&told), 1);
}

/* A database that is closed completes what was submitted before. */
static void
close_waits_for_pending_calls(void **state)
{
	struct caller crowd[CROWD];

	(void)state;
	for (int round = 0; round < 5; round++) {
		struct db *db = db_open(4, 10000);

		for (int i = 0; i < CROWD; i++)
			assert_true(caller_sends(&crowd[i], db, "closing", NULL, "nap", "1"));
		db_close(db);
		assert_told_once(crowd, CROWD);
		for (int i = 0; i < CROWD; i++)
			caller_ends(&crowd[i], ERR_NONE);
	}
	assert_int_equal(
		test_number(
			"select count(*) from (select unnest(names) as n from test.batches) b where n = 'closing'"),
		5 * CROWD);
}

/* A line that is full takes nobody more; those in it travel in order, however many batches that takes. */
static void
a_full_line_turns_away(void **state)
{
	static const char disorder[] =
		"select count(*) from (select n, lag(n) over (order by id, i) as before"
		" from test.batches, unnest(names) with ordinality as u(n, i) where n like 'x%') t where before > n";
	struct db *patient = db_open(4, 60000);
	struct caller first[FIRST_MAX];
	struct caller *line = g_new0(struct caller, IN_LINE_MAX);
	struct caller *one_more = &line[IN_LINE_MAX - 1];
	int n_first;

	(void)state;
	gate_close();
	n_first = fill_lane(patient, first);
	for (int i = 0; i < IN_LINE_MAX - 1; i++) {
		g_autofree char *name = g_strdup_printf("x%04d", i);

		assert_true(caller_sends(&line[i], patient, name, NULL, NULL, NULL));
	}
	wait_for_line(patient, IN_LINE_MAX);
	assert_false(caller_sends(one_more, patient, "too many", "too many", NULL, NULL));
	wait_for_line(patient, IN_LINE_MAX);
	caller_calls(one_more);
	assert_int_equal(one_more->err, ERR_BUSY);
	gate_open();
	for (int i = 0; i < n_first; i++)
		caller_ends(&first[i], ERR_NONE);
	for (int i = 0; i < IN_LINE_MAX - 1; i++) {
		caller_ends(&line[i], ERR_NONE);
		assert_true(i == 0 || line[i - 1].turn < line[i].turn);
	}
	assert_counted(patient, (unsigned long)n_first + IN_LINE_MAX - 1, 2, 0);
	db_close(patient);
	assert_told_once(line, IN_LINE_MAX - 1);
	assert_int_equal(atomic_load(&one_more->told), 0);
	g_free(line);
	assert_int_equal(
		test_number(
			"select count(*) from (select unnest(names) as n from test.batches) b where n like 'x%'"),
		IN_LINE_MAX - 1);
	assert_int_equal(test_number(disorder), 0);
	assert_int_equal(
		test_number(
			"select count(*) from (select unnest(names) as n from test.batches) b where n = 'too many'"),
		0);
}

/* ---- how those travel that are ---- */

/* Callers that wait and calls that nobody waits for go in the same batch, in the order in which they came, each with its own answer. */
static void
all_travel_together(void **state)
{
	struct db *db = db_open(4, 10000);
	struct caller crowd[CROWD] = { 0 };
	int n_first;

	(void)state;
	for (int i = 0; i < CROWD; i++) {
		crowd[i].sends = i % 3 != 0;
		if (i % 4 == 3) {
			crowd[i].what = "code";
			crowd[i].value = "cart_empty";
			crowd[i].wanted = ERR_CART_EMPTY;
		}
	}
	n_first = crowd_travels(db, "c", crowd, CROWD, false);
	assert_counted(db, (unsigned long)n_first + CROWD, 0, 0);
	db_close(db);
	assert_told_once(crowd, CROWD);
	assert_int_equal(
		test_number(
			"select count(*) from test.batches where 'c39' = any (names) and names[2:] = "
			"(select array_agg('c' || to_char(i, 'FM00') order by i) from generate_series(0, 39) as i)"),
		1);
}

/* A call that makes its batch fail is found, and only it is told its error, whoever waits. Nothing is done twice. */
static void
only_the_culprit_is_told_its_error(void **state)
{
	struct db *db = db_open(4, 10000);
	struct caller crowd[CROWD] = { 0 };
	char keys[CROWD][16];
	int n_first;

	(void)state;
	for (int i = 0; i < CROWD; i++) {
		g_snprintf(keys[i], sizeof keys[i], "bomb %d", i);
		crowd[i].key = keys[i];
		crowd[i].value = "0";
		crowd[i].sends = i % 8 != 0;
		if (i == 7 || i == 23) {
			crowd[i].what = "bomb";
			crowd[i].wanted = ERR_FAULT;
		}
	}
	n_first = crowd_travels(db, "b", crowd, CROWD, false);
	assert_counted(db, (unsigned long)n_first + CROWD, 0, 2);
	db_close(db);
	assert_told_once(crowd, CROWD);
	assert_int_equal(
		test_number("select count(*) from test.marks where key like 'bomb %'"), CROWD - 2);
	assert_int_equal(
		test_number(
			"select count(*) from (select unnest(names) as n from test.batches) b where n like 'b%'"),
		CROWD - 2);
}

/* The connection is lost, more than once: calls with a key are carried out once and told so; of the others it is told that nobody knows. */
static void
keyed_calls_survive_a_lost_connection(void **state)
{
	struct db *db = db_open(4, 10000);
	struct caller crowd[12] = { 0 };
	char keys[12][16];
	int n_first;

	(void)state;
	g_free(test_sql("alter sequence test.tries restart"));
	crowd_is_to_lose(crowd, keys, 12);
	for (int i = 0; i < 12; i++)
		crowd[i].sends = i % 4 != 0;
	n_first = crowd_travels(db, "l", crowd, 12, true);
	db_close(db);
	assert_told_once(crowd, 12);
	assert_in_range(n_first, 2, FIRST_MAX - 1);
	assert_int_equal(test_number("select count(*) from test.marks where key like 'lost %'"), 8);
	assert_int_equal(
		test_number(
			"select count(*) from (select unnest(names) as n from test.batches) b where n like 'l%'"),
		8);
}

/* Nobody is told later than agreed, though the batch before hangs, and its own, too; and then it goes on. */
static void
a_line_has_deadlines(void **state)
{
	struct db *hasty = db_open(4, HASTE_MS);
	struct caller first, crowd[CROWD], late;
	struct db_stats stats;
	int64_t before;

	(void)state;
	gate_close();
	caller_start(&first, hasty, "first", NULL, "gate", "1");
	do
		db_stats(hasty, &stats);
	while (stats.connections_in_use == 0);
	before = clock_ms();
	for (int i = 0; i < CROWD; i++) {
		if (i % 4 == 0)
			caller_start(&crowd[i], hasty, "waits", NULL, "gate", "1");
		else
			assert_true(caller_sends(&crowd[i], hasty, "hasty", NULL, "gate", "1"));
	}
	caller_ends(&first, ERR_BUSY);
	for (int i = 0; i < CROWD; i++)
		caller_ends(&crowd[i], ERR_BUSY);
	assert_in_range(clock_ms() - before, HASTE_MS * 4 / 5, 2 * HASTE_MS + SLACK_MS);
	assert_counted(hasty, 0, 1 + CROWD, 0);
	gate_open();
	before = clock_ms();
	do { /* the rescues take a moment */
		caller_start(&late, hasty, "late", NULL, NULL, NULL);
		pthread_join(late.thread, NULL);
		assert_true(clock_ms() - before < 10000);
	} while (late.err != ERR_NONE);
	db_close(hasty);
	assert_told_once(crowd, CROWD);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_idle_worker_takes_a_lone_call),
		cmocka_unit_test(statements_do_not_wait_for_each_other),
		cmocka_unit_test(close_waits_for_pending_calls),
		cmocka_unit_test(a_full_line_turns_away),
		cmocka_unit_test(all_travel_together),
		cmocka_unit_test(only_the_culprit_is_told_its_error),
		cmocka_unit_test(keyed_calls_survive_a_lost_connection),
		cmocka_unit_test(a_line_has_deadlines),
	};

	(void)argc;
	test_need_server(argv);
	return cmocka_run_group_tests(tests, set_up, NULL);
}
