/* The server crashes, stops or hangs: no call hangs, and calls succeed when it is back. */
#include <glib.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "db/clock.h"
#include "db_test.h"

enum { DEADLINE_MS = 1000, SLACK_MS = 1500, THREADS = 8 };

static struct db *db;
static struct db_result out;

static int
set_up(void **state)
{
	(void)state;
	test_make_schema();
	db = db_open(4, DEADLINE_MS);
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

struct caller {
	pthread_t thread;
	unsigned long good, busy, other;
	int64_t slowest_ms;
};

static atomic_bool stop;
static atomic_ulong answered;

/* Calls until `stop` is set: sleeps, reads and writes in turn. */
static void *
call_on(void *arg)
{
	static const enum sql_id ids[] = { SQL_pause, SQL_echo, SQL_pause_and_mark, SQL_mark };
	struct caller *me = arg;
	struct db_result mine = { 0 };

	for (unsigned long i = 0; !atomic_load(&stop); i++) {
		int64_t before = clock_ms();
		enum err e =
			test_call(db, &mine, ids[i % G_N_ELEMENTS(ids)], "seconds", "0.02", NULL);

		me->slowest_ms = MAX(me->slowest_ms, clock_ms() - before);
		if (e == ERR_NONE)
			me->good++;
		else if (e == ERR_BUSY)
			me->busy++;
		else
			me->other++;
		atomic_fetch_add(&answered, 1);
		if (e == ERR_BUSY) /* a client pauses after 503 */
			nanosleep(&(struct timespec){ .tv_nsec = 5000000 }, NULL);
	}
	db_result_clear(&mine);
	return NULL;
}

static void
wait_for_answers(unsigned long more)
{
	unsigned long wanted = atomic_load(&answered) + more;
	int64_t until = clock_ms() + 20000;

	while (atomic_load(&answered) < wanted) {
		if (clock_ms() > until)
			fail_msg("calls hang");
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	}
}

static void
start_callers(struct caller *callers)
{
	atomic_store(&stop, false);
	for (int i = 0; i < THREADS; i++) {
		callers[i] = (struct caller){ 0 };
		pthread_create(&callers[i].thread, NULL, call_on, &callers[i]);
	}
	wait_for_answers(100);
}

static void
stop_callers(struct caller *callers)
{
	atomic_store(&stop, true);
	for (int i = 0; i < THREADS; i++)
		pthread_join(callers[i].thread, NULL);
}

static void
wait_until_it_works(void)
{
	int64_t until = clock_ms() + 20000;

	while (test_call(db, &out, SQL_echo, NULL) != ERR_NONE)
		if (clock_ms() > until)
			fail_msg("calls do not succeed again");
}

/* Immediate shutdown and restart under load, five times. */
static void
calls_survive_crashes(void **state)
{
	struct caller callers[THREADS];
	unsigned long good = 0, busy = 0;

	(void)state;
	start_callers(callers);
	for (int round = 0; round < 5; round++) {
		test_server("crash");
		wait_for_answers(4 * THREADS);
		assert_int_equal(test_call(db, &out, SQL_echo, NULL), ERR_BUSY);
		assert_int_equal(test_call(db, &out, SQL_mark, NULL), ERR_BUSY);
		test_server("start");
		wait_until_it_works();
		wait_for_answers(4 * THREADS);
	}
	stop_callers(callers);
	for (int i = 0; i < THREADS; i++) {
		assert_int_equal(callers[i].other, 0);
		assert_in_range(callers[i].slowest_ms, 0, DEADLINE_MS + SLACK_MS);
		good += callers[i].good;
		busy += callers[i].busy;
	}
	assert_true(good > 0);
	assert_true(busy > 0);
}

/* Without a server a call that has not been sent fails at once. */
static void
calls_fail_at_once_without_a_server(void **state)
{
	int64_t before;

	(void)state;
	test_server("stop");
	before = clock_ms();
	for (int i = 0; i < 20; i++)
		assert_int_equal(test_call(db, &out, i % 2 ? SQL_mark : SQL_echo, NULL), ERR_BUSY);
	assert_in_range(clock_ms() - before, 0, DEADLINE_MS);
	test_server("start");
	wait_until_it_works();
}

/* A read that was sent is repeated when the server is back within its deadline. */
static void *
restart_while_it_sleeps(void *arg)
{
	(void)arg;
	test_wait_for("select count(*) from pg_stat_activity where wait_event = 'PgSleep'", 1);
	test_server("crash");
	test_server("start");
	return NULL;
}

static void
a_read_survives_a_restart(void **state)
{
	struct db *patient = db_open(1, 20000);
	pthread_t thread;

	(void)state;
	pthread_create(&thread, NULL, restart_while_it_sleeps, NULL);
	assert_int_equal(test_call(patient, &out, SQL_pause, "seconds", "2", NULL), ERR_NONE);
	assert_string_equal(out.answer, "paused");
	pthread_join(thread, NULL);
	db_close(patient);
}

/* The server accepts connections and does not answer. */
static void
calls_to_a_frozen_server_time_out(void **state)
{
	struct caller callers[THREADS];
	struct db *fresh = db_open(1, 300);
	int64_t before;

	(void)state;
	start_callers(callers);
	test_server("freeze");
	wait_for_answers(2 * THREADS);
	before = clock_ms();
	assert_int_equal(
		test_call(fresh, &out, SQL_echo, NULL), ERR_BUSY); /* has to connect first */
	assert_in_range(clock_ms() - before, 200, SLACK_MS);
	test_server("thaw");
	wait_for_answers(2 * THREADS);
	wait_until_it_works();
	stop_callers(callers);
	for (int i = 0; i < THREADS; i++) {
		assert_int_equal(callers[i].other, 0);
		assert_true(callers[i].busy > 0);
		assert_in_range(callers[i].slowest_ms, 0, DEADLINE_MS + SLACK_MS);
	}
	db_close(fresh);
}

/* One backend hangs and does not react to a cancel request: its slot is released nevertheless. */
static void
a_frozen_backend_is_replaced(void **state)
{
	struct db *one = db_open(1, 300);
	g_autofree char *freeze = NULL, *thaw = NULL;
	int64_t until = clock_ms() + 20000;
	long pid;

	(void)state;
	assert_int_equal(test_call(one, &out, SQL_echo, NULL), ERR_NONE);
	pid = test_number(
		"select pid from pg_stat_activity where application_name = 'shoetopia' and "
		"query like '%an answer%'"
		" and pid <> pg_backend_pid() order by backend_start desc limit 1");
	freeze = g_strdup_printf("signal STOP %ld", pid);
	thaw = g_strdup_printf("signal CONT %ld", pid);
	test_server(freeze);
	assert_int_equal(test_call(one, &out, SQL_echo, NULL), ERR_BUSY);
	while (test_call(one, &out, SQL_echo, NULL) != ERR_NONE)
		assert_true(clock_ms() < until);
	test_server(thaw);
	db_close(one);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_survive_crashes),
		cmocka_unit_test(calls_fail_at_once_without_a_server),
		cmocka_unit_test(a_read_survives_a_restart),
		cmocka_unit_test(calls_to_a_frozen_server_time_out),
		cmocka_unit_test(a_frozen_backend_is_replaced),
	};

	(void)argc;
	test_need_server(argv);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
