#include "db/readers.h"

#include <glib.h>
#include <string.h>

#include "base/log.h"
#include "db/clock.h"
#include "db/outcome.h"
#include "db/unbatched.h"

enum {
	CHECK_MS = 500,       /* a connection shows so often what its server has replayed */
	CHECK_WAIT_MS = 1000, /* for that answer, or one of the primary */
	TRIAL_MS = 1000,      /* for the answer of one that failed before */
	ATTEMPT_MS = 2000,    /* for a standby's answer, before the next one is asked */
	PRIMARY_MS = 3000,    /* for the primary's, before a standby of any age is asked */
	REST_FIRST_MS = 1000, /* a standby that fails is not asked for so long; it doubles */
	REST_DOUBLED_MAX = 4, /* so often */
};

struct reader {
	struct conn_address at;
	char *name; /* for the log */
	struct runner *runner;
	struct readers *all;
	_Atomic int64_t rests_until_ms;
	atomic_int failures; /* in a row */
	atomic_bool behind;  /* when it was last checked */
};

struct readers {
	char *string;
	char **hosts;
	char **ports;
	struct reader *list;
	unsigned n;
	atomic_uint turn;
	struct position *position;
	const struct statement *wal_position;
};

/* ---- the list ---- */

/* Why the string cannot be split into its hosts (g_free); NULL: it can. */
static char *
fault_of(const struct readers *readers, const char *string)
{
	unsigned n_ports = g_strv_length(readers->ports);
	g_autofree char *why = NULL;
	g_autofree char *address = conn_option(string, "hostaddr", &why);

	if (address != NULL)
		return g_strdup("it has hostaddr; give the addresses as host");
	if (n_ports > 1 && n_ports != readers->n)
		return g_strdup_printf("%u hosts, but %u ports", readers->n, n_ports);
	return NULL;
}

/* An option that may be a list, split at its commas; {NULL} if there is none. */
static char **
split_option(const char *string, const char *name, char **why)
{
	g_autofree char *value = conn_option(string, name, why);

	return g_strsplit(value == NULL ? "" : value, ",", -1);
}

static void
reader_set(struct reader *reader, struct readers *all, unsigned i, int connections)
{
	unsigned n_ports = g_strv_length(all->ports);
	const char *host = all->hosts[0] == NULL ? NULL : all->hosts[i];
	const char *port = n_ports == 0 ? NULL : all->ports[n_ports == 1 ? 0 : i];

	reader->all = all;
	reader->at = (struct conn_address){ .string = all->string, .host = host, .port = port };
	reader->name = g_strdup_printf("%s%s%s", host == NULL ? "of the environment" : host,
		port == NULL ? "" : " port ", port == NULL ? "" : port);
	reader->runner = runner_new_at(connections, &reader->at);
}

struct readers *
readers_new(const char *string, int connections, struct position *position,
	const struct statement *wal_position, char **why)
{
	struct readers *readers = g_new0(struct readers, 1);

	*why = NULL;
	readers->string = g_strdup(string);
	readers->hosts = split_option(string, "host", why);
	readers->ports = *why == NULL ? split_option(string, "port", why) : g_new0(char *, 1);
	readers->position = position;
	readers->wal_position = wal_position;
	readers->n = MAX(g_strv_length(readers->hosts), 1);
	readers->list = g_new0(struct reader, readers->n);
	if (*why == NULL)
		*why = fault_of(readers, string);
	if (*why != NULL) {
		readers_free(readers);
		return NULL;
	}
	for (unsigned i = 0; i < readers->n; i++)
		reader_set(&readers->list[i], readers, i, connections);
	return readers;
}

void
readers_free(struct readers *readers)
{
	if (readers == NULL)
		return;
	for (unsigned i = 0; i < readers->n; i++) {
		if (readers->list[i].runner != NULL)
			runner_free(readers->list[i].runner);
		g_free(readers->list[i].name);
	}
	g_free(readers->list);
	g_strfreev(readers->hosts);
	g_strfreev(readers->ports);
	g_free(readers->string);
	g_free(readers);
}

/* ---- age ---- */

/* Asks the connection's server how far it has replayed the log. */
static int64_t
read_fresh_until(struct readers *readers, struct conn *conn, int64_t deadline)
{
	struct reply reply = { 0 };
	const char *replayed;
	int64_t until = 0;

	conn_call(conn, readers->wal_position, NULL, MIN(deadline, clock_ms() + CHECK_WAIT_MS),
		&reply);
	replayed = reply.kind == REPLY_DONE ? reply_get(&reply, 0, "position") : NULL;
	if (replayed != NULL)
		until = position_fresh_until(
			readers->position, g_ascii_strtoull(replayed, NULL, 10));
	reply_clear(&reply);
	return until;
}

/* Whether the data behind this connection are fresh; if not, its server rests. */
static bool
check_age(struct reader *reader, struct pool_slot *slot, int64_t deadline)
{
	struct pool_note *note = pool_note(slot);
	bool behind;

	if (note->checked == 0 || clock_ms() - note->checked >= CHECK_MS) {
		note->fresh_until = read_fresh_until(reader->all, pool_conn(slot), deadline);
		note->checked = clock_ms();
	}
	behind = clock_ms() >= note->fresh_until;
	if (behind)
		atomic_store(&reader->rests_until_ms, clock_ms() + CHECK_MS);
	if (atomic_exchange(&reader->behind, behind) != behind)
		log_line(LOG_WARN, "reader %s is %s", reader->name,
			behind ? "more than a second behind: not used" : "used again");
	return !behind;
}

/* ---- calls ---- */

static bool
has(const struct db_param *params, size_t n_params, const char *name)
{
	const struct db_param *param = param_find(params, n_params, name);

	return param != NULL && param->text != NULL;
}

static void
rest(struct reader *reader)
{
	int failures = atomic_fetch_add(&reader->failures, 1);

	atomic_store(&reader->rests_until_ms,
		clock_ms() + ((int64_t)REST_FIRST_MS << MIN(failures, REST_DOUBLED_MAX)));
}

/* Whether it has rested. One that failed is then tried by one call, while others pass it by. */
static bool
take_rested(struct reader *reader)
{
	int64_t until = atomic_load(&reader->rests_until_ms);
	int64_t now = clock_ms();

	if (now < until || atomic_load(&reader->failures) == 0)
		return now >= until;
	return atomic_compare_exchange_strong(&reader->rests_until_ms, &until, now + TRIAL_MS);
}

/* One question to one standby. */
struct attempt {
	struct reader *reader;
	bool fresh; /* only if its data are */
	bool connected;
	bool behind;
};

static bool
admits(void *arg, struct pool_slot *slot, int64_t deadline)
{
	struct attempt *attempt = arg;

	attempt->connected = true;
	attempt->behind = attempt->fresh && !check_age(attempt->reader, slot, deadline);
	return !attempt->behind;
}

/*
 * Runs a read on one standby. False if it did not answer, and another server has to. One whose
 * connections are all in use does not rest for that.
 */
static bool
ask(struct reader *reader, const struct run *read, bool fresh, struct db_result *out,
	enum err *outcome)
{
	struct attempt attempt = { .reader = reader, .fresh = fresh };
	struct run run = *read;
	struct reply reply = { 0 };
	enum err e;
	bool answered;

	run.deadline = MIN(read->deadline,
		clock_ms() + (atomic_load(&reader->failures) == 0 ? ATTEMPT_MS : TRIAL_MS));
	run.admits = admits;
	run.admits_arg = &attempt;
	e = run_statement(reader->runner, &run, NULL, &reply);
	answered = e != ERR_BUSY && e != ERR_FAULT;
	if (answered) {
		if (atomic_exchange(&reader->failures, 0) > 0)
			atomic_store(&reader->rests_until_ms, 0);
		runner_count(reader->runner, e);
		*outcome = e == ERR_NONE ? reply_outcome(run.st, &reply, out)
					 : error_outcome(e, &reply, out);
	} else if (!attempt.behind &&
		(attempt.connected || pool_failed(reader->runner->pools[0]))) {
		rest(reader);
	}
	reply_clear(&reply);
	return answered;
}

/* Asks the standbys in turn, at last those that rest: they failed, or are behind. */
static bool
ask_all(struct readers *readers, const struct run *read, bool fresh, struct db_result *out,
	enum err *outcome)
{
	g_autofree bool *asked = g_new0(bool, readers->n);
	unsigned turn = atomic_fetch_add(&readers->turn, 1);

	for (unsigned i = 0; i < (fresh ? 1 : 2) * readers->n; i++) {
		unsigned at = (turn + i) % readers->n;

		/* not those that rest now: a rest may have ended since the first time around */
		if (asked[at] || (i < readers->n && !take_rested(&readers->list[at])))
			continue;
		asked[at] = true;
		if (ask(&readers->list[at], read, fresh, out, outcome))
			return true;
	}
	return false;
}

/*
 * A read that the primary answers, or any standby if no primary does. The primary may hang: it gets
 * a part of the time, and the rest only if it answers others meanwhile.
 */
static enum err
ask_primary(struct readers *readers, struct runner *primary, const struct run *run,
	const struct db_param *params, size_t n_params, struct db_result *out)
{
	int64_t now = clock_ms();
	int64_t until = now + MIN((run->deadline - now) / 2, PRIMARY_MS);
	enum err e = unbatched_call(primary, run->st, params, n_params, until, out);

	if (e != ERR_BUSY)
		return e;
	now = clock_ms();
	if (position_ask(readers->position, now + MIN((run->deadline - now) / 2, CHECK_WAIT_MS)))
		ask_all(readers, run, false, out, &e);
	else if (clock_ms() >= until)
		e = unbatched_call(primary, run->st, params, n_params, run->deadline, out);
	return e;
}

enum err
readers_call(struct readers *readers, struct runner *primary, const struct statement *st,
	const struct db_param *params, size_t n_params, int64_t deadline, struct db_result *out)
{
	g_autofree const char **values = g_new0(const char *, st->n_params + 1);
	struct run run = { .st = st, .values = values, .deadline = deadline, .repeatable = true };
	bool of_session = has(params, n_params, "session"); /* it reads its own writes */
	bool at_primary =
		of_session || (st->primary_if != NULL && has(params, n_params, st->primary_if));
	bool movable =
		!of_session || !st->takes_session || g_strcmp0(st->primary_if, "session") == 0;
	bool lost = position_is_lost(readers->position);
	enum err e;

	param_texts(params, n_params, st->params, st->n_params, values);
	if (lost ? movable && ask_all(readers, &run, false, out, &e)
		 : !at_primary && ask_all(readers, &run, true, out, &e))
		return e;
	if (lost || !movable)
		return unbatched_call(primary, st, params, n_params, deadline, out);
	return ask_primary(readers, primary, &run, params, n_params, out);
}

void
readers_stats(struct readers *readers, struct runner_stats *out)
{
	*out = (struct runner_stats){ 0 };
	for (unsigned i = 0; i < readers->n; i++) {
		struct runner_stats stats;

		runner_stats(readers->list[i].runner, &stats);
		out->calls += stats.calls;
		out->pool.open += stats.pool.open;
		out->pool.in_use += stats.pool.in_use;
		out->pool.waiting += stats.pool.waiting;
		out->pool.reconnects += stats.pool.reconnects;
	}
}
