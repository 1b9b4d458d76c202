#include "market/outbox_worker.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "base/work_queue.h"
#include "db/clock.h"
#include "market/answer.h"
#include "net/transfer.h"

enum {
	KINDS_MAX = 4,
	STEPS_MAX = 4,
	WAITING_MAX = 64,   /* jobs that wait for a thread; rows are taken for threads alone */
	ASKING_THREADS = 4, /* of outbox_submit(): they must not hold up rows */
	ALL = 1000,
	TICK_MS = 500,
	STEP_MS = 1000,
	CONNECTIONS = 1,
	DEADLINE_MS = 8000,
};

static const struct outbox_kind *kinds[KINDS_MAX];
static void (*steps[STEPS_MAX])(void);
static int n_kinds, n_steps;
static atomic_int in_hand[KINDS_MAX];

static struct worker {
	pthread_t thread;
	sem_t wake;
	struct work_queue *queue;  /* of rows */
	struct work_queue *asking; /* of outbox_submit() */
	struct db *db;
} worker;
static bool is_allowed;
static atomic_bool running, stopping;

/* ---- those that wait for a row of their order ---- */

struct waiter {
	struct waiter *next;
	const char *order_id;
	bool handled;
};

static pthread_mutex_t waiters_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t waiters_changed;
static pthread_once_t waiters_once = PTHREAD_ONCE_INIT;
static struct waiter *waiters;

static void
waiters_set_up(void)
{
	clock_cond_init(&waiters_changed);
}

static void
notify(const char *order_id)
{
	pthread_once(&waiters_once, waiters_set_up);
	pthread_mutex_lock(&waiters_lock);
	for (struct waiter *w = waiters; w != NULL; w = w->next)
		w->handled = w->handled || g_strcmp0(w->order_id, order_id) == 0;
	pthread_cond_broadcast(&waiters_changed);
	pthread_mutex_unlock(&waiters_lock);
}

static void
await_handled(const char *order_id)
{
	const struct timespec until = clock_timespec(clock_ms() + TICK_MS);
	struct waiter own = { .order_id = order_id };
	struct waiter **at = &waiters;

	pthread_once(&waiters_once, waiters_set_up);
	pthread_mutex_lock(&waiters_lock);
	own.next = waiters;
	waiters = &own;
	while (!own.handled && pthread_cond_timedwait(&waiters_changed, &waiters_lock, &until) == 0)
		;
	while (*at != &own)
		at = &(*at)->next;
	*at = own.next;
	pthread_mutex_unlock(&waiters_lock);
}

void
outbox_await(const char *order_id)
{
	if (atomic_load(&running))
		await_handled(order_id);
	else if (outbox_run_due() == 0)
		g_usleep(TICK_MS * 1000 / 5); /* another program has the row */
}

/* ---- one row ---- */

struct job {
	const struct outbox_kind *kind;
	atomic_int *in_hand;
	int64_t start_until_ms; /* clock_ms() */
	struct outbox_row row;
};

static int64_t
integer_of(const struct json *row, const char *name, int64_t missing)
{
	int64_t n;

	return json_int64(json_get(row, name), &n) ? n : missing;
}

/* The text of a member; NULL for null. */
static char *
text_of(const struct json *row, const char *name)
{
	const struct json *value = json_get(row, name);

	return value == NULL || json_kind(value) == JSON_KIND_NULL ? NULL : json_plain(value);
}

static void
job_free(struct job *job)
{
	g_free(job->row.outbox_id);
	g_free(job->row.subject);
	g_free(job->row.order_id);
	g_free(job->row.account_id);
	g_free(job->row.body);
	g_free(job->row.key);
	g_free(job->row.lease);
	g_free(job);
}

/*
 * A row as outbox_take has it, taken after `taken_ms`; NULL: of a kind that was not asked for. It
 * starts in the first fifth of its lease or not at all: a request that goes out after the lease has
 * run out, with a key that another worker has replaced meanwhile, might have its effect once more.
 */
static struct job *
job_new(const struct json *row, int64_t taken_ms)
{
	const char *kind = json_text(json_get(row, "kind"));
	struct job *job;
	int k = 0;

	while (k < n_kinds && g_strcmp0(kinds[k]->name, kind) != 0)
		k++;
	if (k == n_kinds)
		return NULL;
	job = g_new0(struct job, 1);
	*job = (struct job){ .kind = kinds[k],
		.in_hand = &in_hand[k],
		.start_until_ms = taken_ms + kinds[k]->lease_ms / 5 };
	job->row = (struct outbox_row){ .outbox_id = text_of(row, "outbox_id"),
		.subject = text_of(row, "subject"),
		.order_id = text_of(row, "order_id"),
		.account_id = text_of(row, "account_id"),
		.body = text_of(row, "body"),
		.key = text_of(row, "key"),
		.lease = text_of(row, "lease"),
		.attempts = integer_of(row, "attempts", 1),
		.age_seconds = integer_of(row, "age_seconds", 0),
		.key_seconds = integer_of(row, "key_seconds", -1) };
	return job;
}

/* A failure is logged by the database layer; the lease then runs out, and the row is repeated. */
static void
record(const struct outbox_row *row, enum outbox_outcome outcome, const char *why)
{
	static const enum sql_id statement_of[] = {
		[OUTBOX_DONE] = SQL_outbox_done,
		[OUTBOX_RETRY] = SQL_outbox_retry,
		[OUTBOX_NEXT_KEY] = SQL_outbox_retry,
		[OUTBOX_FLAG] = SQL_outbox_flag,
	};
	const struct db_param params[] = {
		{ .name = "outbox_id", .text = row->outbox_id },
		{ .name = "lease", .text = row->lease },
		{ .name = "error", .text = why },
		{ .name = "next_key", .text = outcome == OUTBOX_NEXT_KEY ? "true" : "false" },
	};
	struct db_result result = { 0 };

	if (outcome == OUTBOX_RECORDED)
		return;
	db_call(outbox_db(), statement_of[outcome], params, G_N_ELEMENTS(params), &result);
	db_result_clear(&result);
}

static void
job_run(void *arg)
{
	struct job *job = arg;
	g_autoptr(GString) why = g_string_new(NULL);
	enum outbox_outcome outcome = OUTBOX_RETRY;

	if (atomic_load(&stopping))
		g_string_assign(why, "the program stopped");
	else if (clock_ms() > job->start_until_ms)
		g_string_assign(why, "no thread was free in time");
	else
		outcome = job->kind->handle(&job->row, why);
	if (outcome == OUTBOX_FLAG)
		log_line(LOG_WARN, "row %s of the outbox (%s) is given up: %s", job->row.outbox_id,
			job->kind->name, why->str);
	record(&job->row, outcome, why->str);
	if (job->row.order_id != NULL)
		notify(job->row.order_id);
	atomic_fetch_sub(job->in_hand, 1);
	outbox_wake();
	job_free(job);
}

/* ---- taking rows ---- */

/* Rows that the program has a hand for, `most` of each kind; NULL: none. Free with json_free(). */
static struct json *
take_rows(int most)
{
	g_autoptr(GString) names = g_string_new("{");
	g_autoptr(GString) limits = g_string_new("{");
	g_autoptr(GString) leases = g_string_new("{");
	struct db_result result = { 0 };
	struct json *rows = NULL;
	enum json_fault fault;
	const char *why;

	for (int k = 0; k < n_kinds; k++) {
		int hands = kinds[k]->at_once - atomic_load(&in_hand[k]);
		const char *comma = k > 0 ? "," : "";

		g_string_append_printf(names, "%s%s", comma, kinds[k]->name);
		g_string_append_printf(limits, "%s%d", comma, CLAMP(hands, 0, most));
		g_string_append_printf(leases, "%s%d", comma, kinds[k]->lease_ms);
	}
	g_string_append_c(names, '}');
	g_string_append_c(limits, '}');
	g_string_append_c(leases, '}');
	if (db_call(outbox_db(), SQL_outbox_take,
		    (const struct db_param[]){ { .name = "kinds", .text = names->str },
			    { .name = "limits", .text = limits->str },
			    { .name = "leases_ms", .text = leases->str } },
		    3, &result) == ERR_NONE &&
		result.answer != NULL)
		rows = json_parse(result.answer, strlen(result.answer), &fault, &why);
	db_result_clear(&result);
	return rows;
}

/* Takes what is due and runs it, on threads or, one of each kind, here. Returns how many. */
static int
run_rows(bool here)
{
	int64_t taken_ms = clock_ms();
	JSON_AUTO struct json *rows = n_kinds == 0 ? NULL : take_rows(here ? 1 : ALL);
	int n = 0;

	for (const struct json *row = json_first_element(rows); row != NULL;
		row = json_next_element(row)) {
		struct job *job = job_new(row, taken_ms);

		if (job == NULL)
			continue;
		n++;
		atomic_fetch_add(job->in_hand, 1);
		if (here || !work_queue_submit(worker.queue, job_run, job))
			job_run(job);
	}
	return n;
}

static void
run_steps(void)
{
	for (int i = 0; i < n_steps && !atomic_load(&stopping); i++)
		steps[i]();
}

int
outbox_run_due(void)
{
	int n = 0;
	int some;

	do {
		run_steps();
		n += some = run_rows(true);
	} while (some > 0);
	return n;
}

bool
outbox_submit(void (*run)(void *arg), void *arg)
{
	if (atomic_load(&running))
		return work_queue_submit(worker.asking, run, arg);
	run(arg);
	return true;
}

/* ---- the thread ---- */

static void
wait_for_work(void)
{
	const struct timespec until = clock_timespec(clock_ms() + TICK_MS);

	while (sem_clockwait(&worker.wake, CLOCK_MONOTONIC, &until) != 0)
		if (errno != EINTR)
			return;
	while (sem_trywait(&worker.wake) == 0) /* one look serves all that came */
		;
}

static void *
run(void *arg)
{
	int64_t stepped_ms = 0;

	(void)arg;
	while (!atomic_load(&stopping)) {
		if (clock_ms() - stepped_ms >= STEP_MS) {
			stepped_ms = clock_ms();
			run_steps();
		}
		run_rows(false);
		wait_for_work();
	}
	return NULL;
}

void
outbox_add_kind(const struct outbox_kind *kind)
{
	g_assert(n_kinds < KINDS_MAX);
	kinds[n_kinds++] = kind;
}

void
outbox_add_step(void (*step)(void))
{
	g_assert(n_steps < STEPS_MAX);
	steps[n_steps++] = step;
}

struct db *
outbox_db(void)
{
	return worker.db != NULL ? worker.db : answer_db();
}

void
outbox_allow_worker(void)
{
	is_allowed = true;
}

/* A thread for each row that the program can have in hand. */
static int
count_hands(void)
{
	int n = 1; /* a queue has one at least */

	for (int k = 0; k < n_kinds; k++)
		n += kinds[k]->at_once;
	return n;
}

void
outbox_start(void)
{
	if (!is_allowed || n_kinds + n_steps == 0 || worker.queue != NULL)
		return;
	worker.queue = work_queue_new("outbox", count_hands(), WAITING_MAX, 0);
	worker.asking = work_queue_new("outbox asking", ASKING_THREADS, WAITING_MAX, 0);
	worker.db = db_open(CONNECTIONS, DEADLINE_MS);
	sem_init(&worker.wake, 0, 0);
	atomic_store(&running, true);
	if (pthread_create(&worker.thread, NULL, run, NULL) != 0) {
		log_line(LOG_FAULT, "cannot start the worker of the outbox");
		atomic_store(&running, false);
	}
}

void
outbox_stop(void)
{
	if (!atomic_load(&running))
		return;
	atomic_store(&stopping, true);
	transfer_stop(true);
	sem_post(&worker.wake);
	pthread_join(worker.thread, NULL);
	work_queue_free(worker.queue);
	work_queue_free(worker.asking);
	atomic_store(&running, false);
	db_close(worker.db);
	sem_destroy(&worker.wake);
	worker = (struct worker){ 0 };
}

void
outbox_wake(void)
{
	if (atomic_load(&running))
		sem_post(&worker.wake);
}
