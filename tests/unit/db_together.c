/* Calls that travel together: who travels with whom, that each gets its own answer, and that one's mishap is nobody else's. */
#include <glib.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "db/clock.h"
#include "db_test.h"

enum { CROWD = 40, IN_LINE_MAX = 1024, SLACK_MS = 1500 };

static struct db *db;

/* One call, made by a thread of its own. */
struct caller {
	pthread_t thread;
	struct db *db;
	char name[16];
	const char *what, *value; /* one more parameter, or NULL */
	const char *key;
	enum err err;
	struct db_result out;
	/* of one that would rather not be woken: what it was told, and when it is said to go on */
	struct db_completion completion;
	int wake[2]; /* a pipe */
	atomic_int told;
	enum err told_err;
	atomic_bool returned;
};

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
	db_close(db);
	return 0;
}

static void *
call(void *arg)
{
	struct caller *me = arg;
	const struct db_param params[] = {
		{ .name = "name", .text = me->name },
		{ .name = "key", .text = me->key },
		{ .name = me->what == NULL ? "nothing" : me->what, .text = me->value },
	};

	me->err = db_call(me->db, SQL_crowd, params, G_N_ELEMENTS(params), &me->out);
	return NULL;
}

static void
caller_start(struct caller *me, struct db *with, const char *name, const char *key, const char *what, const char *value)
{
	pthread_attr_t attr;

	*me = (struct caller){ .db = with, .key = key, .what = what, .value = value };
	g_strlcpy(me->name, name, sizeof me->name);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 512 * 1024);
	assert_int_equal(pthread_create(&me->thread, &attr, call, me), 0);
	pthread_attr_destroy(&attr);
}

/* The call came to `e`, and if that is a success, its answer is its own. */
static void
caller_ends(struct caller *me, enum err e)
{
	pthread_join(me->thread, NULL);
	if (me->err != e)
		fail_msg("%s: came to %s, not to %s", me->name, err_info(me->err)->code, err_info(e)->code);
	if (e == ERR_NONE)
		assert_string_equal(me->out.answer, me->name);
	db_result_clear(&me->out);
}

static void
wait_for_line(struct db *with, int waiting)
{
	struct db_stats stats;
	int64_t until = clock_ms() + 60000;

	do {
		db_stats(with, &stats);
		if (clock_ms() > until)
			fail_msg("%d wait, not %d", stats.waiting, waiting);
	} while (stats.waiting != waiting);
}

/* A gate at which batches wait: a lock that is held by a connection, until the gate is opened. */
static struct db *gate;

static void
gate_close(void)
{
	struct db_result out = { 0 };

	gate = db_open(1, 10000);
	assert_int_equal(test_call(gate, &out, SQL_lock, "number", "1", NULL), ERR_NONE);
	db_result_clear(&out);
}

static void
gate_open(void)
{
	db_close(gate);
}

/* Fills all batches that may be under way at once with calls that wait at the gate; one more waits in line. Answers how many there are. */
static int
fill_lane(struct db *with, struct caller *first)
{
	struct db_stats stats = { 0 };
	int n;

	for (n = 0; n < 16 && stats.waiting == 0; n++) {
		g_autofree char *name = g_strdup_printf("first %d", n);
		int64_t until = clock_ms() + 10000;

		caller_start(&first[n], with, name, NULL, "gate", "1");
		do { /* it came to the gate, or it waits in line */
			db_stats(with, &stats);
			assert_true(clock_ms() < until);
		} while (stats.waiting == 0 && test_number("select count(*) from pg_locks where locktype = 'advisory' and not granted") <= n);
	}
	assert_in_range(n, 2, 15);
	return n;
}

/* ---- callers that sleep on ---- */

static void
note(void *arg, enum err e)
{
	struct caller *me = arg;

	assert_false(atomic_load(&me->returned));
	if (e == ERR_NONE)
		assert_string_equal(me->out.answer, me->name);
	me->told_err = e;
	atomic_fetch_add(&me->told, 1);
}

static void *
call_and_return(void *arg)
{
	struct caller *me = arg;

	call(me);
	atomic_store(&me->returned, true);
	return NULL;
}

static void
sleeper_start(struct caller *me, struct db *with, const char *name, const char *what, const char *value)
{
	*me = (struct caller){ .db = with, .what = what, .value = value, .completion = { .done = note, .arg = me } };
	g_strlcpy(me->name, name, sizeof me->name);
	assert_int_equal(pipe(me->wake), 0);
	me->completion.wake_fd = me->wake[0];
	me->out.completion = &me->completion;
	assert_int_equal(pthread_create(&me->thread, NULL, call_and_return, me), 0);
}

static void
sleeper_wake(struct caller *me)
{
	assert_int_equal(write(me->wake[1], "x", 1), 1);
}

/* The call came to `e`, and it was told so once, or never; answers whether it was. */
static bool
sleeper_ends(struct caller *me, enum err e)
{
	bool told;

	pthread_join(me->thread, NULL);
	told = me->out.completed;
	assert_int_equal(atomic_load(&me->told), told ? 1 : 0);
	if (told)
		assert_int_equal(me->told_err, e);
	close(me->wake[0]);
	close(me->wake[1]);
	assert_int_equal(me->err, e);
	if (e == ERR_NONE)
		assert_string_equal(me->out.answer, me->name);
	db_result_clear(&me->out);
	return told;
}

/*
 * Who would rather not be woken is told in the driver's thread, once, and sleeps on until it is said to go on; who goes on before there is an
 * outcome waits for it like everybody else.
 */
static void
a_sleeper_is_told_and_not_woken(void **state)
{
	struct caller first[16], crowd[CROWD];
	int n_first;

	(void)state;
	gate_close();
	n_first = fill_lane(db, first);
	for (int i = 0; i < CROWD; i++) {
		g_autofree char *name = g_strdup_printf("s%02d", i);

		sleeper_start(&crowd[i], db, name, i % 4 == 3 ? "code" : NULL, "cart_empty");
		wait_for_line(db, i + 2);
		if (i % 3 == 0)
			sleeper_wake(&crowd[i]);
	}
	gate_open();
	for (int i = 0; i < n_first; i++)
		caller_ends(&first[i], ERR_NONE);
	for (int i = 0; i < CROWD; i++) {
		int64_t until = clock_ms() + 10000;

		while (atomic_load(&crowd[i].told) == 0)
			assert_true(clock_ms() < until);
		if (i % 3 != 0) {
			assert_false(atomic_load(&crowd[i].returned));
			sleeper_wake(&crowd[i]);
		}
		assert_true(sleeper_ends(&crowd[i], i % 4 == 3 ? ERR_CART_EMPTY : ERR_NONE));
	}
}

/* Who need not wait for others has its outcome at once, and is not told; and a sleeper waits no longer than anybody else. */
static void
a_sleeper_has_a_deadline(void **state)
{
	struct db *hasty = db_open(4, 500);
	struct caller first, me;
	struct db_stats stats;
	int64_t before;

	(void)state;
	sleeper_start(&me, db, "alone", NULL, NULL);
	assert_false(sleeper_ends(&me, ERR_NONE));
	gate_close();
	before = clock_ms();
	caller_start(&first, hasty, "first", NULL, "gate", "1");
	do
		db_stats(hasty, &stats);
	while (stats.connections_in_use == 0);
	sleeper_start(&me, hasty, "in line", "gate", "1");
	caller_ends(&first, ERR_BUSY);
	sleeper_ends(&me, ERR_BUSY);
	assert_in_range(clock_ms() - before, 400, 2 * 500 + SLACK_MS);
	gate_open();
	db_close(hasty);
}

static void
alone_one_travels_alone(void **state)
{
	struct caller me;

	(void)state;
	for (int i = 0; i < 3; i++) {
		caller_start(&me, db, "me", NULL, NULL, NULL);
		caller_ends(&me, ERR_NONE);
	}
	assert_int_equal(test_number("select count(*) from test.batches where names = array['me']"), 3);
}

/* Who comes while batches are under way goes in the next one: all of them, in the order in which they came, each with its own answer. */
static void
a_crowd_travels_together(void **state)
{
	struct caller first[16], crowd[CROWD];
	int n_first;

	(void)state;
	gate_close();
	n_first = fill_lane(db, first);
	for (int i = 0; i < CROWD; i++) {
		g_autofree char *name = g_strdup_printf("%02d", i);

		caller_start(&crowd[i], db, name, NULL, i % 4 == 3 ? "code" : NULL, "cart_empty");
		wait_for_line(db, i + 2); /* beside the last of the first */
	}
	gate_open();
	for (int i = 0; i < n_first; i++)
		caller_ends(&first[i], ERR_NONE);
	for (int i = 0; i < CROWD; i++)
		caller_ends(&crowd[i], i % 4 == 3 ? ERR_CART_EMPTY : ERR_NONE);
	assert_in_range(test_number("select count(*) from test.batches where names[2] is not null"), 1, 2);
	assert_int_equal(test_number("select count(*) from test.batches where names[2:] <> array(select unnest(names[2:]) order by 1)"), 0);
	assert_int_equal(test_number("select sum(cardinality(names)) from test.batches where names <> array['me']"), n_first + CROWD);
}

/* A call that makes its batch fail is found, and only it sees its error. Nothing is done twice. */
static void
only_the_culprit_sees_its_error(void **state)
{
	struct caller first[16], crowd[CROWD];
	char keys[CROWD][16];
	int n_first;

	(void)state;
	gate_close();
	n_first = fill_lane(db, first);
	for (int i = 0; i < CROWD; i++) {
		g_autofree char *name = g_strdup_printf("b%02d", i);

		g_snprintf(keys[i], sizeof keys[i], "bomb %d", i);
		caller_start(&crowd[i], db, name, keys[i], i == 7 || i == 23 ? "bomb" : NULL, "1");
		wait_for_line(db, i + 2);
	}
	gate_open();
	for (int i = 0; i < n_first; i++)
		caller_ends(&first[i], ERR_NONE);
	for (int i = 0; i < CROWD; i++)
		caller_ends(&crowd[i], i == 7 || i == 23 ? ERR_FAULT : ERR_NONE);
	assert_int_equal(test_number("select count(*) from test.marks where key like 'bomb %'"), CROWD - 2);
	assert_int_equal(test_number("select count(*) from (select unnest(names) as n from test.batches) b where n like 'b%'"), CROWD - 2);
}

/*
 * The connection of a batch is lost: calls with a key go again, if need be more than once, and are carried out once; the others are told that
 * nobody knows.
 */
static void
keyed_calls_survive_a_lost_connection(void **state)
{
	struct caller first[16], crowd[10];
	char keys[10][16];
	int n_first;

	(void)state;
	g_free(test_sql("alter sequence test.tries restart"));
	gate_close();
	n_first = fill_lane(db, first);
	for (int i = 0; i < 10; i++) {
		bool keyed = i % 3 != 0;
		g_autofree char *name = g_strdup_printf("l%02d", i);

		g_snprintf(keys[i], sizeof keys[i], "lost %d", i);
		caller_start(&crowd[i], db, name, keyed ? keys[i] : NULL, "losses", keyed ? "2" : "999");
		wait_for_line(db, i + 2);
	}
	gate_open();
	for (int i = 0; i < n_first; i++) {
		pthread_join(first[i].thread, NULL); /* the one that waited in line may have been on board: either outcome is right */
		db_result_clear(&first[i].out);
	}
	for (int i = 0; i < 10; i++)
		caller_ends(&crowd[i], i % 3 != 0 ? ERR_NONE : ERR_BUSY);
	assert_int_equal(test_number("select count(*) from test.marks where key like 'lost %'"), 6);
	assert_int_equal(test_number("select count(*) from (select unnest(names) as n from test.batches) b where n like 'l%'"), 6);
}

/* Nobody waits longer than agreed, in line or on board; and then it goes on. */
static void
a_line_has_deadlines(void **state)
{
	struct db *hasty = db_open(4, 500);
	struct caller first[16], crowd[CROWD], late;
	int n_first;
	int64_t before;

	(void)state;
	gate_close();
	before = clock_ms();
	n_first = fill_lane(hasty, first);
	for (int i = 0; i < CROWD; i++)
		caller_start(&crowd[i], hasty, "hasty", NULL, "gate", "1");
	for (int i = 0; i < n_first; i++)
		caller_ends(&first[i], ERR_BUSY);
	for (int i = 0; i < CROWD; i++)
		caller_ends(&crowd[i], ERR_BUSY);
	assert_in_range(clock_ms() - before, 400, 2 * 500 + SLACK_MS);
	gate_open();
	before = clock_ms();
	do { /* the rescues take a moment */
		caller_start(&late, hasty, "late", NULL, NULL, NULL);
		pthread_join(late.thread, NULL);
		db_result_clear(&late.out);
		assert_true(clock_ms() - before < 10000);
	} while (late.err != ERR_NONE);
	db_close(hasty);
}

static void *
call_often(void *arg)
{
	struct caller *me = arg;
	const struct db_param params[] = { { .name = "name", .text = me->name }, { .name = "nap", .text = "1" } };

	for (int i = 0; i < 25; i++) {
		int told = atomic_load(&me->told);
		enum err e;

		if (me->completion.done != NULL)
			me->out.completion = &me->completion;
		e = db_call(me->db, SQL_crowd, params, G_N_ELEMENTS(params), &me->out);
		if (atomic_load(&me->told) != told + (me->out.completed ? 1 : 0) || (me->out.completed && me->told_err != e))
			me->err = ERR_FAULT;
		if (e != ERR_BUSY && (e != ERR_NONE || strcmp(me->out.answer, me->name) != 0))
			me->err = ERR_FAULT;
		db_result_clear(&me->out);
	}
	return NULL;
}

static atomic_bool enough;

static void *
call_until_enough(void *arg)
{
	struct caller *me = arg;
	const struct db_param params[] = { { .name = "name", .text = me->name }, { .name = "nap", .text = "1" } };

	while (!atomic_load(&enough) && me->err == ERR_NONE) {
		me->err = db_call(me->db, SQL_crowd, params, G_N_ELEMENTS(params), &me->out);
		db_result_clear(&me->out);
	}
	return NULL;
}

/* A lane keeps its connection from batch to batch, but not from others: with a single one, and a crowd that never ends, they still have their turn. */
static void
a_lane_gives_way(void **state)
{
	struct db *narrow = db_open(1, 10000);
	struct caller crowd[8] = { 0 };
	struct db_result out = { 0 };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(crowd); i++) {
		crowd[i].db = narrow;
		g_snprintf(crowd[i].name, sizeof crowd[i].name, "g%02zu", i);
		assert_int_equal(pthread_create(&crowd[i].thread, NULL, call_until_enough, &crowd[i]), 0);
	}
	while (test_number("select count(*) from (select unnest(names) as n from test.batches) b where n like 'g%'") < 50)
		;
	for (int i = 0; i < 5; i++) {
		assert_int_equal(test_call(narrow, &out, SQL_echo, "a", "others", NULL), ERR_NONE);
		db_result_clear(&out);
	}
	atomic_store(&enough, true);
	for (size_t i = 0; i < G_N_ELEMENTS(crowd); i++) {
		pthread_join(crowd[i].thread, NULL);
		assert_int_equal(crowd[i].err, ERR_NONE);
	}
	db_close(narrow);
}

/* Batches take about as long as calls may wait, so that many are told to come along or to drive just when they mean to leave. */
static void
leaving_and_being_told_may_meet(void **state)
{
	struct db *hasty = db_open(4, 24);
	struct caller crowd[CROWD] = { 0 };
	struct db_stats stats;
	int64_t until;

	(void)state;
	for (int i = 0; i < CROWD; i++) {
		crowd[i].db = hasty;
		if (i % 2 == 0) { /* every other one is woken by nothing but its deadline, or all the time */
			crowd[i].completion = (struct db_completion){ .done = note, .arg = &crowd[i] };
			assert_int_equal(pipe(crowd[i].wake), 0);
			crowd[i].completion.wake_fd = crowd[i].wake[0];
			if (i % 4 == 0)
				sleeper_wake(&crowd[i]);
		}
		g_snprintf(crowd[i].name, sizeof crowd[i].name, "m%02d", i);
		assert_int_equal(pthread_create(&crowd[i].thread, NULL, call_often, &crowd[i]), 0);
	}
	for (int i = 0; i < CROWD; i++) {
		pthread_join(crowd[i].thread, NULL);
		assert_int_equal(crowd[i].err, ERR_NONE);
		if (crowd[i].completion.done != NULL) {
			close(crowd[i].wake[0]);
			close(crowd[i].wake[1]);
		}
	}
	db_stats(hasty, &stats);
	assert_int_equal(stats.waiting, 0);
	until = clock_ms() + 10000;
	do { /* and nobody holds the lane */
		assert_true(clock_ms() < until);
		caller_start(&crowd[0], hasty, "after", NULL, NULL, NULL);
		pthread_join(crowd[0].thread, NULL);
		db_result_clear(&crowd[0].out);
	} while (crowd[0].err != ERR_NONE);
	db_close(hasty);
}

/* A line that is full takes nobody more, and says so at once. */
static void
a_full_line_turns_away(void **state)
{
	struct db *patient = db_open(4, 60000); /* a thousand threads take their time to begin under a sanitizer */
	struct caller first[16];
	struct caller *line = g_new0(struct caller, IN_LINE_MAX);
	struct caller one_more;
	int64_t before;
	int n_first;

	(void)state;
	gate_close();
	n_first = fill_lane(patient, first);
	for (int i = 0; i < IN_LINE_MAX - 1; i++)
		caller_start(&line[i], patient, "in line", NULL, NULL, NULL);
	wait_for_line(patient, IN_LINE_MAX);
	before = clock_ms();
	caller_start(&one_more, patient, "too many", NULL, NULL, NULL);
	caller_ends(&one_more, ERR_BUSY);
	assert_in_range(clock_ms() - before, 0, 1000);
	gate_open();
	for (int i = 0; i < n_first; i++)
		caller_ends(&first[i], ERR_NONE);
	for (int i = 0; i < IN_LINE_MAX - 1; i++)
		caller_ends(&line[i], ERR_NONE);
	g_free(line);
	assert_int_equal(test_number("select count(*) from (select unnest(names) as n from test.batches) b where n = 'in line'"), IN_LINE_MAX - 1);
	wait_for_line(patient, 0);
	db_close(patient);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(alone_one_travels_alone),
		cmocka_unit_test(a_crowd_travels_together),
		cmocka_unit_test(only_the_culprit_sees_its_error),
		cmocka_unit_test(keyed_calls_survive_a_lost_connection),
		cmocka_unit_test(a_line_has_deadlines),
		cmocka_unit_test(a_lane_gives_way),
		cmocka_unit_test(leaving_and_being_told_may_meet),
		cmocka_unit_test(a_sleeper_is_told_and_not_woken),
		cmocka_unit_test(a_sleeper_has_a_deadline),
		cmocka_unit_test(a_full_line_turns_away),
	};

	(void)argc;
	test_need_server(argv);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
