#include "db/batch.h"

#include <string.h>

#include "base/log.h"
#include "base/text.h"

char *
batch_text(struct batch batch)
{
	GString *calls = g_string_sized_new(batch.n * CALL_SIZE);

	for (size_t i = 0; i < batch.n; i++) {
		g_string_append_c(calls, i == 0 ? '[' : ',');
		text_add_bytes(calls, batch.list[i]->call->str, batch.list[i]->call->len);
	}
	g_string_append_c(calls, ']');
	return g_string_free(calls, FALSE);
}

static bool
row_is(const struct reply *reply, int row, size_t n)
{
	const char *ordinal = reply_get(reply, row, "n");

	return ordinal != NULL && g_ascii_strtoull(ordinal, NULL, 10) == n;
}

/* The row with the answer to call `n`, counted from 1; -1 if there is none, or more than one. */
static int
find_row(const struct reply *reply, size_t n)
{
	int found = -1;

	for (int row = 0; row < reply_row_count(reply); row++) {
		if (!row_is(reply, row, n))
			continue;
		if (found >= 0)
			return -1;
		found = row;
	}
	return found;
}

void
batch_answer(const struct statement *st, const struct reply *reply, struct batch batch)
{
	bool in_order = (size_t)reply_row_count(reply) == batch.n;

	for (size_t i = 0; i < batch.n; i++)
		in_order = in_order && row_is(reply, (int)i, i + 1);
	for (size_t i = 0; i < batch.n; i++) {
		int row = in_order ? (int)i : find_row(reply, i + 1);

		if (row >= 0) {
			batch.list[i]->err = row_outcome(st, reply, row, batch.list[i]->out);
			continue;
		}
		log_line(LOG_FAULT, "%s: does not answer each call once", st->name);
		batch.list[i]->err = ERR_FAULT;
	}
}

/* Whether the server undid the batch for something in it, so that a part of it may fare better. */
static bool
is_divisible(enum err e, const struct reply *reply)
{
	return reply->kind == REPLY_ERROR &&
		(e != ERR_BUSY || strncmp(reply->sqlstate, "40", 2) == 0 ||
			strcmp(reply->sqlstate, "55P03") == 0 ||
			strcmp(reply->sqlstate, "57014") == 0);
}

/* Moves the passengers that may travel once more to the front; answers how many. Keys make a second time safe. */
static size_t
keyed_first(struct batch batch)
{
	size_t n = 0;

	for (size_t i = 0; i < batch.n; i++) {
		struct passenger *p = batch.list[i];

		if (!p->keyed)
			continue;
		memmove(&batch.list[n + 1], &batch.list[n], (i - n) * sizeof p);
		batch.list[n++] = p;
	}
	return n;
}

enum err
batch_run(struct db *db, const struct statement *st, struct batch batch, const char *calls,
	bool lost, struct place **place, struct reply *reply)
{
	const char *values[] = { calls };
	int64_t deadline = 0;
	bool keyed = true;

	for (size_t i = 0; i < batch.n; i++) {
		deadline = MAX(deadline, batch.list[i]->deadline);
		keyed = keyed && batch.list[i]->keyed;
	}
	return statement_run(db, st, values, st->reads || keyed, lost, deadline, place, reply);
}

/* How a batch came back. */
enum fate {
	CARRIED, /* each call has the answer of its own row */
	REFUSED, /* each has an outcome, mostly the error of them all */
	UNDONE,  /* none has one: the culprit is among several */
};

static void carry_all(struct db *db, const struct statement *st, struct batch batch, bool lost);

/* Gives a batch that failed as a whole its outcomes, if it is not undone. */
static enum fate
refuse(struct db *db, const struct statement *st, struct batch batch, enum err e,
	const struct reply *reply)
{
	size_t n_keyed;

	if (batch.n > 1 && is_divisible(e, reply))
		return UNDONE;
	n_keyed = reply->kind == REPLY_LOST ? keyed_first(batch) : 0;
	if (n_keyed == batch.n)
		n_keyed = 0; /* they went again already, until their deadline */
	for (size_t i = n_keyed; i < batch.n; i++)
		batch.list[i]->err =
			n_keyed > 0 ? ERR_BUSY : error_outcome(e, reply, batch.list[i]->out);
	if (n_keyed > 0)
		carry_all(db, st, (struct batch){ batch.list, n_keyed }, true);
	return REFUSED;
}

/* Carries a batch to the database as a whole. */
static enum fate
carry(struct db *db, const struct statement *st, struct batch batch, bool lost)
{
	g_autofree char *calls = batch_text(batch);
	struct reply reply = { 0 };
	enum err e = batch_run(db, st, batch, calls, lost, NULL, &reply);
	enum fate fate = CARRIED;

	if (e == ERR_NONE)
		batch_answer(st, &reply, batch);
	else
		fate = refuse(db, st, batch, e, &reply);
	reply_clear(&reply);
	return fate;
}

/*
 * Looks for the culprit of a batch that is undone, by halves, and carries those before it on the way; it meets its error alone. Answers how many
 * calls are settled then. Those behind the culprit were not tried by themselves, and may well go through.
 */
static size_t
settle_culprit(struct db *db, const struct statement *st, struct batch batch)
{
	size_t settled = 0;
	size_t end = batch.n; /* it is before this */

	while (settled < end) {
		size_t n = (end - settled + 1) / 2;

		switch (carry(db, st, (struct batch){ batch.list + settled, n }, false)) {
		case CARRIED:
			settled += n;
			break;
		case REFUSED:
			return settled + n;
		case UNDONE:
			end = settled + n;
			break;
		}
	}
	return settled;
}

static void
carry_all(struct db *db, const struct statement *st, struct batch batch, bool lost)
{
	while (batch.n > 0 && carry(db, st, batch, lost) == UNDONE) {
		size_t settled = settle_culprit(db, st, batch);

		batch = (struct batch){ batch.list + settled, batch.n - settled };
		lost = false; /* the server has answered since */
	}
}

size_t
batch_failed(struct db *db, const struct statement *st, struct batch batch, enum err e,
	const struct reply *reply)
{
	return refuse(db, st, batch, e, reply) == UNDONE ? settle_culprit(db, st, batch) : batch.n;
}
