#include "db/stuck.h"

#include <glib.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "db/clock.h"

enum {
	PROBE_MS = 2000, /* deadline of asking; the statement itself waits at most WAIT_MS */
	WAIT_MS = 100,   /* for the first row, and after a failure */
	EXPIRE_MS = 150, /* a call expires so much before its deadline: asking takes that long */
	CALLS_MAX = 384, /* a process serves 512 connections */
	ROW_CALLS_MAX = 256,
	ROWS_KEPT = 64,  /* beyond, rows without calls are forgotten */
	CONNECTIONS = 2, /* the second one while the first is being cancelled */
};

#define WAIT_MS_TEXT "100"

struct row {
	char *name;
	GQueue calls;
	bool probed; /* the probe in progress asks for it */
};

struct stuck {
	struct runner *runner;
	const struct statement *st;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	GQueue rows; /* the first is the one that the next probe waits for */
	unsigned n_calls;
	atomic_uint n_rows; /* changed under the lock */
	bool has_thread;
	bool closed;
	pthread_t thread;
};

struct stuck *
stuck_new(const struct statement *st)
{
	struct stuck *stuck = g_new0(struct stuck, 1);

	stuck->runner = runner_new(CONNECTIONS);
	stuck->st = st;
	pthread_mutex_init(&stuck->lock, NULL);
	clock_cond_init(&stuck->changed);
	g_queue_init(&stuck->rows);
	return stuck;
}

/* ---- rows; the lock is held ---- */

static struct row *
row_find(struct stuck *stuck, const char *name)
{
	for (GList *at = stuck->rows.head; at != NULL; at = at->next) {
		struct row *row = at->data;

		if (strcmp(row->name, name) == 0)
			return row;
	}
	return NULL;
}

static struct row *
row_add(struct stuck *stuck, const char *name)
{
	static _Atomic int64_t last_logged;
	struct row *row = g_new0(struct row, 1);

	row->name = g_strdup(name);
	g_queue_init(&row->calls);
	g_queue_push_tail(&stuck->rows, row);
	atomic_store(&stuck->n_rows, stuck->rows.length);
	if (clock_once_a_second(&last_logged))
		log_line(LOG_WARN, "another transaction holds %s: calls that need it wait", name);
	return row;
}

static void
row_forget(struct stuck *stuck, struct row *row)
{
	g_queue_remove(&stuck->rows, row);
	atomic_store(&stuck->n_rows, stuck->rows.length);
	g_free(row->name);
	g_free(row);
}

/* The rows as a PostgreSQL array. */
static char *
rows_text(const struct stuck *stuck)
{
	GString *text = g_string_new("{");

	for (GList *at = stuck->rows.head; at != NULL; at = at->next) {
		const struct row *row = at->data;

		text_add(text, row->name);
		text_add(text, at->next == NULL ? "" : ",");
	}
	text_add(text, "}");
	return g_string_free(text, FALSE);
}

/* Moves a row's calls to `calls`: all, or those that expire now. */
static void
row_take_calls(struct stuck *stuck, struct row *row, bool only_expired, GQueue *calls)
{
	int64_t now = clock_ms() + EXPIRE_MS;

	for (unsigned n = row->calls.length; n > 0; n--) {
		struct pending_call *call = g_queue_pop_head(&row->calls);
		bool takes = !only_expired || call->deadline <= now;

		g_queue_push_tail(takes ? calls : &row->calls, call);
		stuck->n_calls -= takes;
	}
}

/* ---- the thread ---- */

static void
resume_all(GQueue *calls, bool expired)
{
	struct pending_call *call;

	/* From the last to the first: each is put before the others. */
	while ((call = g_queue_pop_tail(calls)) != NULL)
		call->resume(call, expired);
}

static void
take_expired(struct stuck *stuck, GQueue *expired)
{
	for (GList *at = stuck->rows.head, *next; at != NULL; at = next) {
		struct row *row = at->data;

		next = at->next;
		row_take_calls(stuck, row, !stuck->closed, expired);
		if (row->calls.length == 0 && (stuck->closed || stuck->rows.length > ROWS_KEPT))
			row_forget(stuck, row);
	}
}

/* Asks which of the rows are still locked; false if there was no answer. g_strfreev() the list. */
static bool
probe(struct stuck *stuck, const char *rows, char ***locked)
{
	const char *values[] = { rows, WAIT_MS_TEXT };
	struct run run = { .st = stuck->st, .values = values, .deadline = clock_ms() + PROBE_MS };
	struct reply reply = { 0 };
	enum err e = run_statement(stuck->runner, &run, NULL, &reply);
	const char *answer = e == ERR_NONE ? reply_get(&reply, 0, "answer") : NULL;

	if (e == ERR_NONE)
		*locked = g_strsplit(answer == NULL ? "" : answer, " ", -1);
	reply_clear(&reply);
	return e == ERR_NONE;
}

/* Forgets the rows that the probe found free, and takes their calls. */
static void
take_free(struct stuck *stuck, char **locked, GQueue *calls)
{
	for (GList *at = stuck->rows.head, *next; at != NULL; at = next) {
		struct row *row = at->data;

		next = at->next;
		if (!row->probed || g_strv_contains((const char *const *)locked, row->name))
			continue;
		row_take_calls(stuck, row, false, calls);
		row_forget(stuck, row);
	}
}

/* One round: expires calls, probes the rows, resumes the calls of those that are free. */
static void
run_round(struct stuck *stuck)
{
	GQueue expired = G_QUEUE_INIT;
	GQueue freed = G_QUEUE_INIT;
	struct timespec until = clock_timespec(clock_ms() + WAIT_MS);
	g_autofree char *rows = rows_text(stuck);
	char **locked = NULL;
	bool answered;

	for (GList *at = stuck->rows.head; at != NULL; at = at->next)
		((struct row *)at->data)->probed = true;
	g_queue_push_tail(&stuck->rows, g_queue_pop_head(&stuck->rows));
	take_expired(stuck, &expired);
	pthread_mutex_unlock(&stuck->lock);
	resume_all(&expired, true);
	answered = probe(stuck, rows, &locked);
	pthread_mutex_lock(&stuck->lock);
	if (answered)
		take_free(stuck, locked, &freed);
	else
		pthread_cond_timedwait(&stuck->changed, &stuck->lock, &until);
	pthread_mutex_unlock(&stuck->lock);
	g_strfreev(locked);
	resume_all(&freed, false);
	pthread_mutex_lock(&stuck->lock);
}

static void *
thread_main(void *arg)
{
	struct stuck *stuck = arg;
	GQueue expired = G_QUEUE_INIT;

	pthread_mutex_lock(&stuck->lock);
	while (!stuck->closed) {
		if (stuck->rows.length > 0)
			run_round(stuck);
		else
			pthread_cond_wait(&stuck->changed, &stuck->lock);
	}
	take_expired(stuck, &expired);
	pthread_mutex_unlock(&stuck->lock);
	resume_all(&expired, true);
	return NULL;
}

/* The lock is held. The thread blocks all signals: the main thread handles them. */
static bool
thread_start(struct stuck *stuck)
{
	sigset_t all;
	sigset_t before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	stuck->has_thread = pthread_create(&stuck->thread, NULL, thread_main, stuck) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return stuck->has_thread;
}

/* ---- calls ---- */

void
stuck_close(struct stuck *stuck)
{
	pthread_mutex_lock(&stuck->lock);
	stuck->closed = true;
	pthread_cond_signal(&stuck->changed);
	pthread_mutex_unlock(&stuck->lock);
	if (stuck->has_thread)
		pthread_join(stuck->thread, NULL);
}

void
stuck_free(struct stuck *stuck)
{
	runner_free(stuck->runner);
	pthread_cond_destroy(&stuck->changed);
	pthread_mutex_destroy(&stuck->lock);
	g_free(stuck);
}

char *
stuck_rows(struct stuck *stuck)
{
	char *text = NULL;

	if (atomic_load(&stuck->n_rows) == 0)
		return NULL;
	pthread_mutex_lock(&stuck->lock);
	if (stuck->rows.length > 0)
		text = rows_text(stuck);
	pthread_mutex_unlock(&stuck->lock);
	return text;
}

bool
stuck_add(struct stuck *stuck, struct pending_call *call)
{
	struct row *row;
	bool taken = false;

	pthread_mutex_lock(&stuck->lock);
	if (!stuck->closed && (stuck->has_thread || thread_start(stuck)) &&
		stuck->n_calls < CALLS_MAX) {
		row = row_find(stuck, call->stuck);
		if (row == NULL)
			row = row_add(stuck, call->stuck);
		taken = row->calls.length < ROW_CALLS_MAX;
		if (taken) {
			g_queue_push_tail(&row->calls, call);
			stuck->n_calls++;
			pthread_cond_signal(&stuck->changed);
		}
	}
	pthread_mutex_unlock(&stuck->lock);
	return taken;
}

unsigned
stuck_waiting(struct stuck *stuck)
{
	unsigned n_calls;

	pthread_mutex_lock(&stuck->lock);
	n_calls = stuck->n_calls;
	pthread_mutex_unlock(&stuck->lock);
	return n_calls;
}
