/*
 * db_call() of batched statements: which calls form a batch, that each gets its own answer, and
 * that one call's failure is no other's.
 */
#include <glib.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "callers.h"
#include "db/clock.h"

enum { GROUP = 40, CALLS_EACH = 25, QUEUE_MAX = 1024, SHORT_MS = 500, LOST_GROUP = 10 };

#define COUNT_NAMES(condition)                                                                     \
	"select count(*) from (select unnest(names) as n from test.batches) b where " condition

static struct db *db;

static int
set_up(void **state)
{
	(void)state;
	test_make_schema();
	db = db_open(3, 10000);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	db_close(db);
	return 0;
}

/* ---- batches ---- */

static void
a_lone_call_is_a_batch_of_one(void **state)
{
	struct caller me;

	(void)state;
	for (int i = 0; i < 3; i++) {
		caller_start(&me, db, "me", NULL, NULL, NULL);
		caller_finish(&me, ERR_NONE);
	}
	assert_int_equal(
		test_number("select count(*) from test.batches where names = array['me']"), 3);
}

/* Calls that arrive while a batch is in flight form the next one, in order; each has its answer. */
static void
waiting_calls_form_the_next_batch(void **state)
{
	struct caller group[GROUP] = { 0 };
	int n_blockers;

	(void)state;
	for (int i = 3; i < GROUP; i += 4) {
		group[i].param = "code";
		group[i].value = "cart_empty";
		group[i].expected = ERR_CART_EMPTY;
	}
	n_blockers = group_run(db, "c", group, GROUP, false);
	assert_in_range(
		test_number("select count(*) from test.batches where names[2] is not null"), 1, 2);
	assert_int_equal(test_number("select count(*) from test.batches where names[2:] <> "
				     "array(select unnest(names[2:]) order by 1)"),
		0);
	assert_int_equal(
		test_number("select sum(cardinality(names)) from test.batches where names <> "
			    "array['me']"),
		n_blockers + GROUP);
}

static atomic_bool enough;

static void *
call_until_enough(void *arg)
{
	struct caller *me = arg;
	const struct db_param params[] = { { .name = "name", .text = me->name },
		{ .name = "pause", .text = "1" } };

	while (!atomic_load(&enough) && me->err == ERR_NONE) {
		me->err = db_call(me->db, SQL_record, params, G_N_ELEMENTS(params), &me->out);
		db_result_clear(&me->out);
	}
	return NULL;
}

/*
 * A batch worker keeps its connection from batch to batch, but not while other calls wait for one:
 * with a single connection and endless batches, other statements get their turn.
 */
static void
a_kept_connection_is_shared(void **state)
{
	struct db *narrow = db_open(1, 10000);
	struct caller group[8] = { 0 };
	struct db_result out = { 0 };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(group); i++) {
		group[i].db = narrow;
		g_snprintf(group[i].name, sizeof group[i].name, "g%02zu", i);
		assert_int_equal(
			pthread_create(&group[i].thread, NULL, call_until_enough, &group[i]), 0);
	}
	while (test_number(COUNT_NAMES("n like 'g%'")) < 50)
		;
	for (int i = 0; i < 5; i++) {
		assert_int_equal(test_call(narrow, &out, SQL_echo, "a", "others", NULL), ERR_NONE);
		db_result_clear(&out);
	}
	atomic_store(&enough, true);
	for (size_t i = 0; i < G_N_ELEMENTS(group); i++) {
		pthread_join(group[i].thread, NULL);
		assert_int_equal(group[i].err, ERR_NONE);
	}
	db_close(narrow);
}

/* ---- failures ---- */

/*
 * Two calls fail their batch: bisection gives the error to them alone. No call runs twice. The
 * calls after a failing one form batches again: nothing is known against them. The log names the
 * requests of the two, which the batch worker runs, and no other.
 */
static void
a_fault_is_bisected(void **state)
{
	struct caller group[GROUP] = { 0 };
	char keys[GROUP][16];
	g_autofree char *log = NULL;

	(void)state;
	for (int i = 0; i < GROUP; i++) {
		g_snprintf(keys[i], sizeof keys[i], "fault %d", i);
		group[i].key = i % 5 == 0 ? NULL : keys[i];
		group[i].value = "0";
		if (i == 7 || i == 23) {
			group[i].param = "fault";
			group[i].expected = ERR_FAULT;
		}
	}
	test_catch_log();
	group_run(db, "f", group, GROUP, false);
	log = test_log();
	for (const char *at = log; (at = strstr(at, "request ")) != NULL; at++)
		if (strncmp(at, "request f07: record: ", 21) != 0 &&
			strncmp(at, "request f23: record: ", 21) != 0)
			fail_msg("a line of another request: %s", at);
	assert_non_null(strstr(log, "fault: request f07: record: "));
	assert_non_null(strstr(log, "fault: request f23: record: "));
	assert_int_equal(test_number("select count(*) from test.marks where key like 'fault %'"),
		GROUP - GROUP / 5 - 2);
	assert_int_equal(test_number(COUNT_NAMES("n like 'f%'")), GROUP - 2);
	assert_in_range(
		test_number("select count(*) from test.batches where names && "
			    "(select array_agg('f' || i) from generate_series(24, 39) as i)"),
		1, 2);
}

/* An error that names its call: only that one runs alone, and the others together. */
static void
a_named_fault_is_not_searched_for(void **state)
{
	struct caller group[GROUP] = { 0 };
	long before = test_number("select last_value from test.faults");

	(void)state;
	group[23].param = "named";
	group[23].value = "0";
	group[23].expected = ERR_FAULT;
	group_run(db, "n", group, GROUP, false);
	assert_int_equal(test_number("select last_value from test.faults") - before, 2);
	assert_int_equal(test_number(COUNT_NAMES("n like 'n%'")), GROUP - 1);
	assert_in_range(test_number("select count(*) from test.batches where names && "
				    "(select array_agg('n' || to_char(i, 'FM00')) from "
				    "generate_series(0, 39) as i)"),
		2, 3);
}

/* If all calls fail, as after a mistake in the schema, each runs about twice and no more. */
static void
retries_are_bounded_if_all_calls_fail(void **state)
{
	struct caller group[GROUP] = { 0 };
	long before = test_number("select last_value from test.faults");

	(void)state;
	for (int i = 0; i < GROUP; i++) {
		group[i].param = "fault";
		group[i].value = "0";
		group[i].expected = ERR_FAULT;
	}
	group_run(db, "m", group, GROUP, false);
	assert_in_range(
		test_number("select last_value from test.faults") - before, GROUP, 2 * GROUP + 8);
}

/* How a call ended that may be refused or carried out. */
static enum err
outcome_of(struct caller *me)
{
	pthread_join(me->thread, NULL);
	assert_true(me->err == ERR_NONE || me->err == ERR_BUSY);
	return me->err;
}

/* Whether two calls were refused that were rolled back with failing ones until their deadline. */
static bool
are_refused_at_their_deadline(struct db *impatient)
{
	struct caller blockers[BLOCKERS_MAX], quick, slow, next, last, late;
	int n_blockers;
	bool refused;

	lock_hold();
	n_blockers = block_batcher(impatient, blockers);
	caller_start(&quick, impatient, "quick", NULL, "fault", "0");
	wait_for_waiting(impatient, 2);
	caller_start(&slow, impatient, "slow", NULL, "fault", "1.1");
	wait_for_waiting(impatient, 3);
	caller_start(&next, impatient, "next", NULL, NULL, NULL);
	caller_start(&last, impatient, "last", NULL, NULL, NULL);
	wait_for_waiting(impatient, 5);
	lock_release();
	g_usleep(1500 * 1000);
	caller_start(&late, impatient, "younger", NULL, NULL, NULL);
	for (int i = 0; i < n_blockers; i++)
		caller_finish(&blockers[i], ERR_NONE);
	caller_finish(&quick, ERR_FAULT);
	caller_finish(&slow, ERR_BUSY);
	refused = outcome_of(&next) == ERR_BUSY;
	refused = outcome_of(&last) == ERR_BUSY && refused;
	caller_finish(&late, ERR_NONE);
	return refused;
}

/*
 * A call that was rolled back with a failing one is requeued, but not past its own deadline,
 * whatever the deadlines of the others. The two faults of the first batch take 2.2 s; the second
 * batch fails at 3.3 s. On a busy machine the calls may begin so far apart that the last one is
 * still in time: then they are made once more.
 */
static void
calls_past_their_deadline_are_not_requeued(void **state)
{
	struct db *impatient = db_open(3, 3000);
	int tries = 5;

	(void)state;
	while (!are_refused_at_their_deadline(impatient))
		assert_int_not_equal(--tries, 0);
	db_close(impatient);
}

/*
 * The connection is lost, twice: calls with a key run again, take effect once and succeed; the
 * outcome of the others is unknown.
 */
static void
keyed_calls_survive_a_lost_connection(void **state)
{
	struct caller group[LOST_GROUP] = { 0 };
	char keys[LOST_GROUP][16];

	(void)state;
	g_free(test_sql("alter sequence test.tries restart"));
	group_set_lost(group, keys, LOST_GROUP);
	group_run(db, "l", group, LOST_GROUP, true);
	assert_int_equal(test_number("select count(*) from test.marks where key like 'lost %'"), 6);
	assert_int_equal(test_number(COUNT_NAMES("n ~ '^l[0-9]'")), 6);
}

/* ---- deadlines, and the full queue ---- */

/* Calls time out in the queue and in a batch; then calls succeed again. */
static void
queued_calls_time_out(void **state)
{
	struct db *impatient = db_open(3, SHORT_MS);
	struct caller blockers[BLOCKERS_MAX], group[GROUP], late;
	int n_blockers;
	int64_t before;

	(void)state;
	lock_hold();
	before = clock_ms();
	n_blockers = block_batcher(impatient, blockers);
	for (int i = 0; i < GROUP; i++)
		caller_start(&group[i], impatient, "short", NULL, "lock", "1");
	for (int i = 0; i < n_blockers; i++)
		caller_finish(&blockers[i], ERR_BUSY);
	for (int i = 0; i < GROUP; i++)
		caller_finish(&group[i], ERR_BUSY);
	assert_in_range(clock_ms() - before, SHORT_MS * 4 / 5, 2 * SHORT_MS + SLACK_MS);
	lock_release();
	before = clock_ms();
	do { /* cancelling takes a moment */
		caller_start(&late, impatient, "younger", NULL, NULL, NULL);
		pthread_join(late.thread, NULL);
		assert_true(clock_ms() - before < 10000);
	} while (late.err != ERR_NONE);
	db_close(impatient);
}

/* A caller that makes one call after the other; half of them submit. */
struct repeater {
	struct caller caller;
	pthread_t thread;
	int submitted;
	bool wrong;
};

static void *
call_often(void *arg)
{
	struct repeater *me = arg;
	struct caller *caller = &me->caller;

	for (int i = 0; i < CALLS_EACH && !me->wrong; i++) {
		if (caller->submits && caller_resubmit(caller))
			me->wrong = !caller_wait(caller, ++me->submitted) || me->wrong;
		else
			caller_call(caller);
		me->wrong = me->wrong || !caller->own_answer ||
			(caller->err != ERR_NONE && caller->err != ERR_BUSY);
	}
	return NULL;
}

/* A batch takes about as long as a call may wait: many calls time out as they are taken. */
static void
timeouts_and_batches_may_meet(void **state)
{
	struct db *impatient = db_open(3, 24);
	struct repeater group[GROUP] = { 0 };
	struct caller after;
	struct db_stats stats;
	int64_t until;
	int submitted = 0;

	(void)state;
	for (int i = 0; i < GROUP; i++) {
		group[i].caller = (struct caller){
			.db = impatient, .param = "pause", .value = "1", .submits = i % 2 == 0
		};
		g_snprintf(group[i].caller.name, sizeof group[i].caller.name, "m%02d", i);
		assert_int_equal(pthread_create(&group[i].thread, NULL, call_often, &group[i]), 0);
	}
	for (int i = 0; i < GROUP; i++) {
		pthread_join(group[i].thread, NULL);
		assert_false(group[i].wrong);
		submitted += group[i].submitted;
	}
	assert_in_range(submitted, 1, GROUP / 2 * CALLS_EACH);
	db_stats(impatient, &stats);
	assert_int_equal(stats.waiting, 0);
	assert_int_equal(stats.calls + stats.busy, GROUP * CALLS_EACH);
	until = clock_ms() + 10000;
	do { /* no batch is in flight for ever */
		assert_true(clock_ms() < until);
		caller_start(&after, impatient, "after", NULL, NULL, NULL);
		pthread_join(after.thread, NULL);
	} while (after.err != ERR_NONE);
	db_close(impatient);
	for (int i = 0; i < GROUP; i++)
		assert_int_equal(atomic_load(&group[i].caller.completions), group[i].submitted);
}

/* A full queue refuses a call at once. 60 s: a thousand threads start slowly under a sanitizer. */
static void
a_full_queue_is_busy(void **state)
{
	struct db *patient = db_open(3, 60000);
	struct caller blockers[BLOCKERS_MAX];
	struct caller *queue = g_new0(struct caller, QUEUE_MAX);
	struct caller one_more;
	int64_t before;
	int n_blockers;

	(void)state;
	lock_hold();
	n_blockers = block_batcher(patient, blockers);
	for (int i = 0; i < QUEUE_MAX - 1; i++)
		caller_start(&queue[i], patient, "queued", NULL, NULL, NULL);
	wait_for_waiting(patient, QUEUE_MAX);
	before = clock_ms();
	caller_start(&one_more, patient, "too many", NULL, NULL, NULL);
	caller_finish(&one_more, ERR_BUSY);
	assert_in_range(clock_ms() - before, 0, 1000);
	lock_release();
	for (int i = 0; i < n_blockers; i++)
		caller_finish(&blockers[i], ERR_NONE);
	for (int i = 0; i < QUEUE_MAX - 1; i++)
		caller_finish(&queue[i], ERR_NONE);
	g_free(queue);
	assert_int_equal(test_number(COUNT_NAMES("n = 'queued'")), QUEUE_MAX - 1);
	wait_for_waiting(patient, 0);
	db_close(patient);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lone_call_is_a_batch_of_one),
		cmocka_unit_test(waiting_calls_form_the_next_batch),
		cmocka_unit_test(a_fault_is_bisected),
		cmocka_unit_test(a_named_fault_is_not_searched_for),
		cmocka_unit_test(retries_are_bounded_if_all_calls_fail),
		cmocka_unit_test(calls_past_their_deadline_are_not_requeued),
		cmocka_unit_test(keyed_calls_survive_a_lost_connection),
		cmocka_unit_test(queued_calls_time_out),
		cmocka_unit_test(a_kept_connection_is_shared),
		cmocka_unit_test(timeouts_and_batches_may_meet),
		cmocka_unit_test(a_full_queue_is_busy),
	};

	(void)argc;
	test_need_server(argv);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
