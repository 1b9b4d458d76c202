#include "db/position.h"

#include <glib.h>
#include <pthread.h>
#include <signal.h>

#include "base/log.h"
#include "db/call.h"
#include "db/clock.h"

enum {
	PAUSE_MS = 250,
	MARKS = 8,         /* remembered: those of two seconds, if each is answered at once */
	ANSWER_MS = 1000,  /* a primary that takes longer is lost */
	CONNECT_MS = 4000, /* then it is looked for: a second for each host that is silent */
};

/* The log ended at `end` when the primary was asked, at `asked_ms` or later. */
struct mark {
	uint64_t end;
	int64_t asked_ms;
};

struct position {
	struct runner *runner;
	const struct statement *st;
	pthread_t thread;
	bool has_thread;
	pthread_mutex_t lock; /* of all that follows */
	pthread_cond_t changed;
	struct mark marks[MARKS];
	uint64_t n_asked; /* marks[n_asked % MARKS] is the next one */
	bool asking;
	bool lost;
	bool wanted; /* a thread waits for the next answer */
	bool stopping;
};

/* Asks the primary; false if it did not answer. */
static bool
read_end(struct position *position, int64_t wait_ms, uint64_t *end)
{
	struct run run = { .st = position->st, .deadline = clock_ms() + wait_ms };
	struct reply reply = { 0 };
	bool answered = run_statement(position->runner, &run, NULL, &reply) == ERR_NONE;
	const char *text = reply_get(&reply, 0, "position");

	answered = answered && text != NULL;
	if (answered)
		*end = g_ascii_strtoull(text, NULL, 10);
	reply_clear(&reply);
	return answered;
}

/* The lock is held. */
static void
note(struct position *position, bool answered, struct mark mark)
{
	if (answered)
		position->marks[position->n_asked % MARKS] = mark;
	else
		position->marks[position->n_asked % MARKS] = (struct mark){ .end = UINT64_MAX };
	position->n_asked++;
	if (position->lost == answered)
		log_line(LOG_WARN,
			answered ? "the primary answers again"
				 : "no primary answers: readers answer whatever their age");
	position->lost = !answered;
	pthread_cond_broadcast(&position->changed);
}

/* The lock is held. */
static void
pause_until_wanted(struct position *position)
{
	struct timespec until = clock_timespec(clock_ms() + PAUSE_MS);
	int waited = 0;

	while (!position->wanted && !position->stopping && waited == 0)
		waited = pthread_cond_timedwait(&position->changed, &position->lock, &until);
}

static void *
watch(void *arg)
{
	struct position *position = arg;

	pthread_mutex_lock(&position->lock);
	while (!position->stopping) {
		int64_t wait_ms = position->lost || position->n_asked == 0 ? CONNECT_MS : ANSWER_MS;
		struct mark mark = { .asked_ms = clock_ms() };
		bool answered;

		position->asking = true;
		position->wanted = false;
		pthread_mutex_unlock(&position->lock);
		answered = read_end(position, wait_ms, &mark.end);
		pthread_mutex_lock(&position->lock);
		position->asking = false;
		note(position, answered, mark);
		pause_until_wanted(position);
	}
	pthread_mutex_unlock(&position->lock);
	return NULL;
}

/* The thread blocks all signals: the main thread handles them. */
struct position *
position_new(const struct statement *st)
{
	struct position *position = g_new0(struct position, 1);
	sigset_t all, before;

	for (int i = 0; i < MARKS; i++)
		position->marks[i].end = UINT64_MAX;
	position->runner = runner_new(1);
	position->runner->reads_from = CONN_PRIMARY;
	position->st = st;
	pthread_mutex_init(&position->lock, NULL);
	clock_cond_init(&position->changed);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	position->has_thread = pthread_create(&position->thread, NULL, watch, position) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!position->has_thread)
		log_line(LOG_WARN, "cannot start the thread that watches the primary");
	return position;
}

void
position_free(struct position *position)
{
	if (position == NULL)
		return;
	pthread_mutex_lock(&position->lock);
	position->stopping = true;
	pthread_cond_broadcast(&position->changed);
	pthread_mutex_unlock(&position->lock);
	if (position->has_thread)
		pthread_join(position->thread, NULL);
	runner_free(position->runner);
	pthread_cond_destroy(&position->changed);
	pthread_mutex_destroy(&position->lock);
	g_free(position);
}

int64_t
position_fresh_until(struct position *position, uint64_t replayed)
{
	int64_t asked_ms = 0;

	pthread_mutex_lock(&position->lock);
	for (int i = 0; i < MARKS; i++)
		if (position->marks[i].end <= replayed)
			asked_ms = MAX(asked_ms, position->marks[i].asked_ms);
	pthread_mutex_unlock(&position->lock);
	return asked_ms == 0 ? 0 : asked_ms + POSITION_AGE_MS;
}

bool
position_is_lost(struct position *position)
{
	bool lost;

	pthread_mutex_lock(&position->lock);
	lost = position->lost;
	pthread_mutex_unlock(&position->lock);
	return lost;
}

bool
position_ask(struct position *position, int64_t deadline)
{
	struct timespec until = clock_timespec(deadline);
	uint64_t before;
	int waited = 0;
	bool lost;

	pthread_mutex_lock(&position->lock);
	before = position->n_asked + (position->asking ? 1 : 0); /* that answer may be too old */
	position->wanted = !position->lost;
	pthread_cond_broadcast(&position->changed);
	while (!position->lost && position->n_asked <= before && waited == 0)
		waited = pthread_cond_timedwait(&position->changed, &position->lock, &until);
	lost = position->lost || waited != 0;
	pthread_mutex_unlock(&position->lock);
	return lost;
}
