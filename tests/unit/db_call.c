/* db_call(): parameters, outcomes, retries, and that clients see no detail of an error. */
#include <glib.h>
#include <pthread.h>
#include <string.h>

#include "db/clock.h"
#include "db_test.h"

static struct db *db;
static struct db_result out;

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
	db_result_clear(&out);
	db_close(db);
	return 0;
}

static void
parameters_and_columns_are_passed(void **state)
{
	(void)state;
	assert_int_equal(test_call(db, &out, SQL_echo, "b", "'; drop schema test; --", "unused",
				 "x", "a", "größer", NULL),
		ERR_NONE);
	assert_string_equal(out.answer, "an answer");
	assert_string_equal(db_result_get(&out, "answer"), "an answer");
	assert_string_equal(db_result_get(&out, "a"), "größer");
	assert_string_equal(db_result_get(&out, "b"), "'; drop schema test; --");
	assert_string_equal(db_result_get(&out, "n"), "6");
	assert_null(db_result_get(&out, "nothing"));
	assert_null(db_result_get(&out, "no such column"));
	assert_false(out.replayed);
	assert_null(out.extra);
	/* a missing parameter is NULL, an empty text is not */
	assert_int_equal(test_call(db, &out, SQL_echo, "a", "", NULL), ERR_NONE);
	assert_string_equal(db_result_get(&out, "a"), "");
	assert_null(db_result_get(&out, "b"));
}

static void
rows_must_fit_the_mark(void **state)
{
	(void)state;
	assert_int_equal(test_call(db, &out, SQL_perhaps, "there", "true", NULL), ERR_NONE);
	assert_string_equal(out.answer, "here");
	assert_int_equal(test_call(db, &out, SQL_perhaps, "there", "false", NULL), ERR_NOT_FOUND);
	assert_null(out.answer);
	assert_int_equal(test_call(db, &out, SQL_nothing, NULL), ERR_NONE);
	assert_null(out.answer);
	assert_int_equal(test_call(db, &out, SQL_rows, "count", "1", NULL), ERR_NONE);
	assert_int_equal(test_call(db, &out, SQL_rows, "count", "0", NULL), ERR_FAULT);
	assert_int_equal(test_call(db, &out, SQL_rows, "count", "2", NULL), ERR_FAULT);
	assert_null(out.answer);
}

static void
column_code_is_the_outcome(void **state)
{
	(void)state;
	assert_int_equal(test_call(db, &out, SQL_coded, "answer", "{}", NULL), ERR_NONE);
	assert_int_equal(
		test_call(db, &out, SQL_coded, "code", "ok", "answer", "{}", NULL), ERR_NONE);
	assert_false(out.replayed);
	assert_int_equal(
		test_call(db, &out, SQL_coded, "code", "replayed", "answer", "{\"a\":1}", NULL),
		ERR_NONE);
	assert_true(out.replayed);
	assert_string_equal(out.answer, "{\"a\":1}");
	assert_int_equal(test_call(db, &out, SQL_coded, "code", "price_changed", "answer",
				 "{\"total_cents\":7}", NULL),
		ERR_PRICE_CHANGED);
	assert_string_equal(out.extra, "{\"total_cents\":7}");
	assert_null(out.answer);
	assert_int_equal(test_call(db, &out, SQL_coded, "code", "forbidden", NULL), ERR_FORBIDDEN);
	assert_null(out.extra);
	assert_int_equal(
		test_call(db, &out, SQL_coded, "code", "no_such_code", "answer", "{}", NULL),
		ERR_FAULT);
	assert_null(out.extra);
}

static void
a_raised_refusal_is_the_outcome(void **state)
{
	(void)state;
	assert_int_equal(
		test_call(db, &out, SQL_refuse, "code", "out_of_stock", NULL), ERR_OUT_OF_STOCK);
	assert_null(out.extra);
	assert_null(out.answer);
	assert_int_equal(test_call(db, &out, SQL_refuse, "code", "out_of_stock", "extra",
				 "{\"available\":3}", NULL),
		ERR_OUT_OF_STOCK);
	assert_string_equal(out.extra, "{\"available\":3}");
	assert_int_equal(test_call(db, &out, SQL_refuse, "code", "invalid", "sentence",
				 "No \"such\" tier.", NULL),
		ERR_INVALID);
	assert_string_equal(out.extra, "{\"detail\":\"No \\\"such\\\" tier.\"}");
	assert_int_equal(test_call(db, &out, SQL_refuse, "code", "invalid", "sentence", "No.",
				 "extra", "{\"available\":3}", NULL),
		ERR_INVALID);
	assert_string_equal(out.extra, "{\"available\":3,\"detail\":\"No.\"}");
	assert_int_equal(
		test_call(db, &out, SQL_refuse, "code", "no_such_code", "sentence", "No.", NULL),
		ERR_FAULT);
	assert_null(out.extra);
}

/* An error is not in the result; its statement, SQLSTATE and message are logged, but no value. */
static void
errors_are_logged_without_values(void **state)
{
	g_autofree char *log = NULL;
	struct db_stats before, after;

	(void)state;
	db_stats(db, &before);
	test_catch_log();
	assert_int_equal(test_call(db, &out, SQL_misread, "number", "a-secret", NULL), ERR_FAULT);
	assert_null(out.extra);
	assert_null(out.answer);
	assert_int_equal(
		test_call(db, &out, SQL_collide, "times", "1", "state", "XX999", NULL), ERR_FAULT);
	log = test_log();
	assert_non_null(strstr(log, "fault: misread: 22P02"));
	assert_null(strstr(log, "a-secret"));
	assert_non_null(strstr(log, "fault: collide: XX999 once more"));
	db_stats(db, &after);
	assert_int_equal(after.faults - before.faults, 2);
}

/* The server sends the row, then the error: the statement was rolled back. */
static void
an_error_at_commit_is_an_error(void **state)
{
	(void)state;
	assert_int_equal(test_call(db, &out, SQL_late_error, NULL), ERR_FAULT);
	assert_null(out.answer);
	assert_int_equal(test_number("select count(*) from test.unique_late"), 1);
}

static void
serialization_failures_are_retried(void **state)
{
	struct db_stats before, after;

	(void)state;
	db_stats(db, &before);
	g_free(test_sql("alter sequence test.tries restart"));
	assert_int_equal(
		test_call(db, &out, SQL_collide, "times", "4", "state", "40001", NULL), ERR_NONE);
	assert_string_equal(out.answer, "5");
	g_free(test_sql("alter sequence test.tries restart"));
	assert_int_equal(
		test_call(db, &out, SQL_collide, "times", "1", "state", "40P01", NULL), ERR_NONE);
	assert_string_equal(out.answer, "2");
	db_stats(db, &after);
	assert_int_equal(after.retries - before.retries, 5);
	/* the retries are bounded */
	g_free(test_sql("alter sequence test.tries restart"));
	assert_int_equal(
		test_call(db, &out, SQL_collide, "times", "99", "state", "40001", NULL), ERR_BUSY);
	assert_int_equal(test_number("select last_value from test.tries"), 5);
	/* no other error is retried */
	g_free(test_sql("alter sequence test.tries restart"));
	assert_int_equal(
		test_call(db, &out, SQL_collide, "times", "99", "state", "53300", NULL), ERR_BUSY);
	assert_int_equal(test_number("select last_value from test.tries"), 1);
}

/* A call ends at its deadline; its statement is cancelled, and its connection usable again. */
static void
a_late_statement_is_cancelled(void **state)
{
	struct db *small = db_open(1, 300);
	struct db_stats stats;
	int64_t before;

	(void)state;
	assert_int_equal(test_call(small, &out, SQL_echo, NULL), ERR_NONE);
	before = clock_ms();
	assert_int_equal(
		test_call(small, &out, SQL_pause_and_mark, "seconds", "30", "key", "late", NULL),
		ERR_BUSY);
	assert_in_range(clock_ms() - before, 250, 3000);
	test_wait_for("select count(*) from pg_stat_activity where state = 'active' and pid <> "
		      "pg_backend_pid() and query like '%pg_sleep%'",
		0);
	for (int tries = 0; test_call(small, &out, SQL_echo, NULL) != ERR_NONE; tries++)
		assert_true(tries < 20); /* cancelling takes a moment */
	assert_int_equal(test_number("select count(*) from test.marks where key = 'late'"), 0);
	db_stats(small, &stats);
	assert_true(stats.busy >= 1);
	assert_int_equal(stats.connections_open, 1);
	assert_int_equal(stats.connections_in_use, 0);
	db_close(small);
}

/* After a lost connection, reads and calls with a key are repeated; other outcomes are unknown. */
static void
only_safe_calls_are_repeated(void **state)
{
	(void)state;
	g_free(test_sql("alter sequence test.tries restart"));
	assert_int_equal(test_call(db, &out, SQL_read_with_loss, "losses", "2", NULL), ERR_NONE);
	assert_string_equal(out.answer, "3");

	g_free(test_sql("alter sequence test.tries restart"));
	assert_int_equal(test_call(db, &out, SQL_mark_with_key, "key", "kept", "losses", "2", NULL),
		ERR_NONE);
	assert_string_equal(out.answer, "3");
	assert_int_equal(test_number("select count(*) from test.marks where key = 'kept'"), 1);

	g_free(test_sql("alter sequence test.tries restart"));
	assert_int_equal(test_call(db, &out, SQL_mark_with_key, "losses", "1", NULL),
		ERR_BUSY); /* no key was given */
	assert_int_equal(test_number("select last_value from test.tries"), 1);

	g_free(test_sql("alter sequence test.tries restart"));
	assert_int_equal(test_call(db, &out, SQL_mark_with_loss, "losses", "1", "key",
				 "the statement does not take it", NULL),
		ERR_BUSY);
	assert_int_equal(test_number("select last_value from test.tries"), 1);
	assert_int_equal(test_number("select count(*) from test.marks where key = 'lost'"), 0);
}

static void *
call_often(void *arg)
{
	struct db_result mine = { 0 };
	uintptr_t wrong = 0;

	(void)arg;
	for (int i = 0; i < 200; i++) {
		g_autofree char *text = g_strdup_printf("%d", i);

		if (test_call(db, &mine, SQL_echo, "a", text, NULL) != ERR_NONE ||
			strcmp(db_result_get(&mine, "a"), text) != 0)
			wrong++;
	}
	db_result_clear(&mine);
	return (void *)wrong;
}

static void
many_threads_share_few_connections(void **state)
{
	pthread_t threads[16];
	struct db_stats stats;
	void *wrong;

	(void)state;
	for (int i = 0; i < 16; i++)
		pthread_create(&threads[i], NULL, call_often, NULL);
	for (int i = 0; i < 16; i++) {
		pthread_join(threads[i], &wrong);
		assert_int_equal((uintptr_t)wrong, 0);
	}
	db_stats(db, &stats);
	assert_in_range(stats.connections_open, 1, 4);
	test_wait_for(
		"select count(*) from pg_stat_activity where application_name = 'shoetopia' and "
		"pid <> pg_backend_pid()",
		stats.connections_open); /* closed backends take a moment to end */
	assert_int_equal(stats.connections_in_use, 0);
}

static void
batched_calls_are_an_array(void **state)
{
	const struct db_param params[] = {
		{ .name = "session", .text = "\\x00ff" },
		{ .name = "quantity", .text = "3", .json = "3" },
		{ .name = "sizes", .text = "{1,2}", .json = "[1,2]" },
		{ .name = "absent" },
		{ .name = "said", .text = "\"quoted\"\n" },
	};

	(void)state;
	db_result_clear(&out);
	assert_int_equal(db_call(db, SQL_echo_calls, params, G_N_ELEMENTS(params), &out), ERR_NONE);
	assert_string_equal(out.answer,
		"[{\"said\": \"\\\"quoted\\\"\\n\", \"sizes\": [1, 2], \"session\": "
		"\"\\\\x00ff\", \"quantity\": 3}]");
	assert_int_equal(test_call(db, &out, SQL_echo_calls, "fail", "out_of_stock", NULL),
		ERR_OUT_OF_STOCK);
	assert_non_null(strstr(out.extra, "out_of_stock"));
	assert_int_equal(test_call(db, &out, SQL_echo_calls, "fail", "replayed", NULL), ERR_NONE);
	assert_true(out.replayed);
	assert_int_equal(test_call(db, &out, SQL_echo_calls, "silent", "1", NULL),
		ERR_FAULT); /* no row has its number */
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parameters_and_columns_are_passed),
		cmocka_unit_test(rows_must_fit_the_mark),
		cmocka_unit_test(column_code_is_the_outcome),
		cmocka_unit_test(a_raised_refusal_is_the_outcome),
		cmocka_unit_test(errors_are_logged_without_values),
		cmocka_unit_test(an_error_at_commit_is_an_error),
		cmocka_unit_test(serialization_failures_are_retried),
		cmocka_unit_test(a_late_statement_is_cancelled),
		cmocka_unit_test(only_safe_calls_are_repeated),
		cmocka_unit_test(many_threads_share_few_connections),
		cmocka_unit_test(batched_calls_are_an_array),
	};

	(void)argc;
	test_need_server(argv);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
