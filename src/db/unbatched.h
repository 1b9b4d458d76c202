/*
 * Calls of statements that are not batched: reads, and writes that run alone.
 *
 * Such a write takes a place in the runner's share, and waits for a lock for a short time only. If
 * it gets none, its transaction was rolled back, and it comes to the patient ones: few, over
 * connections of their own, in turns until the deadline. So writes that need a row which another
 * transaction holds do not keep others from their connections.
 */
#ifndef SHOETOPIA_DB_UNBATCHED_H
#define SHOETOPIA_DB_UNBATCHED_H

#include "db/call.h"

/* Runs one call, as one transaction, and fills `out`; see db_call(). */
enum err unbatched_call(struct runner *runner, const struct statement *st,
	const struct db_param *params, size_t n_params, int64_t deadline, struct db_result *out);

#endif
