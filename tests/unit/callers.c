#include "callers.h"

#include <glib.h>
#include <string.h>

#include "base/log.h"
#include "db/clock.h"

enum { PARAMS = 3, TIMEOUT_MS = 60000 };

/* ---- one caller ---- */

static void
set(struct caller *me, struct db *with, const char *name, const char *key, const char *param,
	const char *value)
{
	*me = (struct caller){ .db = with, .key = key, .param = param, .value = value };
	g_strlcpy(me->name, name, sizeof me->name);
}

/* Checks the answer, then clears it. */
static void
note_outcome(struct caller *me, enum err e)
{
	me->err = e;
	me->own_answer =
		e != ERR_NONE || (me->out.answer != NULL && strcmp(me->out.answer, me->name) == 0);
	db_result_clear(&me->out);
}

void
caller_call(struct caller *me)
{
	const struct db_param params[] = {
		{ .name = "name", .text = me->name },
		{ .name = "key", .text = me->key },
		{ .name = me->param == NULL ? "unused" : me->param, .text = me->value },
	};

	note_outcome(me, db_call(me->db, SQL_record, params, G_N_ELEMENTS(params), &me->out));
}

static void *
call_in_thread(void *arg)
{
	struct caller *me = arg;

	log_set_request(me->name);
	caller_call(me);
	return NULL;
}

static void
start_thread(struct caller *me)
{
	pthread_attr_t attr;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 512 * 1024);
	assert_int_equal(pthread_create(&me->thread, &attr, call_in_thread, me), 0);
	pthread_attr_destroy(&attr);
}

void
caller_start(struct caller *me, struct db *with, const char *name, const char *key,
	const char *param, const char *value)
{
	set(me, with, name, key, param, value);
	start_thread(me);
}

static void
done(void *arg, enum err e)
{
	static atomic_int order;
	struct caller *me = arg;

	note_outcome(me, e);
	me->completed_by = pthread_self();
	me->order = atomic_fetch_add(&order, 1) + 1;
	atomic_fetch_add(&me->completions, 1);
}

/* Copies a text to `*at` and advances it: the copy is overwritten with the parameters. */
static char *
copy(char **at, const char *text)
{
	char *start = *at;

	if (text == NULL)
		return NULL;
	*at = g_stpcpy(start, text) + 1;
	return start;
}

bool
caller_resubmit(struct caller *me)
{
	size_t size = PARAMS * sizeof(struct db_param) + 256;
	struct db_param *params = g_malloc0(size);
	char *at = (char *)(params + PARAMS);
	g_autofree char *json = g_strdup_printf("\"%s\"", me->name);
	enum err e;

	params[0] = (struct db_param){
		.name = copy(&at, "name"), .text = copy(&at, "as JSON"), .json = copy(&at, json)
	};
	params[1] = (struct db_param){ .name = copy(&at, "key"), .text = copy(&at, me->key) };
	params[2] = (struct db_param){ .name = copy(&at, me->param == NULL ? "unused" : me->param),
		.text = copy(&at, me->value) };
	e = db_submit(me->db, SQL_record, params, PARAMS, &me->out, done, me);
	memset(params, 'x', size);
	g_free(params);
	assert_true(e == ERR_PENDING || e == ERR_BUSY);
	return e == ERR_PENDING;
}

bool
caller_submit(struct caller *me, struct db *with, const char *name, const char *key,
	const char *param, const char *value)
{
	set(me, with, name, key, param, value);
	me->submits = true;
	return caller_resubmit(me);
}

bool
caller_wait(struct caller *me, int n)
{
	int64_t until = clock_ms() + TIMEOUT_MS;

	while (atomic_load(&me->completions) < n && clock_ms() < until)
		g_usleep(200);
	return atomic_load(&me->completions) == n;
}

void
caller_finish(struct caller *me, enum err e)
{
	if (!me->submits)
		pthread_join(me->thread, NULL);
	else if (!caller_wait(me, 1))
		fail_msg("%s: completed %d times", me->name, atomic_load(&me->completions));
	if (me->err != e)
		fail_msg("%s: outcome %s, expected %s", me->name, err_info(me->err)->code,
			err_info(e)->code);
	if (!me->own_answer)
		fail_msg("%s: got another call's answer", me->name);
}

/* ---- the queue, and the lock ---- */

void
wait_for_waiting(struct db *with, int waiting)
{
	struct db_stats stats;
	int64_t until = clock_ms() + TIMEOUT_MS;

	do {
		db_stats(with, &stats);
		if (clock_ms() > until)
			fail_msg("%d calls wait, expected %d", stats.waiting, waiting);
		g_usleep(200);
	} while (stats.waiting != waiting);
}

static struct db *holder;

void
lock_hold(void)
{
	struct db_result out = { 0 };

	holder = db_open(1, 10000);
	assert_int_equal(test_call(holder, &out, SQL_lock, "number", "1", NULL), ERR_NONE);
	db_result_clear(&out);
}

void
lock_release(void)
{
	db_close(holder);
}

int
block_batcher(struct db *with, struct caller blockers[static BLOCKERS_MAX])
{
	struct db_stats stats = { 0 };
	int n;

	for (n = 0; n < BLOCKERS_MAX && stats.waiting == 0; n++) {
		g_autofree char *name = g_strdup_printf("blocker %d", n);
		int64_t until = clock_ms() + 10000;

		caller_start(&blockers[n], with, name, NULL, "lock", "1");
		do { /* until it blocks at the lock, or waits in the queue */
			db_stats(with, &stats);
			assert_true(clock_ms() < until);
		} while (stats.waiting == 0 &&
			test_number("select count(*) from pg_locks where locktype = 'advisory' and "
				    "not granted") <= n);
	}
	assert_in_range(n, 2, BLOCKERS_MAX - 1);
	return n;
}

/* ---- a group ---- */

void
group_set_lost(struct caller *group, char (*keys)[16], int n)
{
	for (int i = 0; i < n; i++) {
		bool keyed = i % 3 != 0;

		g_snprintf(keys[i], sizeof keys[i], "lost %d", i);
		group[i].key = keyed ? keys[i] : NULL;
		group[i].param = "losses";
		group[i].value = keyed ? "2" : "999";
		group[i].expected = keyed ? ERR_NONE : ERR_BUSY;
	}
}

static void
group_start(struct db *with, const char *prefix, struct caller *group, int n)
{
	for (int i = 0; i < n; i++) {
		group[i].db = with;
		g_snprintf(group[i].name, sizeof group[i].name, "%s%02d", prefix, i);
		if (!group[i].submits)
			start_thread(&group[i]);
		else if (!caller_resubmit(&group[i]))
			fail_msg("%s: was not enqueued", group[i].name);
		wait_for_waiting(with, i + 2); /* with the last blocker */
	}
}

/* Submitted calls are completed by one worker thread, in order of arrival unless `loses`. */
static void
group_finish(struct caller *group, int n, bool loses)
{
	struct caller *before = NULL;

	for (int i = 0; i < n; i++) {
		caller_finish(&group[i], group[i].expected);
		if (!group[i].submits)
			continue;
		assert_false(pthread_equal(group[i].completed_by, pthread_self()));
		if (before != NULL) {
			assert_true(pthread_equal(before->completed_by, group[i].completed_by));
			assert_true(loses || before->order < group[i].order);
		}
		before = &group[i];
	}
}

int
group_run(struct db *with, const char *prefix, struct caller *group, int n, bool loses)
{
	struct caller blockers[BLOCKERS_MAX];
	int n_blockers;

	lock_hold();
	n_blockers = block_batcher(with, blockers);
	group_start(with, prefix, group, n);
	lock_release();
	for (int i = 0; i < n_blockers; i++) {
		if (loses && i > 0) { /* it was in the queue, perhaps in the batch that was lost */
			pthread_join(blockers[i].thread, NULL);
			assert_true(blockers[i].err == ERR_NONE || blockers[i].err == ERR_BUSY);
		} else {
			caller_finish(&blockers[i], ERR_NONE);
		}
	}
	group_finish(group, n, loses);
	return n_blockers;
}
