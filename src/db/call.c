#include "db/call.h"

#include <glib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "db/clock.h"

enum {
	RETRIES_MAX = 4,     /* of one statement that PostgreSQL asked to repeat */
	PAUSE_LOST_MS = 100, /* between two tries to reach a server that went away */
	PAUSE_FIRST_MS = 4,  /* before the first retry, at most; it doubles */
};

/* What to do after one run of a statement. */
enum next {
	NEXT_DONE,      /* there is an outcome, in `reply` */
	NEXT_RETRY,     /* PostgreSQL undid it and asks for another try */
	NEXT_RECONNECT, /* the connection was lost before it was sent */
	NEXT_LOST,      /* the connection was lost: nobody knows the outcome */
	NEXT_NO_SERVER, /* no connection could be opened */
	NEXT_GIVE_UP,   /* the deadline passed */
};

struct db *
db_open(int connections, int deadline_ms)
{
	struct db *db = g_new0(struct db, 1);

	db->pool = pool_new(connections);
	db->lanes = lanes_new(db);
	db->deadline_ms = deadline_ms;
	return db;
}

void
db_close(struct db *db)
{
	if (db == NULL)
		return;
	lanes_free(db->lanes);
	pool_free(db->pool);
	g_free(db);
}

static bool
is_one_of(const char *sqlstate, const char *const *list)
{
	for (; *list != NULL; list++)
		if (strcmp(sqlstate, *list) == 0)
			return true;
	return false;
}

/*
 * The functions were replaced while this connection had the statement prepared: a function is not found (42883), a schema not (3F000),
 * the type of a result is another (0A000), or one was dropped between planning and running (XX000, "cache lookup failed").
 */
static bool
schema_has_changed(const struct reply *reply)
{
	static const char *const states[] = { "0A000", "42883", "3F000", "42P01", "42703", "XX000",
		NULL };

	return reply->kind == REPLY_ERROR && is_one_of(reply->sqlstate, states);
}

static enum next
after_reply(const struct reply *reply)
{
	static const char *const again[] = { "40001", "40P01", NULL };

	switch (reply->kind) {
	case REPLY_DONE:
		return NEXT_DONE;
	case REPLY_ERROR:
		return is_one_of(reply->sqlstate, again) ? NEXT_RETRY : NEXT_DONE;
	case REPLY_UNSENT:
		return NEXT_RECONNECT;
	case REPLY_LOST:
		return NEXT_LOST;
	case REPLY_NOT_REPLICATED: /* to run it again would not make the standby have it: let the client come again later */
	case REPLY_TIMED_OUT:
		break;
	}
	return NEXT_GIVE_UP;
}

/* One try on one connection: one that is `kept` was sent the statement already. */
static enum next
run_once(struct db *db, const struct statement *st, const char *const *values, int64_t deadline,
	struct place **kept, struct reply *reply)
{
	struct place *place = kept == NULL ? NULL : *kept;

	if (place != NULL) {
		*kept = NULL;
		conn_receive(place->conn, deadline, reply);
	} else {
		if (clock_ms() < deadline) /* sent too late it would only have to be cancelled */
			place = pool_take(db->pool, deadline);
		if (place == NULL)
			return NEXT_GIVE_UP;
		if (!place_connect(place, deadline)) {
			pool_give(place);
			return NEXT_NO_SERVER;
		}
		conn_call(place->conn, st, values, deadline, reply);
	}
	for (int i = 0; i < RETRIES_MAX && schema_has_changed(reply);
		i++) { /* it was undone, so again is safe, whatever it was */
		conn_forget(place->conn, st, deadline);
		conn_call(place->conn, st, values, deadline, reply);
	}
	if (reply->kind == REPLY_TIMED_OUT)
		pool_rescue(place);
	else if (reply->kind == REPLY_DONE && kept != NULL && !pool_is_wanted(db->pool))
		*kept = place;
	else
		pool_give(place);
	return after_reply(reply);
}

/* Sleeps from nothing to `most_ms`, so that those who collided do not meet again; the clock's last digits are random enough. */
static void
pause_random(int most_ms)
{
	struct timespec now, nap;

	clock_gettime(CLOCK_MONOTONIC, &now);
	nap = (struct timespec){ .tv_nsec = now.tv_nsec % (most_ms * 1000000L) };
	nanosleep(&nap, NULL);
}

/* Whether to run it again after `next`; sleeps a little when that helps. Counts its retries in `retries`. */
static bool
should_repeat(struct db *db, enum next next, bool repeatable, int *retries, bool *lost)
{
	switch (next) {
	case NEXT_RETRY:
		if (*retries == RETRIES_MAX)
			return false;
		atomic_fetch_add(&db->retries, 1);
		pause_random(PAUSE_FIRST_MS << *retries);
		++*retries;
		return true;
	case NEXT_RECONNECT:
		pause_random(
			PAUSE_FIRST_MS); /* a server that takes connections and drops them must not be asked all the time */
		return true;
	case NEXT_LOST:
		*lost = true;
		return repeatable;
	case NEXT_NO_SERVER: /* nobody waits for a server that is away, but those who have begun and want to know the outcome */
		if (*lost)
			pause_random(PAUSE_LOST_MS);
		return *lost;
	case NEXT_DONE:
	case NEXT_GIVE_UP:
		break;
	}
	return false;
}

/* The log's line for a statement that failed. Errors of class 22 quote the value in their message, so it stays out. */
static void
log_failure(enum log_level level, const struct statement *st, const struct reply *reply)
{
	static const char *const without_error[] = {
		[REPLY_DONE] = "no connection was free in time",
		[REPLY_ERROR] = "refused",
		[REPLY_UNSENT] = "the connection was lost before it was sent",
		[REPLY_LOST] = "the connection was lost, so that its outcome is unknown",
		[REPLY_NOT_REPLICATED] = "committed, but the standby does not have it",
		[REPLY_TIMED_OUT] = "no answer in time",
	};
	bool quotes = strncmp(reply->sqlstate, "22", 2) == 0;

	if (reply->sqlstate[0] != '\0')
		log_line(level, "%s: %s %s", st->name, reply->sqlstate,
			quotes ? "" : reply_message(reply));
	else
		log_line(level, "%s: %s", st->name, without_error[reply->kind]);
}

static void
log_busy(const struct statement *st, const struct reply *reply)
{
	static _Atomic int64_t last_told;

	if (clock_once_a_second(&last_told))
		log_failure(LOG_WARN, st, reply);
}

enum err
statement_run(struct db *db, const struct statement *st, const char *const *values, bool repeatable,
	bool lost, int64_t deadline, struct place **place, struct reply *reply)
{
	int retries = 0;
	enum next next;

	do {
		reply_clear(reply);
		next = run_once(db, st, values, deadline, place, reply);
	} while (should_repeat(db, next, repeatable, &retries, &lost) && clock_ms() < deadline);

	if (next == NEXT_DONE && reply->kind == REPLY_DONE)
		return ERR_NONE;
	if (next == NEXT_DONE && strcmp(reply->sqlstate, "ST000") == 0)
		return err_by_code(reply_message(reply));
	if (next != NEXT_DONE || err_by_sqlstate(reply->sqlstate) == ERR_BUSY) {
		if (next != NEXT_NO_SERVER) /* which was told where it was tried */
			log_busy(st, reply);
		return ERR_BUSY;
	}
	log_failure(LOG_FAULT, st, reply);
	return ERR_FAULT;
}

void
statement_send(struct place *place, const struct statement *st, const char *const *values)
{
	conn_send(place->conn, st, values);
}

const struct db_param *
param_find(const struct db_param *params, size_t n_params, const char *name)
{
	for (size_t i = 0; i < n_params; i++)
		if (strcmp(params[i].name, name) == 0)
			return &params[i];
	return NULL;
}

/* A call that may be run again when its outcome is unknown: one that changes nothing, or whose key tells the database that it came before. */
static bool
is_repeatable(const struct statement *st, const struct db_param *params, size_t n_params)
{
	const struct db_param *key = param_find(params, n_params, "key");

	if (st->reads)
		return true;
	if (key == NULL || key->text == NULL)
		return false;
	for (size_t i = 0; i < st->n_params; i++)
		if (strcmp(st->params[i], "key") == 0)
			return true;
	return false;
}

static enum err
call_alone(struct db *db, const struct statement *st, const struct db_param *params,
	size_t n_params, int64_t deadline, struct db_result *out)
{
	g_autofree const char **values = g_new0(const char *, st->n_params + 1);
	struct reply reply = { 0 };
	enum err e;

	for (size_t i = 0; i < st->n_params; i++) {
		const struct db_param *param = param_find(params, n_params, st->params[i]);

		values[i] = param == NULL ? NULL : param->text;
	}
	e = statement_run(
		db, st, values, is_repeatable(st, params, n_params), false, deadline, NULL, &reply);
	e = e == ERR_NONE ? reply_outcome(st, &reply, out) : error_outcome(e, &reply, out);
	reply_clear(&reply);
	return e;
}

void
call_counted(struct db *db, enum err e)
{
	atomic_fetch_add(e == ERR_BUSY ? &db->busy : &db->calls, 1);
	if (e == ERR_FAULT)
		atomic_fetch_add(&db->faults, 1);
}

enum err
db_call(struct db *db, enum sql_id id, const struct db_param *params, size_t n_params,
	struct db_result *out)
{
	int64_t deadline = clock_ms() + db->deadline_ms;
	const struct statement *st = &statements[id];
	enum err e;

	g_assert(id > SQL_NONE && id < SQL_COUNT);
	if (st->batched)
		e = batched_call(db, st, params, n_params, deadline, out);
	else
		e = call_alone(db, st, params, n_params, deadline, out);
	call_counted(db, e);
	return e;
}

bool
db_is_batched(enum sql_id id)
{
	return statements[id].batched;
}

enum err
db_submit(struct db *db, enum sql_id id, const struct db_param *params, size_t n_params,
	struct db_result *out, void (*done)(void *arg, enum err e), void *arg)
{
	const struct statement *st = &statements[id];
	enum err e;

	g_assert(id > SQL_NONE && id < SQL_COUNT && st->batched);
	e = batched_submit(db, st, params, n_params, clock_ms() + db->deadline_ms, out, done, arg);
	if (e != ERR_PENDING)
		call_counted(db, e);
	return e;
}

void
db_stats(struct db *db, struct db_stats *out)
{
	struct pool_stats pool;

	pool_stats(db->pool, &pool);
	*out = (struct db_stats){
		.calls = atomic_load(&db->calls),
		.retries = atomic_load(&db->retries),
		.reconnects = pool.reconnects,
		.busy = atomic_load(&db->busy),
		.faults = atomic_load(&db->faults),
		.connections_open = pool.open,
		.connections_in_use = pool.in_use,
		.waiting = pool.waiting + lanes_waiting(db->lanes),
	};
}
