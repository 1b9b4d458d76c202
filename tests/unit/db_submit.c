/* db_submit(): each call is completed once, by the batch worker, in order of arrival. */
#include <glib.h>
#include <string.h>

#include "callers.h"
#include "db/clock.h"

enum { GROUP = 40, QUEUE_MAX = 1024, SHORT_MS = 500, LOST_GROUP = 12 };

#define COUNT_NAMES(condition)                                                                     \
	"select count(*) from (select unnest(names) as n from test.batches) b where " condition

static int
set_up(void **state)
{
	(void)state;
	test_make_schema();
	return 0;
}

/* The counters since db_open(); no call waits. */
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

/*
 * Each submitted call was completed once, and its result was not touched afterwards. Call it after
 * db_close(): then no call is completed any more.
 */
static void
assert_completed_once(const struct caller *group, int n)
{
	for (int i = 0; i < n; i++) {
		if (group[i].submits && atomic_load(&group[i].completions) != 1)
			fail_msg("%s: completed %d times", group[i].name,
				atomic_load(&group[i].completions));
		assert_null(group[i].out.answer);
		assert_null(group[i].out.extra);
		assert_false(group[i].out.replayed);
	}
}

/* ---- the worker ---- */

/* An idle worker takes a lone call at once, as a batch of one; it is the same thread each time. */
static void
an_idle_worker_takes_a_lone_call(void **state)
{
	struct db *db = db_open(3, 10000);
	struct caller me[3];

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_true(caller_submit(&me[i], db, "solo", NULL, NULL, NULL));
		caller_finish(&me[i], ERR_NONE);
		assert_false(pthread_equal(me[i].completed_by, pthread_self()));
		assert_true(pthread_equal(me[i].completed_by, me[0].completed_by));
	}
	assert_counted(db, 3, 0, 0);
	db_close(db);
	assert_completed_once(me, 3);
	assert_int_equal(
		test_number("select count(*) from test.batches where names = array['solo']"), 3);
}

/* db_call() runs inline while no batch is in flight; the worker runs what arrives meanwhile. */
static void
inline_calls_and_the_worker_alternate(void **state)
{
	struct db *db = db_open(3, 10000);
	struct caller waiting, submitted;

	(void)state;
	for (int i = 0; i < 20; i++) {
		caller_start(&waiting, db, "in turns", NULL, "pause", "1");
		if (i % 2 == 0) /* let it be first, mostly */
			g_usleep(5000);
		assert_true(caller_submit(&submitted, db, "in turns", NULL, NULL, NULL));
		caller_finish(&waiting, ERR_NONE);
		caller_finish(&submitted, ERR_NONE);
	}
	assert_counted(db, 40, 0, 0);
	db_close(db);
	assert_int_equal(test_number(COUNT_NAMES("n = 'in turns'")), 40);
}

static void
count_success(void *arg, enum err e)
{
	assert_int_equal(e, ERR_NONE);
	atomic_fetch_add((atomic_int *)arg, 1);
}

/* Each statement has its own queue and worker. */
static void
statements_do_not_wait_for_each_other(void **state)
{
	static const struct db_param name = { .name = "name", .text = "x" };
	struct db *db = db_open(3, 10000);
	struct caller blockers[BLOCKERS_MAX], me;
	struct db_result out = { 0 };
	struct db_stats stats;
	atomic_int completed = 0;
	int64_t until = clock_ms() + 10000;
	int n_blockers;

	(void)state;
	assert_true(db_is_batched(SQL_record));
	assert_true(db_is_batched(SQL_echo_calls));
	assert_false(db_is_batched(SQL_echo));
	lock_hold();
	n_blockers = block_batcher(db, blockers);
	assert_int_equal(db_submit(db, SQL_echo_calls, &name, 1, &out, count_success, &completed),
		ERR_PENDING);
	while (atomic_load(&completed) == 0)
		assert_true(clock_ms() < until);
	assert_string_equal(out.answer, "[{\"name\": \"x\"}]");
	db_result_clear(&out);
	db_stats(db, &stats);
	assert_int_equal(stats.waiting, 1);
	assert_int_equal(stats.calls, 1);
	assert_true(caller_submit(&me, db, "beside", NULL, NULL, NULL));
	lock_release();
	for (int i = 0; i < n_blockers; i++)
		caller_finish(&blockers[i], ERR_NONE);
	caller_finish(&me, ERR_NONE);
	assert_counted(db, (unsigned long)n_blockers + 2, 0, 0);
	db_close(db);
	assert_completed_once(&me, 1);
	assert_int_equal(atomic_load(&completed), 1);
}

/* db_close() completes what was submitted before. */
static void
close_waits_for_pending_calls(void **state)
{
	struct caller group[GROUP];

	(void)state;
	for (int round = 0; round < 5; round++) {
		struct db *db = db_open(3, 10000);

		for (int i = 0; i < GROUP; i++)
			assert_true(caller_submit(&group[i], db, "closing", NULL, "pause", "1"));
		db_close(db);
		assert_completed_once(group, GROUP);
		for (int i = 0; i < GROUP; i++)
			caller_finish(&group[i], ERR_NONE);
	}
	assert_int_equal(test_number(COUNT_NAMES("n = 'closing'")), 5 * GROUP);
}

/* ---- the queue ---- */

/*
 * A full queue refuses a call at once and never completes it; those in the queue run in order, in
 * as many batches as it takes.
 */
static void
a_full_queue_is_busy(void **state)
{
	static const char out_of_order[] =
		"select count(*) from (select n, lag(n) over (order by id, i) as before"
		" from test.batches, unnest(names) with ordinality as u(n, i) "
		"where n like \'x%\') t where before > n";
	struct db *patient = db_open(3, 60000);
	struct caller blockers[BLOCKERS_MAX];
	struct caller *queue = g_new0(struct caller, QUEUE_MAX);
	struct caller *one_more = &queue[QUEUE_MAX - 1];
	int n_blockers;

	(void)state;
	lock_hold();
	n_blockers = block_batcher(patient, blockers);
	for (int i = 0; i < QUEUE_MAX - 1; i++) {
		g_autofree char *name = g_strdup_printf("x%04d", i);

		assert_true(caller_submit(&queue[i], patient, name, NULL, NULL, NULL));
	}
	wait_for_waiting(patient, QUEUE_MAX);
	assert_false(caller_submit(one_more, patient, "too many", "too many", NULL, NULL));
	wait_for_waiting(patient, QUEUE_MAX);
	caller_call(one_more);
	assert_int_equal(one_more->err, ERR_BUSY);
	lock_release();
	for (int i = 0; i < n_blockers; i++)
		caller_finish(&blockers[i], ERR_NONE);
	for (int i = 0; i < QUEUE_MAX - 1; i++) {
		caller_finish(&queue[i], ERR_NONE);
		assert_true(i == 0 || queue[i - 1].order < queue[i].order);
	}
	assert_counted(patient, (unsigned long)n_blockers + QUEUE_MAX - 1, 2, 0);
	db_close(patient);
	assert_completed_once(queue, QUEUE_MAX - 1);
	assert_int_equal(atomic_load(&one_more->completions), 0);
	g_free(queue);
	assert_int_equal(test_number(COUNT_NAMES("n like 'x%'")), QUEUE_MAX - 1);
	assert_int_equal(test_number(out_of_order), 0);
	assert_int_equal(test_number(COUNT_NAMES("n = 'too many'")), 0);
}

/* Submitted calls and callers that wait share batches, in order of arrival; each has its answer. */
static void
both_kinds_of_calls_share_a_batch(void **state)
{
	struct db *db = db_open(3, 10000);
	struct caller group[GROUP] = { 0 };
	int n_blockers;

	(void)state;
	for (int i = 0; i < GROUP; i++) {
		group[i].submits = i % 3 != 0;
		if (i % 4 == 3) {
			group[i].param = "code";
			group[i].value = "cart_empty";
			group[i].expected = ERR_CART_EMPTY;
		}
	}
	n_blockers = group_run(db, "c", group, GROUP, false);
	assert_counted(db, (unsigned long)n_blockers + GROUP, 0, 0);
	db_close(db);
	assert_completed_once(group, GROUP);
	assert_int_equal(
		test_number("select count(*) from test.batches where 'c39' = any (names) and "
			    "names[2:] = "
			    "(select array_agg('c' || to_char(i, 'FM00') order by i) from "
			    "generate_series(0, 39) as i)"),
		1);
}

/* ---- failures ---- */

/* Two calls fail their batch: bisection gives the error to them alone. No call runs twice. */
static void
a_fault_is_bisected(void **state)
{
	struct db *db = db_open(3, 10000);
	struct caller group[GROUP] = { 0 };
	char keys[GROUP][16];
	int n_blockers;

	(void)state;
	for (int i = 0; i < GROUP; i++) {
		g_snprintf(keys[i], sizeof keys[i], "fault %d", i);
		group[i].key = keys[i];
		group[i].value = "0";
		group[i].submits = i % 8 != 0;
		if (i == 7 || i == 23) {
			group[i].param = "fault";
			group[i].expected = ERR_FAULT;
		}
	}
	n_blockers = group_run(db, "b", group, GROUP, false);
	assert_counted(db, (unsigned long)n_blockers + GROUP, 0, 2);
	db_close(db);
	assert_completed_once(group, GROUP);
	assert_int_equal(
		test_number("select count(*) from test.marks where key like 'fault %'"), GROUP - 2);
	assert_int_equal(test_number(COUNT_NAMES("n ~ '^b[0-9]'")), GROUP - 2);
}

/*
 * The connection is lost, twice: calls with a key run again, take effect once and succeed; the
 * outcome of the others is unknown.
 */
static void
keyed_calls_survive_a_lost_connection(void **state)
{
	struct db *db = db_open(3, 10000);
	struct caller group[LOST_GROUP] = { 0 };
	char keys[LOST_GROUP][16];
	int n_blockers;

	(void)state;
	g_free(test_sql("alter sequence test.tries restart"));
	group_set_lost(group, keys, LOST_GROUP);
	for (int i = 0; i < LOST_GROUP; i++)
		group[i].submits = i % 4 != 0;
	n_blockers = group_run(db, "l", group, LOST_GROUP, true);
	db_close(db);
	assert_completed_once(group, LOST_GROUP);
	assert_in_range(n_blockers, 2, BLOCKERS_MAX - 1);
	assert_int_equal(test_number("select count(*) from test.marks where key like 'lost %'"), 8);
	assert_int_equal(test_number(COUNT_NAMES("n like 'l%'")), 8);
}

/* Starts a call that blocks at the lock, and fills the queue behind it. */
static void
fill_queue(struct db *with, struct caller *first, struct caller *group)
{
	struct db_stats stats;

	caller_start(first, with, "first", NULL, "lock", "1");
	do
		db_stats(with, &stats);
	while (stats.connections_in_use == 0);
	for (int i = 0; i < GROUP; i++) {
		if (i % 4 == 0)
			caller_start(&group[i], with, "waits", NULL, "lock", "1");
		else
			assert_true(caller_submit(&group[i], with, "short", NULL, "lock", "1"));
	}
}

/* Calls time out although the batch before hangs, and their own as well. */
static void
queued_calls_time_out(void **state)
{
	struct db *impatient = db_open(3, SHORT_MS);
	struct caller first, group[GROUP], late;
	int64_t before = clock_ms();

	(void)state;
	lock_hold();
	fill_queue(impatient, &first, group);
	caller_finish(&first, ERR_BUSY);
	for (int i = 0; i < GROUP; i++)
		caller_finish(&group[i], ERR_BUSY);
	assert_in_range(clock_ms() - before, SHORT_MS * 4 / 5, 2 * SHORT_MS + SLACK_MS);
	assert_counted(impatient, 0, 1 + GROUP, 0);
	lock_release();
	before = clock_ms();
	do { /* cancelling takes a moment */
		caller_start(&late, impatient, "late", NULL, NULL, NULL);
		pthread_join(late.thread, NULL);
		assert_true(clock_ms() - before < 10000);
	} while (late.err != ERR_NONE);
	db_close(impatient);
	assert_completed_once(group, GROUP);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_idle_worker_takes_a_lone_call),
		cmocka_unit_test(inline_calls_and_the_worker_alternate),
		cmocka_unit_test(statements_do_not_wait_for_each_other),
		cmocka_unit_test(close_waits_for_pending_calls),
		cmocka_unit_test(a_full_queue_is_busy),
		cmocka_unit_test(both_kinds_of_calls_share_a_batch),
		cmocka_unit_test(a_fault_is_bisected),
		cmocka_unit_test(keyed_calls_survive_a_lost_connection),
		cmocka_unit_test(queued_calls_time_out),
	};

	(void)argc;
	test_need_server(argv);
	return cmocka_run_group_tests(tests, set_up, NULL);
}
