/*
 * Where the primary's log ends, as a thread asks it every 250 ms. From this a server that shows how
 * far it has replayed that log knows how old its data are: by this process's clock alone, whether
 * or not the primary is idle.
 */
#ifndef SHOETOPIA_DB_POSITION_H
#define SHOETOPIA_DB_POSITION_H

#include <stdbool.h>
#include <stdint.h>

#include "db/statement.h"

struct position;

enum { POSITION_AGE_MS = 1000 }; /* data are fresh for so long */

/* `st` is the statement wal_position. Never NULL. Starts the thread, which has one connection. */
struct position *position_new(const struct statement *st);

/* Ends the thread. */
void position_free(struct position *position);

/*
 * Up to which moment of clock_ms() the data of a server are fresh that has replayed the log up to
 * `replayed`: until then it misses nothing that was committed more than POSITION_AGE_MS ago. 0 if
 * that is not known.
 */
int64_t position_fresh_until(struct position *position, uint64_t replayed);

/* Whether no primary answered when it was asked last. */
bool position_is_lost(struct position *position);

/* Whether it is lost, or does not answer a question of now until `deadline`. */
bool position_ask(struct position *position, int64_t deadline);

#endif
