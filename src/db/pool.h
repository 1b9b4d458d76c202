/*
 * A pool with a fixed number of slots for connections. Threads acquire slots in order of arrival.
 *
 * A slot is held for one call, or by a batch worker from batch to batch while no thread waits for a
 * slot. The holder opens and checks the slot's connection: the lock is never held during I/O.
 */
#ifndef SHOETOPIA_DB_POOL_H
#define SHOETOPIA_DB_POOL_H

#include <stdbool.h>
#include <stdint.h>

#include "db/conn.h"

struct pool;
struct pool_slot; /* holds one connection, open or closed */

struct pool_stats {
	unsigned long reconnects; /* connections opened in slots that had one before */
	int open;
	int in_use;
	int waiting; /* threads that wait for a slot */
};

/* What is known of a slot's connection; all 0 when it is opened. In milliseconds of clock_ms(). */
struct pool_note {
	int64_t checked;
	int64_t fresh_until;
};

/* Never NULL. Opens no connection. `lock_ms`: as of conn_open(). */
struct pool *pool_new(int n_slots, int lock_ms);

/* The same with connections of conn_open_at(). `at` must live as long as the pool. */
struct pool *pool_new_at(int n_slots, const struct conn_address *at);

/* Closes all connections. Waits up to 5 s for connections that are being cancelled. */
void pool_free(struct pool *pool);

/* Acquires a slot, preferably with an open connection; NULL when the deadline passed first. */
struct pool_slot *pool_acquire(struct pool *pool, int64_t deadline);

/*
 * Makes sure that the slot has a live connection that does for `use`: replaces one that the server
 * closed while it was idle. False if none could be opened, which is logged.
 */
bool pool_connect(struct pool_slot *slot, enum conn_use use, int64_t deadline);

/* The slot's connection, for its holder; NULL before pool_connect() succeeded. */
struct conn *pool_conn(const struct pool_slot *slot);

/* The note of the slot's connection, for its holder to read and write. */
struct pool_note *pool_note(struct pool_slot *slot);

/* Whether no connection could be opened when that was last tried. */
bool pool_failed(const struct pool *pool);

/* Whether a thread waits for a slot: then none should be kept for a next batch. */
bool pool_has_waiters(struct pool *pool);

/* Releases the slot to the first waiting thread. Closes a connection that is not clean. */
void pool_release(struct pool_slot *slot);

/*
 * Releases a slot whose statement timed out: a background thread cancels the statement and releases
 * the slot when the server has ended it, or closes the connection. Returns at once.
 */
void pool_cancel(struct pool_slot *slot);

void pool_stats(struct pool *pool, struct pool_stats *out);

#endif
