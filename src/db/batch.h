/*
 * Calls that are on board of one batch: how they are written down, brought to the database, and answered. Who travels with whom is together.c's
 * business.
 */
#ifndef SHOETOPIA_DB_BATCH_H
#define SHOETOPIA_DB_BATCH_H

#include <glib.h>
#include <semaphore.h>
#include <stdatomic.h>

#include "db/call.h"

enum {
	CALL_SIZE = 500
}; /* of one as JSON, mostly; with its end it fits into the 512 that GString asks for */

/* Some passengers in order of arrival. */
struct batch {
	struct passenger **list;
	size_t n;
};

/* A call in the lane. Gone once it was told. */
struct passenger {
	GString *call; /* as it stands in :calls */
	bool keyed;
	int64_t deadline;
	struct db_result *out;
	enum err err;
	bool aboard; /* a batch; under the lane's lock */
	void (*done)(void *arg,
		enum err
			e); /* of one that nobody waits for; NULL: it is on the stack of a thread that does */
	void *arg;
	sem_t turn; /* where that thread waits: posted once it is told */
	atomic_bool told;
	struct passenger *next;
};

/* All calls of a batch, for :calls; g_free it. */
char *batch_text(struct batch batch);

/*
 * Brings a batch to the database, or waits for it where it was sent already (see statement_run() for `place`). `lost`: once it was lost before.
 * ERR_NONE: the rows are in `reply`.
 */
enum err batch_run(struct db *db, const struct statement *st, struct batch batch, const char *calls,
	bool lost, struct place **place, struct reply *reply);

/* Gives each passenger the answer of its own row. A function that does not answer each call once is at fault, for these calls. */
void batch_answer(const struct statement *st, const struct reply *reply, struct batch batch);

/*
 * What becomes of a batch that failed as a whole: it is halved until the culprit is alone, so that only it sees its error. When the connection was
 * lost nobody knows the outcome: calls with a key go again, the others are told to look for themselves. Answers how many are settled, from the first
 * one on; the others were undone with the batch, and may travel again.
 */
size_t batch_failed(struct db *db, const struct statement *st, struct batch batch, enum err e,
	const struct reply *reply);

#endif
