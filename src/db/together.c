/*
 * Calls that travel together: the parameters of each are an object in the array :calls, in order of arrival, and each has its answer in
 * the row with its ordinal `n`.
 *
 * Each such statement has a lane. Who comes while no batch of the lane is under way drives at once: a call alone pays nothing, and nobody waits for
 * a timer. Who comes meanwhile waits in line; when the batch has come back, all that wait (up to BATCH_MAX) are the next one. So the batches grow with
 * the crowd by themselves. Everybody in line waits for that moment, so the driver of the one batch sends the next on its way, over the same connection,
 * before it looks at the answers that it has got; then the first on board of the next one drives on: it waits for what was sent.
 *
 * Several processes have lanes of their own; the locks of the rows put their batches in order.
 */
#include <errno.h>
#include <glib.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>

#include "base/json.h"
#include "base/text.h"
#include "db/batch.h"
#include "db/call.h"
#include "db/clock.h"

enum {
	BATCH_MAX = 128, /* measured: see docs/benchmarks.md */
	WAITING_MAX = 1024,
};

struct lane {
	pthread_mutex_t lock;
	struct passenger *first; /* the line */
	struct passenger **last;
	unsigned waiting;
	bool under_way; /* a batch: one at a time, two would be smaller and wait for each other */
};

struct lane *
lanes_new(void)
{
	struct lane *lanes = g_new0(struct lane, SQL_COUNT);

	for (size_t i = 0; i < SQL_COUNT; i++) {
		pthread_mutex_init(&lanes[i].lock, NULL);
		lanes[i].last = &lanes[i].first;
	}
	return lanes;
}

void
lanes_free(struct lane *lanes)
{
	for (size_t i = 0; i < SQL_COUNT; i++)
		pthread_mutex_destroy(&lanes[i].lock);
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

/* All that wait, up to BATCH_MAX, go on board, in order of arrival. Answers the first, who drives and owns the list; NULL if nobody waits. */
static struct passenger *
line_board(struct lane *lane)
{
	struct passenger *driver = lane->first;
	size_t n = MIN(lane->waiting, BATCH_MAX);

	if (driver == NULL)
		return NULL;
	driver->batch = (struct batch){ g_new(struct passenger *, n), n };
	for (size_t i = 0; i < n; i++) {
		driver->batch.list[i] = lane->first;
		lane->first->state = ABOARD;
		line_leave(lane, lane->first);
	}
	return driver;
}

/* A batch came back: the next one leaves, with whoever waits. It goes over the same connection, if that was kept. */
static void
go_on(const struct statement *st, struct lane *lane, struct place *place)
{
	struct passenger *driver;

	pthread_mutex_lock(&lane->lock);
	driver = line_board(lane);
	lane->under_way = driver != NULL;
	pthread_mutex_unlock(&lane->lock);
	if (driver == NULL) {
		if (place != NULL)
			pool_give(place);
		return;
	}
	driver->calls = batch_text(driver->batch);
	if (place != NULL && clock_ms() >= driver->batch.list[driver->batch.n - 1]->deadline) { /* sent so late it would only have to be cancelled */
		pool_give(place);
		place = NULL;
	}
	driver->place = place;
	if (place != NULL)
		statement_send(place, st, (const char *[]){ driver->calls });
	driver->state = DRIVES;
	sem_post(&driver->turn);
}

/* Takes its batch, and sees to it that the next one leaves; none of those who arrived needs the lane's lock to be told. */
static void
drive(struct db *db, const struct statement *st, struct lane *lane, struct passenger *me)
{
	struct batch batch = me->batch;
	struct reply reply = { 0 };
	enum err e = batch_run(db, st, batch, me->calls, false, &me->place, &reply);

	if (e != ERR_NONE)
		batch_failed(db, st, batch, e, &reply);
	if (batch.n > 1)
		sched_yield(); /* in a crowd: who has a call in hand, and waits only for a processor, comes along, too */
	go_on(st, lane, me->place);
	if (e == ERR_NONE)
		batch_answer(st, &reply, batch);
	for (size_t i = 0; i < batch.n; i++) {
		if (batch.list[i] == me)
			continue;
		batch.list[i]->state = DONE;
		sem_post(&batch.list[i]->turn); /* and from here on it may be gone */
	}
	reply_clear(&reply);
	g_free(me->calls);
	g_free(batch.list);
}

/* True if this passenger was told something; false if its deadline passed before. */
static bool
told_in_time(struct passenger *me)
{
	struct timespec until = clock_timespec(me->deadline);

	while (sem_clockwait(&me->turn, CLOCK_MONOTONIC, &until) != 0)
		if (errno != EINTR)
			return false;
	return true;
}

/*
 * Waits until it is this passenger's turn to drive, or somebody brought its answer. In line it waits no longer than its deadline; on
 * board, to the end.
 */
static void
wait_for_turn(struct lane *lane, struct passenger *me)
{
	bool left;

	if (told_in_time(me))
		return;
	pthread_mutex_lock(&lane->lock);
	left = me->state == WAITS;
	if (left) {
		line_leave(lane, me);
		me->err = ERR_BUSY;
		me->state = DONE;
	}
	pthread_mutex_unlock(&lane->lock);
	while (!left && sem_wait(&me->turn) != 0)
		; /* a signal came between */
}

/* Joins the line. Answers how: it WAITS, or DRIVES at once, alone, since no batch is under way, or is DONE since the line is full. */
static enum state
line_enter(struct lane *lane, struct passenger *me)
{
	enum state how = WAITS;

	pthread_mutex_lock(&lane->lock);
	if (!lane->under_way) {
		lane->under_way = true;
		how = DRIVES;
	} else if (lane->waiting >= WAITING_MAX) {
		how = DONE;
	}
	me->state = how;
	if (how == WAITS)
		line_join(lane, me);
	pthread_mutex_unlock(&lane->lock);
	return how; /* what it was: who waits may be on board by now */
}

enum err
together_call(struct db *db, const struct statement *st, const struct db_param *params, size_t n_params, int64_t deadline, struct db_result *out)
{
	struct lane *lane = &db->lanes[st - statements];
	const struct db_param *key = param_find(params, n_params, "key");
	struct passenger me = { .keyed = key != NULL && key->text != NULL, .deadline = deadline, .out = out };
	enum state how;

	me.call = call_text(params, n_params);
	sem_init(&me.turn, 0, 0);
	how = line_enter(lane, &me);
	if (how == DONE)
		me.err = ERR_BUSY;
	if (how == DRIVES) {
		me.batch = (struct batch){ g_new(struct passenger *, 1), 1 };
		me.batch.list[0] = &me;
		me.calls = batch_text(me.batch);
	}
	if (how == WAITS)
		wait_for_turn(lane, &me);
	if (me.state == DRIVES)
		drive(db, st, lane, &me);
	sem_destroy(&me.turn);
	g_string_free(me.call, TRUE);
	return me.err;
}
