/* Servers that take no writes, or may lose them: calls find another one, or are busy meanwhile. */
#include <glib.h>
#include <string.h>

#include "db/clock.h"
#include "db_test.h"

enum { DEADLINE_MS = 4000 };

static struct db_result out;

static int
set_up(void **state)
{
	(void)state;
	test_make_schema();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	db_result_clear(&out);
	return 0;
}

static enum err
mark(struct db *db)
{
	g_autofree char *key = g_uuid_string_random();

	return test_call(db, &out, SQL_mark, "key", key, NULL);
}

static void
wait_for_write(struct db *db)
{
	int64_t until = clock_ms() + 20000;

	while (mark(db) != ERR_NONE)
		if (clock_ms() > until)
			fail_msg("no write succeeds again");
}

/* The server turns read-only under open connections, and back. Reads go on, with any pools. */
static void
writes_to_a_read_only_server_are_busy(void **state)
{
	(void)state;
	for (int connections = 1; connections <= 8; connections += connections < 3 ? 1 : 5) {
		struct db *db = db_open(connections, DEADLINE_MS);
		int64_t before;

		assert_int_equal(mark(db), ERR_NONE);
		assert_int_equal(test_call(db, &out, SQL_echo, NULL), ERR_NONE);
		test_server("set default_transaction_read_only on");
		test_wait_for("select count(*) from pg_settings"
			      " where name = 'default_transaction_read_only' and setting = 'on'",
			1);
		before = clock_ms();
		for (int i = 0; i < 20; i++) {
			assert_int_equal(mark(db), ERR_BUSY);
			assert_int_equal(
				test_call(db, &out, SQL_record, "name", "x", NULL), ERR_BUSY);
			assert_int_equal(test_call(db, &out, SQL_echo, NULL), ERR_NONE);
		}
		assert_in_range(clock_ms() - before, 0, DEADLINE_MS);
		assert_int_equal(db_probe(db, SQL_nothing), ERR_BUSY);
		assert_int_equal(db_probe(db, SQL_echo), ERR_NONE);
		test_server("set default_transaction_read_only off");
		wait_for_write(db);
		assert_int_equal(test_call(db, &out, SQL_record, "name", "x", NULL), ERR_NONE);
		db_close(db);
	}
}

/* A connection whose server refused to write is replaced, and the call run again, once. */
static void
a_refused_write_is_run_again(void **state)
{
	static const char *const states[] = { "25006", "ST001" };
	struct db *db = db_open(4, DEADLINE_MS);
	struct db_stats stats;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(states); i++) {
		g_free(test_sql("select setval('test.tries', 1, false)"));
		assert_int_equal(
			test_call(db, &out, SQL_collide, "times", "1", "state", states[i], NULL),
			ERR_NONE);
		assert_string_equal(out.answer, "2");
		g_free(test_sql("select setval('test.tries', 1, false)"));
		assert_int_equal(
			test_call(db, &out, SQL_collide, "times", "9", "state", states[i], NULL),
			ERR_BUSY);
		assert_int_equal(test_number("select last_value from test.tries"), 2);
	}
	db_stats(db, &stats);
	assert_int_equal(stats.faults, 0);
	assert_true(stats.reconnects >= 3);
	db_close(db);
}

/* Of two hosts, the first is a standby: writes find the primary, and the standby when promoted. */
static void
writes_find_the_primary(void **state)
{
	g_autofree char *host = g_strdup(g_getenv("PGHOST"));
	g_autofree char *hosts = g_strdup_printf("%s/standby,%s", host, host);
	struct db *db;

	(void)state;
	test_server("standby");
	g_setenv("PGHOST", hosts, TRUE);
	db = db_open(8, DEADLINE_MS);
	assert_int_equal(mark(db), ERR_NONE);
	assert_int_equal(test_call(db, &out, SQL_record, "name", "x", NULL), ERR_NONE);
	assert_int_equal(db_probe(db, SQL_nothing), ERR_NONE);
	test_server("stop");
	assert_int_equal(mark(db), ERR_BUSY);
	assert_int_equal(test_call(db, &out, SQL_echo, NULL), ERR_NONE);
	assert_int_equal(db_probe(db, SQL_nothing), ERR_BUSY);
	assert_int_equal(db_probe(db, SQL_echo), ERR_NONE);
	test_server("promote");
	wait_for_write(db);
	assert_int_equal(db_probe(db, SQL_nothing), ERR_NONE);
	db_close(db);
	g_setenv("PGHOST", host, TRUE);
	test_server("start");
}

/*
 * The first host accepts connections and never answers; the second one, promoted above, takes
 * writes. A connection to the first is given up, though the cancel request gets no answer. The next
 * call waits for the first host for its part of the deadline; later ones begin with the second.
 */
static void
a_host_that_hangs_is_passed_by(void **state)
{
	g_autofree char *host = g_strdup(g_getenv("PGHOST"));
	g_autofree char *hosts = g_strdup_printf("%s,%s/standby", host, host);
	struct db *db;
	int64_t before;

	(void)state;
	g_setenv("PGHOST", hosts, TRUE);
	db = db_open(1, DEADLINE_MS);
	assert_int_equal(mark(db), ERR_NONE);
	test_server("freeze");
	assert_int_equal(mark(db), ERR_BUSY);
	wait_for_write(db);
	db_close(db);
	for (int i = 0; i < 3; i++) {
		db = db_open(1, DEADLINE_MS);
		before = clock_ms();
		assert_int_equal(mark(db), ERR_NONE);
		assert_in_range(clock_ms() - before, 0, DEADLINE_MS / 2 - 1);
		db_close(db);
	}
	g_setenv("PGHOST", host, TRUE);
	test_server("thaw");
}

/* Who says where to write is believed: here anywhere, so a standby's refusal is not a fault. */
static void
the_environment_decides(void **state)
{
	struct db *db;

	(void)state;
	g_setenv("PGOPTIONS", "-c default_transaction_read_only=on", TRUE);
	g_setenv("PGTARGETSESSIONATTRS", "any", TRUE);
	db = db_open(4, DEADLINE_MS);
	assert_int_equal(mark(db), ERR_BUSY);
	assert_int_equal(test_call(db, &out, SQL_echo, NULL), ERR_NONE);
	db_close(db);
	g_unsetenv("PGTARGETSESSIONATTRS");
	g_unsetenv("PGOPTIONS");
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_to_a_read_only_server_are_busy),
		cmocka_unit_test(a_refused_write_is_run_again),
		cmocka_unit_test(the_environment_decides),
		cmocka_unit_test(writes_find_the_primary),
		cmocka_unit_test(a_host_that_hangs_is_passed_by),
	};

	(void)argc;
	test_need_server(argv);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
