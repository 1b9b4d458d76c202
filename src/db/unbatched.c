#include "db/unbatched.h"

#include <glib.h>
#include <string.h>

#include "db/clock.h"
#include "db/outcome.h"

enum {
	WAITING_MAX = 64, /* writes that wait for a row, of 256 threads */
	SHORT_PATIENCE_MS = 1000,
};

/* ---- what a call is ---- */

static bool
takes(const struct statement *st, const char *name)
{
	for (size_t i = 0; i < st->n_params; i++)
		if (strcmp(st->params[i], name) == 0)
			return true;
	return false;
}

/* Whether it is a write of a session, but for the session's end: it happens once for each key. */
static bool
is_of_session(const struct statement *st)
{
	return takes(st, "key");
}

/*
 * How long a write waits for a row. What begins a session, or changes a password or e-mail, holds
 * one of the few threads that hash.
 */
static int64_t
patience(const struct statement *st, int64_t deadline)
{
	bool is_short = !is_of_session(st) || takes(st, "password_hash");

	return is_short ? MIN(deadline, clock_ms() + SHORT_PATIENCE_MS) : deadline;
}

/* Whether a call may be repeated when its outcome is unknown: it reads, or passes a key. */
static bool
is_repeatable(const struct statement *st, const struct db_param *params, size_t n_params)
{
	return st->reads || (params_have_key(params, n_params) && takes(st, "key"));
}

/* By whom a write is limited: the shop, else the session; NULL: signing in, or no person at all. */
static const char *
owner_of(const struct db_param *params, size_t n_params)
{
	const struct db_param *owner = param_find(params, n_params, "shop_id");

	if (owner == NULL)
		owner = param_find(params, n_params, "session");
	return owner == NULL ? NULL : owner->text;
}

/* ---- writes ---- */

/* Runs a write on a place of the share; ERR_BUSY if there was none until then. */
static enum err
run_on_place(struct runner *runner, struct share *share, const struct claim *claim, int64_t until,
	const struct run *run, struct reply *reply)
{
	enum err e = ERR_BUSY;

	reply_clear(reply);
	if (share_take(share, claim, until)) {
		e = run_statement(runner, run, NULL, reply);
		share_release(share, claim);
	} else {
		run_log_busy(run, reply);
	}
	return e;
}

/* Whether so many writes wait for a row that no other may: each holds a thread. */
static bool
is_crowded(struct runner *runner)
{
	return share_waiting(runner->patient) >= WAITING_MAX;
}

/*
 * Runs a write. One that is likely to need a row that is stuck is refused while too many others
 * wait for a row: it would hold a thread only to be refused later.
 */
static enum err
run_write(struct runner *runner, struct run *run, const char *owner, struct reply *reply)
{
	_Atomic int64_t *missed_ms = &runner->missed_ms[run->st - statements];
	struct claim claim = {
		.of_session = is_of_session(run->st), .owner = owner, .missed_ms = missed_ms
	};
	int64_t until = patience(run->st, run->deadline);
	enum err e = ERR_BUSY;

	if (claim_is_suspect(&claim) && is_crowded(runner)) {
		run_log_busy(run, reply);
		return e;
	}
	e = run_on_place(runner, runner->share, &claim, run->deadline, run, reply);
	if (!lock_was_missed(e, reply))
		return e;
	atomic_store(missed_ms, clock_ms());
	if (is_crowded(runner))
		return e;
	run->patient = true;
	claim.missed_ms = NULL;
	while (lock_was_missed(e, reply) && clock_ms() < until)
		e = run_on_place(runner, runner->patient, &claim, until, run, reply);
	return e;
}

enum err
unbatched_call(struct runner *runner, const struct statement *st, const struct db_param *params,
	size_t n_params, int64_t deadline, struct db_result *out)
{
	g_autofree const char **values = g_new0(const char *, st->n_params + 1);
	struct run run = { .st = st,
		.values = values,
		.deadline = deadline,
		.repeatable = is_repeatable(st, params, n_params) };
	struct reply reply = { 0 };
	enum err e;

	param_texts(params, n_params, st->params, st->n_params, values);
	if (st->reads || runner->share == NULL)
		e = run_statement(runner, &run, NULL, &reply);
	else
		e = run_write(runner, &run, owner_of(params, n_params), &reply);
	e = e == ERR_NONE ? reply_outcome(st, &reply, out) : error_outcome(e, &reply, out);
	reply_clear(&reply);
	return e;
}
