/*
 * Rows that another transaction holds for long (they are stuck), and the calls that need them.
 *
 * A batch finds such a call and names the row, as KIND:ID. The call then waits here, while batches
 * go on without it. A thread asks the database every 100 ms, over a connection of its own, which of
 * the rows are free, and resumes their calls: they are enqueued again, before all others. A call
 * that reaches its deadline here is completed as expired. Thread-safe.
 */
#ifndef SHOETOPIA_DB_STUCK_H
#define SHOETOPIA_DB_STUCK_H

#include <stdbool.h>

#include "db/batch.h"

struct stuck;

/* `st` is the statement still_locked. Never NULL. The thread starts with the first row. */
struct stuck *stuck_new(const struct statement *st);

/* Completes all calls as expired, ends the thread, and takes no more calls. */
void stuck_close(struct stuck *stuck);

/* After stuck_close(). */
void stuck_free(struct stuck *stuck);

/* The rows known to be stuck, as an array for :stuck; g_free it. NULL: none. */
char *stuck_rows(struct stuck *stuck);

/*
 * Takes a call over until its `resume` is called. Its `stuck` names the row. False if too many
 * wait, for one row or in all: they hold connections of clients that others need.
 */
bool stuck_add(struct stuck *stuck, struct pending_call *call);

/* Calls that wait. */
unsigned stuck_waiting(struct stuck *stuck);

#endif
