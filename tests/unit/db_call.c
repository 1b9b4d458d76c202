/* A call: what goes in, what comes out, what is repeated, and what nobody outside ever gets to see. */
#include <glib.h>
#include <pthread.h>
#include <string.h>

#include "db/clock.h"
#include "db/conn.h"
#include "db/statement.h"
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
values_travel(void **state)
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
	/* what is not given is NULL, and an empty text is not */
	assert_int_equal(test_call(db, &out, SQL_echo, "a", "", NULL), ERR_NONE);
	assert_string_equal(db_result_get(&out, "a"), "");
	assert_null(db_result_get(&out, "b"));
}

static void
rows_are_counted(void **state)
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
a_code_is_an_outcome(void **state)
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
a_refusal_is_an_outcome(void **state)
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

/* A client sees nothing of an error, and the log sees its state, its statement and its message, but no value. */
static void
errors_stay_inside(void **state)
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

/* The row came, the error came after it: it did not happen. */
static void
an_error_at_commit_is_an_error(void **state)
{
	(void)state;
	assert_int_equal(test_call(db, &out, SQL_late_error, NULL), ERR_FAULT);
	assert_null(out.answer);
	assert_int_equal(test_number("select count(*) from test.unique_late"), 1);
}

static void
collisions_are_repeated(void **state)
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
	/* there is an end to it */
	g_free(test_sql("alter sequence test.tries restart"));
	assert_int_equal(
		test_call(db, &out, SQL_collide, "times", "99", "state", "40001", NULL), ERR_BUSY);
	assert_int_equal(test_number("select last_value from test.tries"), 5);
	/* and nothing else is repeated */
	g_free(test_sql("alter sequence test.tries restart"));
	assert_int_equal(
		test_call(db, &out, SQL_collide, "times", "99", "state", "55P03", NULL), ERR_BUSY);
	assert_int_equal(test_number("select last_value from test.tries"), 1);
}

/* A late call ends in time, what it began is cancelled, and its place can be used again. */
static void
a_deadline_is_kept(void **state)
{
	struct db *small = db_open(1, 300);
	struct db_stats stats;
	int64_t before;

	(void)state;
	assert_int_equal(test_call(small, &out, SQL_echo, NULL), ERR_NONE);
	before = clock_ms();
	assert_int_equal(
		test_call(small, &out, SQL_nap_and_mark, "seconds", "30", "key", "late", NULL),
		ERR_BUSY);
	assert_in_range(clock_ms() - before, 250, 3000);
	test_wait_for(
		"select count(*) from pg_stat_activity where state = 'active' and pid <> pg_backend_pid() and query like '%pg_sleep%'",
		0);
	for (int tries = 0; test_call(small, &out, SQL_echo, NULL) != ERR_NONE; tries++)
		assert_true(tries < 20); /* the rescue takes a moment */
	assert_int_equal(test_number("select count(*) from test.marks where key = 'late'"), 0);
	db_stats(small, &stats);
	assert_true(stats.busy >= 1);
	assert_int_equal(stats.connections_open, 1);
	assert_int_equal(stats.connections_in_use, 0);
	db_close(small);
}

/* The server may prepare a statement although nobody waited for its word; the connection is as good as any. */
static void
a_late_preparation_does_no_harm(void **state)
{
	g_autofree char *why = NULL;
	struct conn *conn = NULL;
	const char *const values[] = { "a", "b" };
	struct reply reply = { 0 };

	(void)state;
	for (int i = 0; i < 100 && reply.kind != REPLY_TIMED_OUT;
		i++) { /* the server may be quick, and then it is not late */
		conn_close(conn);
		conn = conn_open(clock_ms() + 10000, &why);
		assert_non_null(conn);
		conn_prepare(conn, &statements[SQL_echo], clock_ms(), &reply);
	}
	assert_int_equal(reply.kind, REPLY_TIMED_OUT);
	conn_cancel(conn, clock_ms() + 10000);
	assert_true(conn_is_clean(conn));
	for (int i = 0; i < 2; i++) {
		conn_call(conn, &statements[SQL_echo], values, clock_ms() + 10000, &reply);
		assert_int_equal(reply.kind, REPLY_DONE);
		assert_string_equal(reply_get(&reply, 0, "b"), "b");
	}
	reply_clear(&reply);
	conn_close(conn);
}

static void
a_connection_that_died_idle_is_replaced(void **state)
{
	struct db *one = db_open(1, 10000);
	struct db_stats stats;

	(void)state;
	for (unsigned long round = 1; round <= 3; round++) {
		assert_int_equal(test_call(one, &out, SQL_mark, "key",
					 g_intern_string(round == 1   ? "1"
							 : round == 2 ? "2"
								      : "3"),
					 NULL),
			ERR_NONE);
		g_free(test_sql(
			"select pg_terminate_backend(pid, 10000) from pg_stat_activity"
			" where backend_type = 'client backend' and pid <> pg_backend_pid()"));
		assert_int_equal(
			test_call(one, &out, SQL_nap_and_mark, "seconds", "0", NULL), ERR_NONE);
		db_stats(one, &stats);
		assert_int_equal(stats.reconnects, round);
	}
	db_close(one);
}

/* What is lost on the way is repeated if that is safe, and else told as unknown. */
static void
only_what_is_safe_is_run_again(void **state)
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
call_for_a_second(void *arg)
{
	struct db_result mine = { 0 };
	int64_t until = clock_ms() + 1000;
	uintptr_t good = 0;

	(void)arg;
	while (clock_ms() < until) {
		if (test_call(db, &mine, SQL_changing, NULL) != ERR_NONE)
			break;
		good++;
	}
	if (clock_ms() < until)
		good = 0;
	db_result_clear(&mine);
	return (void *)good; /* NOLINT: a number, not a pointer */
}

/* The functions are replaced as --migrate does it, now with this type and now with another, while four threads call them. */
static void
the_schema_may_change_meanwhile(void **state)
{
	pthread_t threads[4];
	int64_t until = clock_ms() + 1000;
	void *good;

	(void)state;
	for (int i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, call_for_a_second, NULL);
	while (clock_ms() < until) {
		g_free(test_sql(
			"begin; drop schema changing cascade; create schema changing;"
			"create function changing.answer() returns int language sql as 'select 2'; commit"));
		g_free(test_sql(
			"begin; drop schema changing cascade; create schema changing;"
			"create function changing.answer() returns text language sql as 'select ''first''::text'; commit"));
	}
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], &good);
		assert_true((uintptr_t)good > 0);
	}
	/* and what is gone for good is a fault, not an endless search */
	g_free(test_sql("drop schema changing cascade"));
	assert_int_equal(test_call(db, &out, SQL_changing, NULL), ERR_FAULT);
	g_free(test_sql(
		"create schema changing; create function changing.answer() returns text language sql as 'select ''back''::text'"));
	assert_int_equal(test_call(db, &out, SQL_changing, NULL), ERR_NONE);
	assert_string_equal(out.answer, "back");
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
		"select count(*) from pg_stat_activity where application_name = 'shoetopia' and pid <> pg_backend_pid()",
		stats.connections_open); /* those that were closed take a moment to end */
	assert_int_equal(stats.connections_in_use, 0);
}

static void
calls_travel_as_an_array(void **state)
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
	assert_int_equal(db_call(db, SQL_gather, params, G_N_ELEMENTS(params), &out), ERR_NONE);
	assert_string_equal(out.answer,
		"[{\"said\": \"\\\"quoted\\\"\\n\", \"sizes\": [1, 2], \"session\": \"\\\\x00ff\", \"quantity\": 3}]");
	assert_int_equal(
		test_call(db, &out, SQL_gather, "fail", "out_of_stock", NULL), ERR_OUT_OF_STOCK);
	assert_non_null(strstr(out.extra, "out_of_stock"));
	assert_int_equal(test_call(db, &out, SQL_gather, "fail", "replayed", NULL), ERR_NONE);
	assert_true(out.replayed);
	assert_int_equal(test_call(db, &out, SQL_gather, "silent", "1", NULL),
		ERR_FAULT); /* no row has its number */
}

static void *
mark_one(void *arg)
{
	struct db_result mine = { 0 };
	enum err e = test_call(db, &mine, SQL_mark, "key", "unsure", NULL);

	(void)arg;
	db_result_clear(&mine);
	return (void *)(uintptr_t)e;
}

/* The server says COMMIT and, in a warning, that the standby does not have it: that is no success. */
static void
a_commit_without_its_standby_is_unknown(void **state)
{
	pthread_t thread;
	void *e;

	(void)state;
	test_server("set synchronous_standby_names nobody");
	test_server(
		"stop"); /* after a mere reload, each process of the server would learn of it in its own time */
	test_server("start");
	pthread_create(&thread, NULL, mark_one, NULL);
	test_wait_for("select count(*) from pg_stat_activity where wait_event = 'SyncRep'", 1);
	g_free(test_sql(
		"select pg_cancel_backend(pid) from pg_stat_activity where wait_event = 'SyncRep'"));
	pthread_join(thread, &e);
	assert_int_equal((uintptr_t)e, ERR_BUSY);
	test_server("set synchronous_standby_names ''");
	test_server("stop");
	test_server("start");
	assert_int_equal(test_number("select count(*) from test.marks where key = 'unsure'"), 1);
	assert_int_equal(test_call(db, &out, SQL_mark, "key", "sure", NULL), ERR_NONE);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_travel),
		cmocka_unit_test(rows_are_counted),
		cmocka_unit_test(a_code_is_an_outcome),
		cmocka_unit_test(a_refusal_is_an_outcome),
		cmocka_unit_test(errors_stay_inside),
		cmocka_unit_test(an_error_at_commit_is_an_error),
		cmocka_unit_test(collisions_are_repeated),
		cmocka_unit_test(a_deadline_is_kept),
		cmocka_unit_test(a_late_preparation_does_no_harm),
		cmocka_unit_test(a_connection_that_died_idle_is_replaced),
		cmocka_unit_test(only_what_is_safe_is_run_again),
		cmocka_unit_test(the_schema_may_change_meanwhile),
		cmocka_unit_test(many_threads_share_few_connections),
		cmocka_unit_test(calls_travel_as_an_array),
		cmocka_unit_test(a_commit_without_its_standby_is_unknown),
	};

	(void)argc;
	test_need_server(argv);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
