#include "db/call.h"

#include <glib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "db/clock.h"
#include "db/outcome.h"

enum {
	RETRIES_MAX = 4,     /* of 40001 and 40P01, and of statements to prepare again */
	PAUSE_LOST_MS = 100, /* longest, between two attempts to reach a server that went away */
	LATE_MS = 500,       /* a reply is late after this */
	PAUSE_FIRST_MS = 4,  /* longest, before the first retry; it doubles */
};

/* The result of one attempt to run a statement. */
enum attempt {
	ATTEMPT_DONE,      /* the outcome is in `reply` */
	ATTEMPT_ABORTED,   /* rolled back by a serialization failure or deadlock: try again */
	ATTEMPT_UNSENT,    /* the connection was lost before the statement was sent */
	ATTEMPT_LOST,      /* the connection was lost after it was sent: outcome unknown */
	ATTEMPT_MISPLACED, /* rolled back by a server that takes no writes */
	ATTEMPT_NO_SERVER, /* no connection could be opened */
	ATTEMPT_GIVEN_UP,  /* the deadline passed, or the commit is not replicated */
	ATTEMPT_DENIED,    /* run->admits said no */
};

static bool
is_one_of(const char *sqlstate, const char *const *list)
{
	for (; *list != NULL; list++)
		if (strcmp(sqlstate, *list) == 0)
			return true;
	return false;
}

/*
 * Whether functions were replaced since this connection prepared the statement: a function is not
 * found (42883), a schema not (3F000), a result has another type (0A000), or a function was dropped
 * between planning and execution (XX000, "cache lookup failed").
 */
static bool
schema_has_changed(const struct reply *reply)
{
	static const char *const states[] = { "0A000", "42883", "3F000", "42P01", "42703", "XX000",
		NULL };

	return reply->kind == REPLY_ERROR && is_one_of(reply->sqlstate, states);
}

/* A commit that was not replicated is not repeated: the client has to come again later. */
static enum attempt
attempt_of(const struct reply *reply)
{
	static const char *const aborted[] = { "40001", "40P01", NULL };

	switch (reply->kind) {
	case REPLY_DONE:
		return ATTEMPT_DONE;
	case REPLY_ERROR:
		return is_one_of(reply->sqlstate, aborted) ? ATTEMPT_ABORTED : ATTEMPT_DONE;
	case REPLY_WRONG_SERVER:
		return ATTEMPT_MISPLACED;
	case REPLY_UNSENT:
		return ATTEMPT_UNSENT;
	case REPLY_LOST:
		return ATTEMPT_LOST;
	case REPLY_NOT_REPLICATED:
	case REPLY_TIMED_OUT:
		break;
	}
	return ATTEMPT_GIVEN_UP;
}

static enum pool_kind
pool_kind(const struct run *run)
{
	if (run->patient)
		return POOL_PATIENT;
	return run->st->reads ? POOL_READS : POOL_WRITES;
}

/* Acquires a slot with an open connection; NULL with `why_not` set. */
static struct pool_slot *
connect_slot(struct runner *runner, const struct run *run, enum attempt *why_not)
{
	enum conn_use use = run->st->reads ? runner->reads_from : CONN_WRITES;
	struct pool_slot *slot = NULL;

	*why_not = ATTEMPT_GIVEN_UP;
	if (clock_ms() < run->deadline) /* a statement sent later would only be cancelled */
		slot = pool_acquire(runner->pools[pool_kind(run)], run->deadline);
	if (slot == NULL)
		return NULL;
	if (!pool_connect(slot, use, run->deadline))
		*why_not = ATTEMPT_NO_SERVER;
	else if (run->admits != NULL && !run->admits(run->admits_arg, slot, run->deadline))
		*why_not = ATTEMPT_DENIED;
	else
		return slot;
	pool_release(slot);
	return NULL;
}

/* Receives the reply to a statement that was sent. */
static void
receive(const struct run *run, struct conn *conn, struct reply *reply)
{
	if (run->late != NULL && !conn_wait_for_reply(conn, clock_ms() + LATE_MS))
		run->late(run->late_arg);
	conn_receive(conn, run->deadline, reply);
}

/* conn_call() for a run that may be late. */
static void
call(const struct run *run, struct conn *conn, struct reply *reply)
{
	conn_prepare(conn, run->st, run->deadline, reply);
	if (reply->kind != REPLY_DONE)
		return;
	conn_send(conn, run->st, run->values);
	receive(run, conn, reply);
}

/*
 * One attempt, on one connection. An attempt that found the schema changed was rolled back, so any
 * statement is prepared and run again.
 */
static enum attempt
run_once(struct runner *runner, const struct run *run, struct pool_slot **kept, struct reply *reply)
{
	struct pool *pool = runner->pools[pool_kind(run)];
	struct pool_slot *slot = kept == NULL ? NULL : *kept;
	enum attempt why_not;

	if (slot != NULL) {
		*kept = NULL;
		receive(run, pool_conn(slot), reply);
	} else {
		slot = connect_slot(runner, run, &why_not);
		if (slot == NULL)
			return why_not;
		call(run, pool_conn(slot), reply);
	}
	for (int i = 0; i < RETRIES_MAX && schema_has_changed(reply); i++) {
		conn_forget(pool_conn(slot), run->st, run->deadline);
		call(run, pool_conn(slot), reply);
	}
	if (reply->kind == REPLY_TIMED_OUT)
		pool_cancel(slot);
	else if (reply->kind == REPLY_DONE && kept != NULL && !pool_has_waiters(pool))
		*kept = slot;
	else
		pool_release(slot);
	return attempt_of(reply);
}

/*
 * Sleeps for a random time below `max_ms`, so that transactions that collided do not collide again.
 * The low digits of the clock are random enough.
 */
static void
pause_random(int max_ms)
{
	struct timespec now, nap;

	clock_gettime(CLOCK_MONOTONIC, &now);
	nap = (struct timespec){ .tv_nsec = now.tv_nsec % (max_ms * 1000000L) };
	nanosleep(&nap, NULL);
}

/* What the attempts of one run have come to. */
struct history {
	int retries;
	bool lost;      /* an attempt's outcome is unknown */
	bool misplaced; /* a server refused to write */
};

/*
 * Pauses before the next attempt; false if there should be none. Without a server, only a run that
 * has an unknown outcome waits for it: other calls fail at once. A server that takes no writes is
 * left once: its successor may be another host of PGHOST.
 */
static bool
prepare_retry(
	struct runner *runner, const struct run *run, enum attempt attempt, struct history *history)
{
	switch (attempt) {
	case ATTEMPT_ABORTED:
		if (history->retries == RETRIES_MAX)
			return false;
		atomic_fetch_add(&runner->retries, 1);
		pause_random(PAUSE_FIRST_MS << history->retries);
		history->retries++;
		return true;
	case ATTEMPT_MISPLACED:
		if (history->misplaced && history->lost)
			pause_random(PAUSE_LOST_MS);
		else if (history->misplaced)
			return false;
		history->misplaced = true;
		return true;
	case ATTEMPT_UNSENT:
		pause_random(PAUSE_FIRST_MS); /* a server that drops each connection */
		return true;
	case ATTEMPT_LOST:
		history->lost = true;
		return run->repeatable;
	case ATTEMPT_NO_SERVER:
		if (history->lost)
			pause_random(PAUSE_LOST_MS);
		return history->lost;
	case ATTEMPT_DONE:
	case ATTEMPT_GIVEN_UP:
	case ATTEMPT_DENIED:
		break;
	}
	return false;
}

/* Logs why a statement failed. Errors of class 22 quote a value in their message: not logged. */
static void
log_failure(enum log_level level, const struct statement *st, const struct reply *reply)
{
	static const char *const reasons[] = {
		[REPLY_DONE] = "no connection was free in time",
		[REPLY_ERROR] = "refused",
		[REPLY_WRONG_SERVER] = "the server takes no writes",
		[REPLY_UNSENT] = "the connection was lost before it was sent",
		[REPLY_LOST] = "the connection was lost, its outcome is unknown",
		[REPLY_NOT_REPLICATED] = "committed, but the standby does not have it",
		[REPLY_TIMED_OUT] = "no answer in time",
	};
	bool quotes = strncmp(reply->sqlstate, "22", 2) == 0;

	if (reply->sqlstate[0] != '\0')
		log_line(level, "%s: %s %s", st->name, reply->sqlstate,
			quotes ? "" : reply_message(reply));
	else
		log_line(level, "%s: %s", st->name, reasons[reply->kind]);
}

void
run_log_busy(const struct run *run, const struct reply *reply)
{
	static _Atomic int64_t last_logged;

	if (clock_once_a_second(&last_logged))
		log_failure(LOG_WARN, run->st, reply);
}

bool
lock_was_missed(enum err e, const struct reply *reply)
{
	return e == ERR_BUSY && reply->kind == REPLY_ERROR && strcmp(reply->sqlstate, "55P03") == 0;
}

enum err
run_statement(
	struct runner *runner, const struct run *run, struct pool_slot **kept, struct reply *reply)
{
	struct history history = { .lost = run->lost };
	enum attempt attempt;

	do {
		reply_clear(reply);
		attempt = run_once(runner, run, kept, reply);
	} while (prepare_retry(runner, run, attempt, &history) && clock_ms() < run->deadline);

	if (attempt == ATTEMPT_DONE && reply->kind == REPLY_DONE)
		return ERR_NONE;
	if (attempt == ATTEMPT_DONE && strcmp(reply->sqlstate, SQLSTATE_REFUSAL) == 0)
		return err_by_code(reply_message(reply));
	if (attempt != ATTEMPT_DONE || err_by_sqlstate(reply->sqlstate) == ERR_BUSY) {
		if (attempt != ATTEMPT_NO_SERVER && /* pool_connect() has logged that */
			attempt != ATTEMPT_DENIED)
			run_log_busy(run, reply);
		return ERR_BUSY;
	}
	log_failure(LOG_FAULT, run->st, reply);
	return ERR_FAULT;
}

void
run_send(struct pool_slot *slot, const struct statement *st, const char *const *values)
{
	conn_send(pool_conn(slot), st, values);
}
