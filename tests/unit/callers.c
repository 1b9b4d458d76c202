#include "callers.h"

#include <glib.h>
#include <string.h>

#include "db/clock.h"

enum { PARAMS = 3, PATIENCE_MS = 60000 };

/* ---- one caller ---- */

static void
write_down(struct caller *me, struct db *with, const char *name, const char *key, const char *what,
	const char *value)
{
	*me = (struct caller){ .db = with, .key = key, .what = what, .value = value };
	g_strlcpy(me->name, name, sizeof me->name);
}

/* It came to `e`. The answer is looked at now, and gone. */
static void
note(struct caller *me, enum err e)
{
	me->err = e;
	me->own =
		e != ERR_NONE || (me->out.answer != NULL && strcmp(me->out.answer, me->name) == 0);
	db_result_clear(&me->out);
}

void
caller_calls(struct caller *me)
{
	const struct db_param params[] = {
		{ .name = "name", .text = me->name },
		{ .name = "key", .text = me->key },
		{ .name = me->what == NULL ? "nothing" : me->what, .text = me->value },
	};

	note(me, db_call(me->db, SQL_crowd, params, G_N_ELEMENTS(params), &me->out));
}

static void *
call(void *arg)
{
	caller_calls(arg);
	return NULL;
}

static void
start(struct caller *me)
{
	pthread_attr_t attr;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 512 * 1024);
	assert_int_equal(pthread_create(&me->thread, &attr, call, me), 0);
	pthread_attr_destroy(&attr);
}

void
caller_start(struct caller *me, struct db *with, const char *name, const char *key,
	const char *what, const char *value)
{
	write_down(me, with, name, key, what, value);
	start(me);
}

static void
tell(void *arg, enum err e)
{
	static atomic_int turns;
	struct caller *me = arg;

	note(me, e);
	me->teller = pthread_self();
	me->turn = atomic_fetch_add(&turns, 1) + 1;
	atomic_fetch_add(&me->told, 1);
}

/* A text that will not be there for long. */
static char *
passing(char **at, const char *text)
{
	char *copy = *at;

	if (text == NULL)
		return NULL;
	*at = g_stpcpy(copy, text) + 1;
	return copy;
}

bool
caller_sends_again(struct caller *me)
{
	size_t size = PARAMS * sizeof(struct db_param) + 256;
	struct db_param *params = g_malloc0(size);
	char *at = (char *)(params + PARAMS);
	g_autofree char *json = g_strdup_printf("\"%s\"", me->name);
	enum err e;

	params[0] = (struct db_param){ .name = passing(&at, "name"),
		.text = passing(&at, "as JSON"),
		.json = passing(&at, json) };
	params[1] = (struct db_param){ .name = passing(&at, "key"), .text = passing(&at, me->key) };
	params[2] =
		(struct db_param){ .name = passing(&at, me->what == NULL ? "nothing" : me->what),
			.text = passing(&at, me->value) };
	e = db_submit(me->db, SQL_crowd, params, PARAMS, &me->out, tell, me);
	memset(params, 'x', size);
	g_free(params);
	assert_true(e == ERR_PENDING || e == ERR_BUSY);
	return e == ERR_PENDING;
}

bool
caller_sends(struct caller *me, struct db *with, const char *name, const char *key,
	const char *what, const char *value)
{
	write_down(me, with, name, key, what, value);
	me->sends = true;
	return caller_sends_again(me);
}

bool
caller_is_told(struct caller *me, int n)
{
	int64_t until = clock_ms() + PATIENCE_MS;

	while (atomic_load(&me->told) < n && clock_ms() < until)
		g_usleep(200);
	return atomic_load(&me->told) == n;
}

void
caller_ends(struct caller *me, enum err e)
{
	if (!me->sends)
		pthread_join(me->thread, NULL);
	else if (!caller_is_told(me, 1))
		fail_msg("%s: was told %d times", me->name, atomic_load(&me->told));
	if (me->err != e)
		fail_msg("%s: came to %s, not to %s", me->name, err_info(me->err)->code,
			err_info(e)->code);
	if (!me->own)
		fail_msg("%s: was given another answer", me->name);
}

/* ---- the line, and the gate ---- */

void
wait_for_line(struct db *with, int waiting)
{
	struct db_stats stats;
	int64_t until = clock_ms() + PATIENCE_MS;

	do {
		db_stats(with, &stats);
		if (clock_ms() > until)
			fail_msg("%d wait, not %d", stats.waiting, waiting);
	} while (stats.waiting != waiting);
}

static struct db *gate;

void
gate_close(void)
{
	struct db_result out = { 0 };

	gate = db_open(1, 10000);
	assert_int_equal(test_call(gate, &out, SQL_lock, "number", "1", NULL), ERR_NONE);
	db_result_clear(&out);
}

void
gate_open(void)
{
	db_close(gate);
}

int
fill_lane(struct db *with, struct caller first[static FIRST_MAX])
{
	struct db_stats stats = { 0 };
	int n;

	for (n = 0; n < FIRST_MAX && stats.waiting == 0; n++) {
		g_autofree char *name = g_strdup_printf("first %d", n);
		int64_t until = clock_ms() + 10000;

		caller_start(&first[n], with, name, NULL, "gate", "1");
		do { /* it came to the gate, or it waits in line */
			db_stats(with, &stats);
			assert_true(clock_ms() < until);
		} while (stats.waiting == 0 &&
			test_number(
				"select count(*) from pg_locks where locktype = 'advisory' and not granted") <=
				n);
	}
	assert_in_range(n, 2, FIRST_MAX - 1);
	return n;
}

static void
first_ends_somehow(struct caller *me)
{
	pthread_join(me->thread, NULL);
	assert_true(me->err == ERR_NONE || me->err == ERR_BUSY);
}

void
crowd_is_to_lose(struct caller *crowd, char (*keys)[16], int n)
{
	for (int i = 0; i < n; i++) {
		bool keyed = i % 3 != 0;

		g_snprintf(keys[i], sizeof keys[i], "lost %d", i);
		crowd[i].key = keyed ? keys[i] : NULL;
		crowd[i].what = "losses";
		crowd[i].value = keyed ? "2" : "999";
		crowd[i].wanted = keyed ? ERR_NONE : ERR_BUSY;
	}
}

int
crowd_travels(struct db *with, const char *prefix, struct caller *crowd, int n, bool loses)
{
	struct caller first[FIRST_MAX];
	struct caller *told = NULL; /* the last one that was */
	int n_first;

	gate_close();
	n_first = fill_lane(with, first);
	for (int i = 0; i < n; i++) {
		crowd[i].db = with;
		g_snprintf(crowd[i].name, sizeof crowd[i].name, "%s%02d", prefix, i);
		if (!crowd[i].sends)
			start(&crowd[i]);
		else if (!caller_sends_again(&crowd[i]))
			fail_msg("%s: was not begun", crowd[i].name);
		wait_for_line(with, i + 2); /* beside the last of the first */
	}
	gate_open();
	for (int i = 0; i < n_first; i++) {
		if (loses &&
			i > 0) /* it waited in line, and may have been on board: either outcome is right */
			first_ends_somehow(&first[i]);
		else
			caller_ends(&first[i], ERR_NONE);
	}
	for (int i = 0; i < n; i++) {
		caller_ends(&crowd[i], crowd[i].wanted);
		if (!crowd[i].sends)
			continue;
		assert_false(pthread_equal(crowd[i].teller, pthread_self()));
		assert_true(told == NULL || pthread_equal(told->teller, crowd[i].teller));
		assert_true(told == NULL || loses ||
			told->turn < crowd[i].turn); /* in order of arrival */
		told = &crowd[i];
	}
	return n_first;
}
