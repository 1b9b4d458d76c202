/*
 * A fixed number of places for connections, which threads take in the order in which they came.
 *
 * A place is held only during a call, or from one batch of calls to the next while nobody else waits for one. Its connection is opened by the
 * thread that holds it, and checked when the place was taken; the pool's lock is never held while anything waits for the server.
 */
#ifndef SHOETOPIA_DB_POOL_H
#define SHOETOPIA_DB_POOL_H

#include <stdbool.h>
#include <stdint.h>

#include "db/conn.h"

struct pool;

/* A place; `conn` belongs to whoever holds the place. */
struct place {
	struct conn *conn; /* NULL: not open */
	bool used_before;  /* it had a connection once */
	struct pool *pool;
	struct place *next; /* the pool's */
};

struct pool_stats {
	unsigned long reconnects;
	int open;
	int in_use;
	int waiting; /* threads in the line */
};

/* Never NULL; opens nothing yet. */
struct pool *pool_new(int places);

/* Closes everything. Waits a few seconds for connections that are being rescued, at most. */
void pool_free(struct pool *pool);

/* Takes a place, if need be after waiting; NULL when the deadline passed. Prefers one whose connection is open. */
struct place *pool_take(struct pool *pool, int64_t deadline);

/*
 * Makes sure that the place has a living connection: replaces one that died while it was idle. False when it could not be opened, which
 * is logged.
 */
bool place_connect(struct place *place, int64_t deadline);

/* Whether somebody waits for a place: then it is not for keeping. */
bool pool_is_wanted(struct pool *pool);

/* Gives the place back. A connection that is not clean is closed. */
void pool_give(struct place *place);

/*
 * Gives back a place whose connection is late: a thread of its own cancels what is under way, and frees the place when the
 * server has let go of it, or the connection is closed. Returns at once.
 */
void pool_rescue(struct place *place);

void pool_stats(struct pool *pool, struct pool_stats *out);

#endif
