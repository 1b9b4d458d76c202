/* Connections: prepared statements, closed connections, commits that were not replicated. */
#include <glib.h>
#include <pthread.h>
#include <string.h>

#include "db/clock.h"
#include "db/conn.h"
#include "db/hosts.h"
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

/* The server prepared a statement after conn_prepare() timed out: the connection stays usable. */
static void
a_late_preparation_is_harmless(void **state)
{
	g_autofree char *why = NULL;
	struct conn *conn = NULL;
	const char *const values[] = { "a", "b" };
	struct reply reply = { 0 };

	(void)state;
	/* repeated, since the server may be quick enough */
	for (int i = 0; i < 100 && reply.kind != REPLY_TIMED_OUT; i++) {
		conn_close(conn);
		conn = hosts_open(clock_ms() + 10000, CONN_ANY, 0, &why);
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
a_connection_closed_while_idle_is_replaced(void **state)
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
			test_call(one, &out, SQL_pause_and_mark, "seconds", "0", NULL), ERR_NONE);
		db_stats(one, &stats);
		assert_int_equal(stats.reconnects, round);
	}
	db_close(one);
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

/* Replaces functions as --migrate does, with changing types, while four threads call them. */
static void
functions_may_be_replaced_meanwhile(void **state)
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
			"create function changing.answer() returns int language sql as 'select "
			"2'; commit"));
		g_free(test_sql(
			"begin; drop schema changing cascade; create schema changing;"
			"create function changing.answer() returns text language sql as 'select "
			"''first''::text'; commit"));
	}
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], &good);
		assert_true((uintptr_t)good > 0);
	}
	/* a function that does not come back is a fault, after a few attempts */
	g_free(test_sql("drop schema changing cascade"));
	assert_int_equal(test_call(db, &out, SQL_changing, NULL), ERR_FAULT);
	g_free(test_sql("create schema changing; create function changing.answer() returns text "
			"language sql as 'select ''restored''::text'"));
	assert_int_equal(test_call(db, &out, SQL_changing, NULL), ERR_NONE);
	assert_string_equal(out.answer, "restored");
}

static void *
mark_one(void *arg)
{
	struct db_result mine = { 0 };
	enum err e = test_call(db, &mine, SQL_mark, "key", "not replicated", NULL);

	(void)arg;
	db_result_clear(&mine);
	return (void *)(uintptr_t)e;
}

/* The server reports COMMIT and warns that the standby does not have it: no success. */
static void
a_commit_that_was_not_replicated_is_busy(void **state)
{
	pthread_t thread;
	void *e;

	(void)state;
	test_server("set synchronous_standby_names missing");
	test_server("stop"); /* a reload reaches the server's processes one by one */
	test_server("start");
	pthread_create(&thread, NULL, mark_one, NULL);
	test_wait_for("select count(*) from pg_stat_activity where wait_event = 'SyncRep'", 1);
	g_free(test_sql("select pg_cancel_backend(pid) from pg_stat_activity where wait_event = "
			"'SyncRep'"));
	pthread_join(thread, &e);
	assert_int_equal((uintptr_t)e, ERR_BUSY);
	test_server("set synchronous_standby_names ''");
	test_server("stop");
	test_server("start");
	assert_int_equal(
		test_number("select count(*) from test.marks where key = 'not replicated'"), 1);
	assert_int_equal(test_call(db, &out, SQL_mark, "key", "replicated", NULL), ERR_NONE);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_late_preparation_is_harmless),
		cmocka_unit_test(a_connection_closed_while_idle_is_replaced),
		cmocka_unit_test(functions_may_be_replaced_meanwhile),
		cmocka_unit_test(a_commit_that_was_not_replicated_is_busy),
	};

	(void)argc;
	test_need_server(argv);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
