/*
 * Calls that need a row which another transaction holds: they wait for it until their deadline, and
 * the other calls of the statement go on.
 */
#include <glib.h>
#include <stdatomic.h>

#include "callers.h"
#include "db/clock.h"

enum { SHORT_MS = 900, OTHERS = 20, LIMIT_MS = 150, ROW_CALLS_MAX = 256 };

/* A submitted call. */
struct call {
	struct db_result out;
	enum err err;
	atomic_int completions;
};

static void
done(void *arg, enum err e)
{
	struct call *call = arg;

	call->err = e;
	atomic_fetch_add(&call->completions, 1);
}

static void
submit(struct db *db, struct call *call, const char *row)
{
	const struct db_param params[] = { { .name = "row", .text = row } };

	*call = (struct call){ 0 };
	assert_int_equal(db_submit(db, SQL_divert, params, 1, &call->out, done, call), ERR_PENDING);
}

/* Waits for the outcome; returns the answer (g_free), which says how the batch waited for locks. */
static char *
finish(struct call *call, enum err e)
{
	int64_t until = clock_ms() + 20000;
	char *answer;

	while (atomic_load(&call->completions) == 0 && clock_ms() < until)
		g_usleep(1000);
	assert_int_equal(atomic_load(&call->completions), 1);
	assert_int_equal(call->err, e);
	answer = g_strdup(call->out.answer);
	db_result_clear(&call->out);
	return answer;
}

static void
finish_quietly(struct call *call, enum err e)
{
	g_free(finish(call, e));
}

static int
set_up(void **state)
{
	(void)state;
	test_make_schema();
	return 0;
}

/* ---- tests ---- */

static void
a_stuck_row_holds_up_no_others(void **state)
{
	struct db *db = db_open(4, 10000);
	struct call stuck[3], other;
	struct db_result out = { 0 };
	int64_t before;

	(void)state;
	lock_hold();
	for (int i = 0; i < 3; i++)
		submit(db, &stuck[i], "1");
	submit(db, &other, "2");
	finish_quietly(&other, ERR_NONE);
	wait_for_waiting(db, 3);
	before = clock_ms();
	for (int i = 0; i < OTHERS; i++) {
		assert_int_equal(test_call(db, &out, SQL_divert, "row", "2", NULL), ERR_NONE);
		assert_string_equal(out.answer, "150"); /* with the short limit, at the first try */
		db_result_clear(&out);
		assert_int_equal(atomic_load(&stuck[i % 3].completions), 0);
	}
	assert_true(clock_ms() - before < OTHERS * LIMIT_MS); /* none waited for the row again */
	lock_release();
	before = clock_ms();
	for (int i = 0; i < 3; i++)
		finish_quietly(&stuck[i], ERR_NONE);
	assert_true(clock_ms() - before < 1000);
	wait_for_waiting(db, 0);
	db_close(db);
}

static void *
call_row_1(void *db)
{
	struct db_result out = { 0 };
	enum err e = test_call(db, &out, SQL_divert, "row", "1", NULL);

	db_result_clear(&out);
	return GINT_TO_POINTER(e);
}

/* A blocking call runs its batch itself. */
static void
a_blocking_call_waits_for_the_row(void **state)
{
	struct db *db = db_open(4, 10000);
	pthread_t thread;
	void *e;

	(void)state;
	lock_hold();
	assert_int_equal(pthread_create(&thread, NULL, call_row_1, db), 0);
	wait_for_waiting(db, 1);
	lock_release();
	pthread_join(thread, &e);
	assert_int_equal(GPOINTER_TO_INT(e), ERR_NONE);
	db_close(db);
}

static void
calls_time_out_at_a_stuck_row(void **state)
{
	struct db *db = db_open(4, SHORT_MS);
	struct db_result out = { 0 };
	struct call stuck;
	int64_t before = clock_ms();

	(void)state;
	lock_hold();
	submit(db, &stuck, "1");
	finish_quietly(&stuck, ERR_BUSY);
	assert_in_range(clock_ms() - before, SHORT_MS / 2, SHORT_MS + SLACK_MS);
	before = clock_ms();
	assert_int_equal(test_call(db, &out, SQL_divert, "row", "1", NULL), ERR_BUSY);
	assert_in_range(clock_ms() - before, SHORT_MS / 2, SHORT_MS + SLACK_MS);
	lock_release();
	assert_int_equal(test_call(db, &out, SQL_divert, "row", "1", NULL), ERR_NONE);
	db_result_clear(&out);
	db_close(db);
}

/* More calls than may wait for one row are refused at once. */
static void
few_calls_wait_for_one_row(void **state)
{
	struct db *db = db_open(4, 20000);
	struct call *stuck = g_new0(struct call, ROW_CALLS_MAX);
	struct call one_more;

	(void)state;
	lock_hold();
	for (int i = 0; i < ROW_CALLS_MAX; i++)
		submit(db, &stuck[i], "1");
	wait_for_waiting(db, ROW_CALLS_MAX);
	submit(db, &one_more, "1");
	finish_quietly(&one_more, ERR_BUSY);
	lock_release();
	for (int i = 0; i < ROW_CALLS_MAX; i++)
		finish_quietly(&stuck[i], ERR_NONE);
	g_free(stuck);
	db_close(db);
}

/* Closing does not wait for the row. */
static void
close_completes_calls_at_a_stuck_row(void **state)
{
	struct db *db = db_open(4, 20000);
	struct call stuck;
	int64_t before;

	(void)state;
	lock_hold();
	submit(db, &stuck, "1");
	wait_for_waiting(db, 1);
	g_usleep(2 * LIMIT_MS * 1000);
	before = clock_ms();
	db_close(db);
	finish_quietly(&stuck, ERR_BUSY);
	assert_true(clock_ms() - before < 3000);
	lock_release();
}

/*
 * A batch whose answer is late does not hold up the queue: here its backend waits for a lock with
 * all patience, as if it were stopped.
 */
static void
a_late_batch_holds_up_no_others(void **state)
{
	struct db *db = db_open(4, 10000);
	struct caller late, other;
	int64_t before;

	(void)state;
	lock_hold();
	caller_start(&late, db, "late", NULL, "lock", "1");
	test_wait_for(
		"select count(*) from pg_locks where locktype = 'advisory' and not granted", 1);
	before = clock_ms();
	assert_true(caller_submit(&other, db, "other", NULL, NULL, NULL));
	caller_finish(&other, ERR_NONE);
	assert_true(clock_ms() - before < 3000);
	caller_start(&other, db, "another", NULL, NULL, NULL);
	caller_finish(&other, ERR_NONE);
	lock_release();
	caller_finish(&late, ERR_NONE);
	db_close(db);
}

/* The same where the worker is late: another one takes its place. */
static void
a_late_worker_is_replaced(void **state)
{
	struct db *db = db_open(4, 10000);
	struct caller late, other;

	(void)state;
	lock_hold();
	assert_true(caller_submit(&late, db, "late", NULL, "lock", "1"));
	test_wait_for(
		"select count(*) from pg_locks where locktype = 'advisory' and not granted", 1);
	for (int i = 0; i < 3; i++) {
		assert_true(caller_submit(&other, db, "other", NULL, NULL, NULL));
		caller_finish(&other, ERR_NONE);
	}
	assert_int_equal(atomic_load(&late.completions), 0);
	lock_release();
	caller_finish(&late, ERR_NONE);
	db_close(db);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stuck_row_holds_up_no_others),
		cmocka_unit_test(a_blocking_call_waits_for_the_row),
		cmocka_unit_test(calls_time_out_at_a_stuck_row),
		cmocka_unit_test(few_calls_wait_for_one_row),
		cmocka_unit_test(close_completes_calls_at_a_stuck_row),
		cmocka_unit_test(a_late_batch_holds_up_no_others),
		cmocka_unit_test(a_late_worker_is_replaced),
	};

	(void)argc;
	test_need_server(argv);
	return cmocka_run_group_tests(tests, set_up, NULL);
}
