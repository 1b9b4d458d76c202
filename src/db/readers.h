/*
 * The servers that public reads are asked of: hot standbys, each with connections of its own.
 *
 * A public read (struct statement) without a session goes to a standby whose data are at most a
 * second old. If there is none, the primary answers; and while no primary answers, any standby
 * does, whatever its age. Then reads with a session go to a standby too, if the statement takes
 * none, and so do those with the parameter `primary_if`, which may be the session: then the answer
 * is the same for nearly everybody, and a standby knows the session unless it has just begun.
 */
#ifndef SHOETOPIA_DB_READERS_H
#define SHOETOPIA_DB_READERS_H

#include "db/call.h"
#include "db/position.h"

struct readers;

/*
 * `string`: a libpq connection string with one or more hosts; each gets a pool of `connections`.
 * `position`, of the primary, and `wal_position`, the statement, must live as long. NULL if the
 * string is not valid; `why` is then a sentence (g_free). Opens no connection.
 */
struct readers *readers_new(const char *string, int connections, struct position *position,
	const struct statement *wal_position, char **why);

/* No call may be in progress. NULL is allowed. */
void readers_free(struct readers *readers);

/* unbatched_call() of a public read: by a standby, or by the `primary` runner. */
enum err readers_call(struct readers *readers, struct runner *primary, const struct statement *st,
	const struct db_param *params, size_t n_params, int64_t deadline, struct db_result *out);

/* The sum of the pools; `calls` are those that standbys answered. */
void readers_stats(struct readers *readers, struct runner_stats *out);

#endif
