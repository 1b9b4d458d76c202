#include "db/batch.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "db/outcome.h"

/* Bytes of most calls as JSON. With its NUL it fits into the 512 that GString allocates. */
enum { CALL_SIZE = 500 };

/* Done by the thread that makes the call: all calls of the statement wait for the batch worker. */
void
batch_call_encode(struct pending_call *call, const struct db_param *params, size_t n_params)
{
	GString *text = g_string_sized_new(CALL_SIZE);

	for (size_t i = 0; i < n_params; i++) {
		const struct db_param *param = &params[i];

		if (param->json == NULL && param->text == NULL)
			continue;
		text_add(text, text->len == 0 ? "{\"" : ",\"");
		text_add(text, param->name); /* an identifier: needs no escapes */
		text_add(text, "\":");
		if (param->json != NULL)
			text_add(text, param->json);
		else
			json_append_quoted(text, param->text);
	}
	text_add(text, text->len == 0 ? "{}" : "}");
	call->text = text;
	call->has_key = params_have_key(params, n_params);
	g_strlcpy(call->request, log_request(), sizeof call->request);
}

char *
batch_encode(struct batch batch)
{
	GString *calls = g_string_sized_new(batch.n * CALL_SIZE);

	for (size_t i = 0; i < batch.n; i++) {
		g_string_append_c(calls, i == 0 ? '[' : ',');
		text_add_bytes(calls, batch.list[i]->text->str, batch.list[i]->text->len);
	}
	g_string_append_c(calls, ']');
	return g_string_free(calls, FALSE);
}

/* ---- decoding ---- */

static bool
row_has_ordinal(const struct reply *reply, int row, size_t n)
{
	const char *ordinal = reply_get(reply, row, "n");

	return ordinal != NULL && g_ascii_strtoull(ordinal, NULL, 10) == n;
}

/* The row of call `n`, counted from 1; -1 if there is none, or more than one. */
static int
find_row(const struct reply *reply, size_t n)
{
	int found = -1;

	for (int row = 0; row < reply_row_count(reply); row++) {
		if (!row_has_ordinal(reply, row, n))
			continue;
		if (found >= 0)
			return -1;
		found = row;
	}
	return found;
}

/* Rows mostly come in order, one for each call: then none has to be searched for. */
static bool
rows_are_in_order(const struct reply *reply, size_t n)
{
	if ((size_t)reply_row_count(reply) != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!row_has_ordinal(reply, (int)i, i + 1))
			return false;
	return true;
}

static bool
row_is_locked(const struct reply *reply, int row)
{
	const char *code = reply_get(reply, row, "code");

	return code != NULL && strcmp(code, "locked") == 0;
}

bool
batch_found_stuck(const struct batch *batch, const struct reply *reply)
{
	if (batch->lock == LOCK_LIMITED && batch->stuck == NULL)
		return false;
	for (int row = 0; row < reply_row_count(reply); row++)
		if (row_is_locked(reply, row))
			return true;
	return false;
}

static void
decode_row(
	const struct statement *st, const struct reply *reply, int row, struct pending_call *call)
{
	if (!row_is_locked(reply, row))
		call->err = row_outcome(st, reply, row, call->out);
	else
		call->stuck = g_strdup(reply_get(reply, row, "answer"));
}

void
batch_decode(const struct statement *st, const struct reply *reply, struct batch batch)
{
	bool in_order = rows_are_in_order(reply, batch.n);

	for (size_t i = 0; i < batch.n; i++) {
		struct pending_call *call = batch.list[i];
		int row = in_order ? (int)i : find_row(reply, i + 1);

		log_set_request(call->request);
		if (row >= 0) {
			decode_row(st, reply, row, call);
			continue;
		}
		log_line(LOG_FAULT, "%s: does not return one row for each call", st->name);
		call->err = ERR_FAULT;
	}
}

/* ---- running ---- */

void
batch_values(const struct batch *batch, const char *text, const char *values[BATCH_PARAMS])
{
	static const char *const lock_ms[] = {
		[LOCK_LIMITED] = "150", [LOCK_SKIPPED] = "0", [LOCK_PATIENT] = "4000"
	};

	values[0] = text;
	values[1] = lock_ms[batch->lock];
	values[2] = batch->stuck;
}

/* Runs a batch once. `lost`: an earlier run's outcome is unknown. */
static enum err
run_once(struct runner *runner, const struct statement *st, struct batch batch, const char *text,
	bool lost, struct pool_slot **kept, struct reply *reply)
{
	const char *values[BATCH_PARAMS];
	struct run run = { .st = st,
		.values = values,
		.repeatable = true,
		.lost = lost,
		.late = batch.late,
		.late_arg = batch.late_arg };

	log_set_request(batch.n == 1 ? batch.list[0]->request : "");
	for (size_t i = 0; i < batch.n; i++) {
		run.deadline = MAX(run.deadline, batch.list[i]->deadline);
		run.repeatable = run.repeatable && (st->reads || batch.list[i]->has_key);
	}
	batch_values(&batch, text, values);
	return run_statement(runner, &run, kept, reply);
}

/* Runs a batch: with limited locks first, then without the calls that need locked rows. */
static enum err
run_past_locks(struct runner *runner, const struct statement *st, struct batch *batch,
	const char *text, bool lost, struct pool_slot **kept, struct reply *reply)
{
	enum err e = run_once(runner, st, *batch, text, lost, kept, reply);

	while (st->n_params == BATCH_PARAMS && batch->lock != LOCK_PATIENT &&
		lock_was_missed(e, reply)) {
		batch->lock++;
		e = run_once(runner, st, *batch, text, false, kept, reply);
	}
	return e;
}

enum err
batch_run(struct runner *runner, const struct statement *st, struct batch *batch, const char *text,
	struct pool_slot **kept, struct reply *reply)
{
	return run_past_locks(runner, st, batch, text, false, kept, reply);
}

/* ---- failures ---- */

enum batch_result {
	ALL_DECODED, /* each call has the outcome of its row */
	ALL_FAILED,  /* each call has an outcome, mostly the error of the batch */
	ROLLED_BACK, /* no call has an outcome: one of several caused the error */
	CALL_NAMED,  /* the same, and it is probably the first: the error named it */
};

static void run_all(
	struct runner *runner, const struct statement *st, struct batch batch, bool lost);

/* `n` calls of a batch. */
static struct batch
batch_part(struct batch batch, size_t from, size_t n)
{
	batch.list += from;
	batch.n = n;
	return batch;
}

/* Whether the server rolled back for a reason that may lie in one of the calls. */
static bool
can_be_bisected(struct batch batch, enum err e, const struct reply *reply)
{
	if (batch.n == 1 || reply->kind != REPLY_ERROR)
		return false;
	return e != ERR_BUSY || strncmp(reply->sqlstate, "XX", 2) == 0 ||
		strncmp(reply->sqlstate, "40", 2) == 0 || strcmp(reply->sqlstate, "55P03") == 0 ||
		strcmp(reply->sqlstate, "57014") == 0;
}

/* Moves the calls with a key to the front, in order; returns how many. */
static size_t
move_keyed_to_front(struct batch batch)
{
	size_t n = 0;

	for (size_t i = 0; i < batch.n; i++) {
		struct pending_call *call = batch.list[i];

		if (!call->has_key)
			continue;
		memmove(&batch.list[n + 1], &batch.list[n], (i - n) * sizeof call);
		batch.list[n++] = call;
	}
	return n;
}

/* Moves the call that the error names as its column, "call 7", to the front; false if none. */
static bool
move_named_to_front(struct batch batch, const struct reply *reply)
{
	const char *column = reply_error_part(reply, REPLY_COLUMN);
	struct pending_call *call;
	unsigned n;

	if (column == NULL || sscanf(column, "call %u", &n) != 1 || n < 1 || n > batch.n)
		return false;
	call = batch.list[n - 1];
	memmove(&batch.list[1], &batch.list[0], (n - 1) * sizeof call);
	batch.list[0] = call;
	return true;
}

/* The connection was lost: runs calls with a key again, and sets the others to ERR_BUSY. */
static void
rerun_keyed(struct runner *runner, const struct statement *st, struct batch batch, size_t n_keyed)
{
	for (size_t i = n_keyed; i < batch.n; i++)
		batch.list[i]->err = ERR_BUSY;
	run_all(runner, st, batch_part(batch, 0, n_keyed), true);
}

/*
 * Sets the outcomes of a failed batch, unless it can be bisected. A batch in which all calls have
 * keys was repeated by run_statement() until its deadline.
 */
static enum batch_result
fail_all(struct runner *runner, const struct statement *st, struct batch batch, enum err e,
	const struct reply *reply)
{
	size_t n_keyed;

	if (can_be_bisected(batch, e, reply))
		return move_named_to_front(batch, reply) ? CALL_NAMED : ROLLED_BACK;
	n_keyed = reply->kind == REPLY_LOST ? move_keyed_to_front(batch) : 0;
	if (n_keyed > 0 && n_keyed < batch.n) {
		rerun_keyed(runner, st, batch, n_keyed);
		return ALL_FAILED;
	}
	for (size_t i = 0; i < batch.n; i++)
		batch.list[i]->err = error_outcome(e, reply, batch.list[i]->out);
	return ALL_FAILED;
}

static enum batch_result
run_part(struct runner *runner, const struct statement *st, struct batch batch, bool lost)
{
	g_autofree char *text = batch_encode(batch);
	struct reply reply = { 0 };
	enum err e = run_past_locks(runner, st, &batch, text, lost, NULL, &reply);
	enum batch_result result = ALL_DECODED;

	if (e == ERR_NONE)
		batch_decode(st, &reply, batch);
	else
		result = fail_all(runner, st, batch, e, &reply);
	reply_clear(&reply);
	return result;
}

/*
 * Binary search for the first call that makes the batch fail, or first the call that the error
 * named (`result`: of the batch). Runs those before it on the way, and it alone at last. Returns
 * how many calls have an outcome then; those after it were not tried alone and may succeed.
 */
static size_t
bisect(struct runner *runner, const struct statement *st, struct batch batch,
	enum batch_result result)
{
	size_t done = 0;
	size_t end = batch.n; /* the failing call is before this */

	while (done < end) {
		size_t n = result == CALL_NAMED ? 1 : (end - done + 1) / 2;

		result = run_part(runner, st, batch_part(batch, done, n), false);
		switch (result) {
		case ALL_DECODED:
			done += n;
			break;
		case ALL_FAILED:
			return done + n;
		case ROLLED_BACK:
		case CALL_NAMED:
			end = done + n;
			break;
		}
	}
	return done;
}

/* Whether no call of the batch has an outcome, because of one of them. */
static bool
is_rolled_back(enum batch_result result)
{
	return result == ROLLED_BACK || result == CALL_NAMED;
}

/* Runs a batch until each call has an outcome, bisecting as often as it takes. */
static void
run_all(struct runner *runner, const struct statement *st, struct batch batch, bool lost)
{
	while (batch.n > 0) {
		enum batch_result result = run_part(runner, st, batch, lost);
		size_t done = is_rolled_back(result) ? bisect(runner, st, batch, result) : batch.n;

		batch = batch_part(batch, done, batch.n - done);
		lost = false; /* the server has replied since */
	}
}

size_t
batch_recover(struct runner *runner, const struct statement *st, struct batch batch, enum err e,
	const struct reply *reply)
{
	enum batch_result result = fail_all(runner, st, batch, e, reply);

	return is_rolled_back(result) ? bisect(runner, st, batch, result) : batch.n;
}
