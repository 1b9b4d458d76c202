/* Public reads over standbys: which server answers, how old its data are, and without a primary. */
#include <glib.h>
#include <string.h>

#include "db/clock.h"
#include "db/conn.h"
#include "db_test.h"

enum {
	DEADLINE_MS = 8000,
	WAIT_MS = 20000,
	IDLE_MS = 1500, /* longer than data may be old */
	WATCH_MS = 2000,
	HUNG_MS = 2500,
};

static struct db *db;
static struct db_result out;
static char *host, *standby, *hosts;

static int
tear_down(void **state)
{
	(void)state;
	db_close(db);
	db_result_clear(&out);
	return 0;
}

/* The primary and its standby; PGHOST has both. */
static int
set_up(void **state)
{
	g_autofree char *readers = NULL, *why = NULL;

	(void)state;
	test_make_schema();
	test_server("standby");
	host = g_strdup(g_getenv("PGHOST"));
	hosts = g_strdup_printf("%s,%s/standby", host, host);
	standby = g_strdup_printf("host=%s/standby", host);
	readers = g_strdup_printf("host=%s/nowhere,%s/standby", host, host);
	g_setenv("PGHOST", hosts, TRUE);
	db = db_open(4, DEADLINE_MS);
	assert_true(db_set_readers(db, readers, &why));
	return 0;
}

static void
run_at_standby(const char *text)
{
	struct conn_address at = { .string = standby };
	g_autofree char *why = NULL;
	struct conn *conn = conn_open_at(clock_ms() + 10000, &at, &why);
	struct reply reply = { 0 };

	if (conn == NULL)
		fail_msg("%s", why);
	conn_run(conn, text, clock_ms() + 10000, &reply);
	assert_int_equal(reply.kind, REPLY_DONE);
	reply_clear(&reply);
	conn_close(conn);
}

/* Who answers the statement, with that session: "standby", "primary" or "". */
static const char *
answerer(enum sql_id id, const char *session)
{
	enum err e = test_call(db, &out, id, "session", session, NULL);

	assert_true(e == ERR_NONE || e == ERR_BUSY);
	return e == ERR_NONE ? out.answer : "";
}

static void
wait_for_answerer(const char *expected)
{
	int64_t until = clock_ms() + WAIT_MS;

	while (strcmp(answerer(SQL_place, NULL), expected) != 0)
		if (clock_ms() > until)
			fail_msg("the %s does not answer", expected);
}

static void
mark(const char *key)
{
	int64_t until = clock_ms() + WAIT_MS;

	while (test_call(db, &out, SQL_mark, "key", key, NULL) != ERR_NONE)
		if (clock_ms() > until)
			fail_msg("no write succeeds");
}

static void
only_public_reads_leave_the_primary(void **state)
{
	struct db_stats before, after;

	(void)state;
	wait_for_answerer("standby");
	db_stats(db, &before);
	for (int i = 0; i < 20; i++) {
		assert_string_equal(answerer(SQL_place, "s"), "primary");
		assert_string_equal(answerer(SQL_place_of_session, "s"), "primary");
		assert_string_equal(answerer(SQL_place_private, NULL), "primary");
	}
	test_call(db, &out, SQL_place, "counted", "true", NULL);
	assert_string_equal(out.answer, "primary");
	db_stats(db, &after);
	assert_int_equal(after.by_readers, before.by_readers);
	assert_string_equal(answerer(SQL_place_of_session, NULL), "standby");
	db_stats(db, &after);
	assert_int_equal(after.by_readers, before.by_readers + 1);
}

/* An idle primary does not make its standby old; a replay that stands still does. */
static void
a_late_standby_is_not_asked(void **state)
{
	int64_t written;

	(void)state;
	g_usleep(IDLE_MS * 1000);
	wait_for_answerer("standby");
	run_at_standby("select pg_wal_replay_pause()");
	mark("unseen");
	written = clock_ms();
	while (clock_ms() < written + WATCH_MS) {
		int64_t asked = clock_ms();
		const char *who = answerer(SQL_place, NULL);

		if (asked > written + 1000 && strcmp(db_result_get(&out, "marks"), "1") != 0)
			fail_msg("the %s answers without what was written %d ms ago", who,
				(int)(asked - written));
	}
	assert_string_equal(answerer(SQL_place, NULL), "primary");
	run_at_standby("select pg_wal_replay_resume()");
	wait_for_answerer("standby");
	assert_string_equal(db_result_get(&out, "marks"), "1");
}

/* A standby that accepts connections and does not answer holds up few reads, none for long. */
static void
the_primary_answers_beside_a_hung_standby(void **state)
{
	int64_t longest = 0;
	int late = 0;

	(void)state;
	wait_for_answerer("standby");
	test_server("freeze standby");
	for (int64_t until = clock_ms() + HUNG_MS; clock_ms() < until;) {
		int64_t asked = clock_ms();

		assert_string_equal(answerer(SQL_place, NULL), "primary");
		late += clock_ms() - asked > 500;
		longest = MAX(longest, clock_ms() - asked);
		g_usleep(10000);
	}
	test_server("thaw standby");
	assert_in_range(longest, 0, DEADLINE_MS / 2);
	assert_in_range(late, 0, 6);
	wait_for_answerer("standby");
}

/* The same of a primary: a read that it holds up gets its answer from a standby. */
static void
standbys_answer_beside_a_hung_primary(void **state)
{
	int64_t longest = 0;

	(void)state;
	wait_for_answerer("standby");
	test_server("freeze");
	for (int64_t until = clock_ms() + HUNG_MS; clock_ms() < until;) {
		int64_t asked = clock_ms();

		assert_string_equal(answerer(SQL_place, NULL), "standby");
		longest = MAX(longest, clock_ms() - asked);
		g_usleep(10000);
	}
	test_server("thaw");
	assert_in_range(longest, 0, DEADLINE_MS - 2000);
	mark("thawed");
	wait_for_answerer("standby");
}

/* Public reads go on without a primary, at any age, and with a session that they do not take. */
static void
standbys_answer_without_a_primary(void **state)
{
	(void)state;
	wait_for_answerer("standby");
	run_at_standby("select pg_wal_replay_pause()");
	mark("late");
	wait_for_answerer("primary");
	test_server("crash");
	for (int64_t until = clock_ms() + WATCH_MS; clock_ms() < until;) {
		assert_string_equal(answerer(SQL_place, NULL), "standby");
		assert_string_equal(answerer(SQL_place, "s"), "standby");
		test_call(db, &out, SQL_place, "counted", "true", NULL);
		assert_string_equal(out.answer, "standby");
		assert_int_equal(db_probe(db, SQL_place), ERR_NONE);
	}
	assert_string_equal(answerer(SQL_place_of_session, "s"), "");
	assert_string_equal(answerer(SQL_place_private, NULL), "");
	assert_int_equal(db_probe(db, SQL_nothing), ERR_BUSY);
	run_at_standby("select pg_wal_replay_resume()");
	test_server("promote");
	mark("after");
	wait_for_answerer("primary");
	assert_string_equal(answerer(SQL_place_private, NULL), "primary");
	assert_string_equal(db_result_get(&out, "marks"), "4");
}

static void
strings_that_are_not_valid_are_refused(void **state)
{
	static const char *const bad[] = { "standby1", "host=a,b port=1,2,3", "hos=a",
		"hostaddr=127.0.0.1", "host='a" };
	struct db *other = db_open(4, DEADLINE_MS);

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autofree char *why = NULL;

		assert_false(db_set_readers(other, bad[i], &why));
		assert_true(why != NULL && *why != '\0');
	}
	db_close(other);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings_that_are_not_valid_are_refused),
		cmocka_unit_test(only_public_reads_leave_the_primary),
		cmocka_unit_test(a_late_standby_is_not_asked),
		cmocka_unit_test(the_primary_answers_beside_a_hung_standby),
		cmocka_unit_test(standbys_answer_beside_a_hung_primary),
		cmocka_unit_test(standbys_answer_without_a_primary),
	};

	(void)argc;
	test_need_server(argv);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
