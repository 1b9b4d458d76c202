/*
 * Calls that travel together: the parameters of each are an object in the array :calls, in order of arrival, and each has its answer in
 * the row with its ordinal `n`.
 *
 * Each such statement has a lane. Who comes while no batch of the lane is under way travels at once, by itself: a call alone pays nothing, and nobody
 * waits for a timer. Who comes meanwhile waits in line; when the batch has come back, all that wait (up to BATCH_MAX) are the next one. So the batches
 * grow with the crowd by themselves. They are taken by the lane's driver, a thread that starts with the lane's first crowd. Everybody in line waits for
 * the moment when a batch comes back, so the next one is sent on its way, over the same connection, before anybody looks at the answers that came.
 *
 * Several processes have lanes of their own; the locks of the rows put their batches in order.
 */
#include <errno.h>
#include <glib.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>

#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "db/batch.h"
#include "db/call.h"
#include "db/clock.h"

enum {
	BATCH_MAX = 128, /* measured: see docs/benchmarks.md */
	WAITING_MAX = 1024,
};

struct lane {
	struct db *db;
	const struct statement *st;
	pthread_mutex_t lock;
	struct passenger *first; /* the line */
	struct passenger **last;
	unsigned waiting;
	unsigned most;  /* that may board: fewer for a while after a batch was undone */
	bool under_way; /* a batch: one at a time, two would be smaller and wait for each other */
	/* the driver, once there is one */
	bool has_driver;
	atomic_bool closed; /* it ends when the line is empty */
	pthread_t driver;
	sem_t turn; /* posted when a batch is loaded, or the next one is to be loaded by the driver */
	/* what is loaded; touched by whoever has the batch that is under way */
	struct batch batch;
	char *calls;         /* all of them as JSON */
	struct place *place; /* where they were sent to already; NULL: nowhere */
};

struct lane *
lanes_new(struct db *db)
{
	struct lane *lanes = g_new0(struct lane, SQL_COUNT);

	for (size_t i = 0; i < SQL_COUNT; i++) {
		lanes[i].db = db;
		lanes[i].st = &statements[i];
		lanes[i].last = &lanes[i].first;
		lanes[i].most = BATCH_MAX;
		pthread_mutex_init(&lanes[i].lock, NULL);
		sem_init(&lanes[i].turn, 0, 0);
	}
	return lanes;
}

void
lanes_free(struct lane *lanes)
{
	for (size_t i = 0; i < SQL_COUNT; i++) {
		if (lanes[i].has_driver) {
			atomic_store(&lanes[i].closed, true);
			sem_post(&lanes[i].turn);
			pthread_join(lanes[i].driver, NULL);
		}
		sem_destroy(&lanes[i].turn);
		pthread_mutex_destroy(&lanes[i].lock);
	}
	g_free(lanes);
}

int
lanes_waiting(struct lane *lanes)
{
	unsigned waiting = 0;

	for (size_t i = 0; i < SQL_COUNT; i++) {
		pthread_mutex_lock(&lanes[i].lock);
		waiting += lanes[i].waiting;
		pthread_mutex_unlock(&lanes[i].lock);
	}
	return (int)waiting;
}

/* ---- the line ---- */

/* One call as a JSON object, made before it joins the line: what the driver does keeps everybody waiting. A parameter that is NULL is left out. */
static GString *
call_text(const struct db_param *params, size_t n_params)
{
	GString *call = g_string_sized_new(CALL_SIZE);

	for (size_t i = 0; i < n_params; i++) {
		const struct db_param *param = &params[i];

		if (param->json == NULL && param->text == NULL)
			continue;
		text_add(call, call->len == 0 ? "{\"" : ",\"");
		text_add(call, param->name); /* a word of the tables */
		text_add(call, "\":");
		if (param->json != NULL)
			text_add(call, param->json);
		else
			json_append_quoted(call, param->text);
	}
	text_add(call, call->len == 0 ? "{}" : "}");
	return call;
}

static void
line_join(struct lane *lane, struct passenger *me)
{
	*lane->last = me;
	lane->last = &me->next;
	lane->waiting++;
}

static void
line_leave(struct lane *lane, struct passenger *me)
{
	struct passenger **at = &lane->first;

	while (*at != me)
		at = &(*at)->next;
	*at = me->next;
	if (lane->last == &me->next)
		lane->last = at;
	lane->waiting--;
}

/* All that wait, up to what is allowed, go on board, in order of arrival. */
static struct batch
line_board(struct lane *lane)
{
	struct batch batch = { NULL, MIN(lane->waiting, lane->most) };

	if (batch.n > 0)
		batch.list = g_new(struct passenger *, batch.n);
	for (size_t i = 0; i < batch.n; i++) {
		batch.list[i] = lane->first;
		lane->first->aboard = true;
		line_leave(lane, lane->first);
	}
	return batch;
}

/* The last `n` of a batch are in line again, in front of all others. */
static void
line_return(struct lane *lane, struct batch *batch, size_t n)
{
	pthread_mutex_lock(&lane->lock);
	for (; n > 0; n--) {
		struct passenger *p = batch->list[--batch->n];

		p->aboard = false;
		p->next = lane->first;
		if (lane->first == NULL)
			lane->last = &p->next;
		lane->first = p;
		lane->waiting++;
	}
	pthread_mutex_unlock(&lane->lock);
}

/* ---- the way of a batch ---- */

/* Sent so late, a batch would only have to be cancelled. */
static bool
is_late(struct batch batch)
{
	return clock_ms() >= batch.list[batch.n - 1]->deadline;
}

/*
 * A batch came back: the next one leaves, with whoever waits. It goes over the same connection, if that was kept. False if nobody waits: then
 * nothing is under way any more.
 */
static bool
load_next(struct lane *lane, struct place *place)
{
	struct batch batch;

	pthread_mutex_lock(&lane->lock);
	batch = line_board(lane);
	lane->under_way = batch.n > 0;
	pthread_mutex_unlock(&lane->lock);
	if (place != NULL && (batch.n == 0 || is_late(batch))) {
		pool_give(place);
		place = NULL;
	}
	if (batch.n == 0)
		return false;
	lane->batch = batch;
	lane->calls = batch_text(batch);
	lane->place = place;
	if (place != NULL)
		statement_send(place, lane->st, (const char *[]){ lane->calls });
	return true;
}

/*
 * A batch was undone for a call in it. Those in front are settled, up to that call; those behind it travelled in vain, and are in line again, but for who is
 * late by now: nobody travels once more after its deadline. Where one call is at fault others may be, so the next batch is small: at worst,
 * if all calls are at fault, each is tried twice.
 */
static void
undone(struct lane *lane, struct batch *batch, size_t settled)
{
	lane->most = (unsigned)MIN(2 * settled, BATCH_MAX);
	while (settled < batch->n && clock_ms() >= batch->list[settled]->deadline)
		batch->list[settled++]->err = ERR_BUSY;
	line_return(lane, batch, batch->n - settled);
}

/* Takes a batch, and sends the next one, if it goes over the same connection, before it gives these their outcomes. Answers whether there is a next one. */
static bool
take(struct lane *lane, struct batch *batch, char *calls, struct place *place)
{
	struct reply reply = { 0 };
	enum err e = batch_run(lane->db, lane->st, *batch, calls, false, &place, &reply);
	size_t settled = batch->n;
	bool more;

	if (e != ERR_NONE)
		settled = batch_failed(lane->db, lane->st, *batch, e, &reply);
	if (settled < batch->n)
		undone(lane, batch, settled);
	else
		lane->most = MIN(2 * lane->most, BATCH_MAX);
	more = load_next(lane, place);
	if (e == ERR_NONE)
		batch_answer(lane->st, &reply, *batch);
	reply_clear(&reply);
	g_free(calls);
	return more;
}

/* Gives a passenger its outcome; from here on it is gone. */
static void
tell(struct db *db, struct passenger *p)
{
	if (p->done == NULL) {
		atomic_store(&p->told, true);
		sem_post(&p->turn);
		return;
	}
	call_counted(db, p->err);
	p->done(p->arg, p->err);
	g_string_free(p->call, TRUE);
	g_free(p);
}

static void *
drive(void *arg)
{
	struct lane *lane = arg;

	for (;;) {
		bool more;

		while (sem_wait(&lane->turn) != 0)
			; /* a signal came between */
		more = lane->batch.n > 0 || load_next(lane, NULL);
		while (more) {
			struct batch batch = lane->batch;

			lane->batch = (struct batch){ NULL, 0 };
			more = take(lane, &batch, lane->calls, lane->place);
			for (size_t i = 0; i < batch.n; i++)
				tell(lane->db, batch.list[i]);
			g_free(batch.list);
		}
		if (atomic_load(&lane->closed))
			return NULL;
	}
}

/* Signals are for others: one would cut an answer short. Not before there is a crowd, by when the program has said what becomes of its signals. */
static bool
driver_start(struct lane *lane)
{
	static _Atomic int64_t last_told;
	sigset_t all;
	sigset_t before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	lane->has_driver = pthread_create(&lane->driver, NULL, drive, lane) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!lane->has_driver && clock_once_a_second(&last_told))
		log_line(LOG_WARN, "%s: no thread could be started for those who wait",
			lane->st->name);
	return lane->has_driver;
}

/* ---- the way of a passenger ---- */

/* True if this passenger was told; false if its deadline passed before. */
static bool
told_in_time(struct passenger *me)
{
	struct timespec until = clock_timespec(me->deadline);

	while (sem_clockwait(&me->turn, CLOCK_MONOTONIC, &until) != 0)
		if (errno != EINTR)
			return false;
	return atomic_load(
		&me->told); /* it is; but no sanitizer sees this semaphore hand over what was told */
}

/* Waits until somebody brought this passenger its outcome. In line it waits no longer than its deadline; once on board, until it is settled. */
static void
wait_for_news(struct lane *lane, struct passenger *me)
{
	bool left;

	if (told_in_time(me))
		return;
	pthread_mutex_lock(&lane->lock);
	left = !me->aboard;
	if (left) {
		line_leave(lane, me);
		me->err = ERR_BUSY;
	}
	pthread_mutex_unlock(&lane->lock);
	while (!left && sem_wait(&me->turn) != 0)
		; /* a signal came between */
}

/* The call as it stands in line; `me` knows its deadline and who hears of it. */
static void
passenger_init(struct passenger *me, const struct db_param *params, size_t n_params)
{
	const struct db_param *key = param_find(params, n_params, "key");

	me->keyed = key != NULL && key->text != NULL;
	me->call = call_text(params, n_params);
}

static bool
line_is_full(struct lane *lane)
{
	return lane->waiting >= WAITING_MAX || (!lane->has_driver && !driver_start(lane));
}

enum entrance { FREE, IN_LINE, FULL };

/* Joins the line, unless no batch is under way, or the line is full. */
static enum entrance
line_enter(struct lane *lane, struct passenger *me)
{
	if (!lane->under_way)
		return FREE;
	if (line_is_full(lane))
		return FULL;
	line_join(lane, me);
	return IN_LINE;
}

/* Travels by itself; who has come meanwhile is the driver's. */
static void
travel_alone(struct lane *lane, struct passenger *me)
{
	struct batch batch = { &me, 1 };

	if (take(lane, &batch, batch_text(batch), NULL))
		sem_post(&lane->turn);
}

enum err
batched_call(struct db *db, const struct statement *st, const struct db_param *params,
	size_t n_params, int64_t deadline, struct db_result *out)
{
	struct lane *lane = &db->lanes[st - statements];
	struct passenger me = { .deadline = deadline, .out = out };
	enum entrance how;

	passenger_init(&me, params, n_params);
	sem_init(&me.turn, 0, 0);
	pthread_mutex_lock(&lane->lock);
	how = line_enter(lane, &me);
	lane->under_way = true;
	pthread_mutex_unlock(&lane->lock);
	switch (how) {
	case FREE:
		travel_alone(lane, &me);
		break;
	case IN_LINE:
		wait_for_news(lane, &me);
		break;
	case FULL:
		me.err = ERR_BUSY;
		break;
	}
	sem_destroy(&me.turn);
	g_string_free(me.call, TRUE);
	return me.err;
}

enum err
batched_submit(struct db *db, const struct statement *st, const struct db_param *params,
	size_t n_params, int64_t deadline, struct db_result *out,
	void (*done)(void *arg, enum err e), void *arg)
{
	struct lane *lane = &db->lanes[st - statements];
	struct passenger *me = g_new0(struct passenger, 1);
	bool idle = false;
	bool full;

	*me = (struct passenger){ .deadline = deadline, .out = out, .done = done, .arg = arg };
	passenger_init(me, params, n_params);
	pthread_mutex_lock(&lane->lock);
	full = line_is_full(lane);
	if (!full) {
		line_join(lane, me);
		idle = !lane->under_way;
		lane->under_way = true;
	}
	pthread_mutex_unlock(&lane->lock);
	if (idle)
		sem_post(&lane->turn);
	if (!full)
		return ERR_PENDING;
	g_string_free(me->call, TRUE);
	g_free(me);
	return ERR_BUSY;
}
