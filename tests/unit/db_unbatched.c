/*
 * Writes that are not batched, while many others of the same statement need a row that another
 * transaction holds.
 */
#include <glib.h>

#include "callers.h"
#include "db/clock.h"

enum { STUCK = 12, CROWD = 120, SOON_MS = 1000, DEADLINE_MS = 10000 };

/* A call in a thread of its own. */
struct writer {
	struct db *db;
	pthread_t thread;
	char session[16];
	struct db_result out;
	enum err err;
};

static enum err
write_row(struct db *db, struct db_result *out, const char *session, const char *number)
{
	return test_call(db, out, SQL_write_row, "session", session, "number", number, NULL);
}

static void *
writer_main(void *arg)
{
	struct writer *me = arg;

	me->err = write_row(me->db, &me->out, me->session, "1");
	return NULL;
}

/* Starts writers that need the row, and waits until the first of them have missed it. */
static void
start_stuck(struct writer *writers, int n, struct db *db)
{
	for (int i = 0; i < n; i++) {
		writers[i] = (struct writer){ .db = db };
		g_snprintf(writers[i].session, sizeof writers[i].session, "s%d", i);
		assert_int_equal(
			pthread_create(&writers[i].thread, NULL, writer_main, &writers[i]), 0);
	}
	test_wait_for("select (count(*) > 1)::int from pg_stat_activity"
		      " where wait_event_type = 'Lock'",
		1);
}

static void
join_stuck(struct writer *writers, enum err e)
{
	for (int i = 0; i < STUCK; i++) {
		pthread_join(writers[i].thread, NULL);
		assert_int_equal(writers[i].err, e);
		db_result_clear(&writers[i].out);
	}
}

static int
set_up(void **state)
{
	(void)state;
	test_make_schema();
	return 0;
}

static void
writes_at_a_stuck_row_hold_up_no_others(void **state)
{
	struct db *db = db_open(8, DEADLINE_MS);
	struct writer writers[STUCK];
	struct db_result out = { 0 };
	int64_t before;

	(void)state;
	lock_hold();
	start_stuck(writers, STUCK, db);
	before = clock_ms();
	for (int i = 0; i < 3; i++) {
		assert_int_equal(write_row(db, &out, "another", "2"), ERR_NONE);
		assert_int_equal(
			test_call(db, &out, SQL_begin_session, "number", "2", NULL), ERR_NONE);
	}
	assert_true(clock_ms() - before < SOON_MS + SLACK_MS);
	before = clock_ms();
	lock_release();
	join_stuck(writers, ERR_NONE);
	assert_true(clock_ms() - before < SOON_MS + SLACK_MS);
	db_result_clear(&out);
	db_close(db);
}

static void
writes_at_a_stuck_row_are_busy_by_their_deadline(void **state)
{
	struct db *db = db_open(8, SOON_MS);
	struct writer writers[STUCK];
	int64_t before = clock_ms();

	(void)state;
	lock_hold();
	start_stuck(writers, STUCK, db);
	join_stuck(writers, ERR_BUSY);
	assert_in_range(clock_ms() - before, SOON_MS / 2, SOON_MS + SLACK_MS);
	lock_release();
	db_close(db);
}

/* While many wait, others of the statement are refused at once: they would hold threads. */
static void
a_crowd_at_a_stuck_row_is_refused(void **state)
{
	struct db *db = db_open(20, 2 * DEADLINE_MS);
	struct writer *writers = g_new0(struct writer, CROWD);
	struct db_result out = { 0 };
	int64_t until = clock_ms() + 2 * DEADLINE_MS;
	int64_t before;
	int busy = 0;

	(void)state;
	lock_hold();
	start_stuck(writers, CROWD, db);
	do { /* the first are patient by then */
		g_usleep(100 * 1000);
		before = clock_ms();
		assert_true(before < until);
	} while (write_row(db, &out, "another", "1") != ERR_BUSY || clock_ms() - before > SOON_MS);
	assert_int_equal(test_call(db, &out, SQL_mark, "key", "other", NULL), ERR_NONE);
	lock_release();
	for (int i = 0; i < CROWD; i++) {
		pthread_join(writers[i].thread, NULL);
		busy += writers[i].err == ERR_BUSY;
		db_result_clear(&writers[i].out);
	}
	assert_in_range(busy, 0, CROWD / 2);
	db_result_clear(&out);
	g_free(writers);
	db_close(db);
}

/* It may hold one of the few threads that hash passwords. */
static void
the_begin_of_a_session_waits_for_a_second(void **state)
{
	struct db *db = db_open(8, DEADLINE_MS);
	struct db_result out = { 0 };
	int64_t before = clock_ms();

	(void)state;
	lock_hold();
	assert_int_equal(test_call(db, &out, SQL_begin_session, "number", "1", NULL), ERR_BUSY);
	assert_in_range(clock_ms() - before, 500, 1500 + SLACK_MS);
	lock_release();
	assert_int_equal(test_call(db, &out, SQL_begin_session, "number", "1", NULL), ERR_NONE);
	db_result_clear(&out);
	db_close(db);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(writes_at_a_stuck_row_hold_up_no_others, set_up),
		cmocka_unit_test_setup(writes_at_a_stuck_row_are_busy_by_their_deadline, set_up),
		cmocka_unit_test_setup(a_crowd_at_a_stuck_row_is_refused, set_up),
		cmocka_unit_test_setup(the_begin_of_a_session_waits_for_a_second, set_up),
	};

	(void)argc;
	test_need_server(argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
