#include "db/db.h"

#include <glib.h>

#include "db/batcher.h"
#include "db/call.h"
#include "db/clock.h"
#include "db/statement.h"
#include "db/stuck.h"

struct db {
	struct runner *runner;
	struct stuck *stuck;
	struct batcher *batchers[SQL_COUNT]; /* NULL for unbatched statements */
	int deadline_ms;
};

struct db *
db_open(int connections, int deadline_ms)
{
	struct db *db = g_new0(struct db, 1);

	db->runner = runner_new(connections);
	db->stuck = stuck_new(&statements[SQL_still_locked]);
	db->deadline_ms = deadline_ms;
	for (size_t id = 0; id < SQL_COUNT; id++)
		if (statements[id].batched)
			db->batchers[id] = batcher_new(db->runner, &statements[id], db->stuck);
	return db;
}

void
db_close(struct db *db)
{
	if (db == NULL)
		return;
	stuck_close(db->stuck);
	for (size_t id = 0; id < SQL_COUNT; id++)
		if (db->batchers[id] != NULL)
			batcher_free(db->batchers[id]);
	stuck_free(db->stuck);
	runner_free(db->runner);
	g_free(db);
}

enum err
db_call(struct db *db, enum sql_id id, const struct db_param *params, size_t n_params,
	struct db_result *out)
{
	int64_t deadline = clock_ms() + db->deadline_ms;
	enum err e;

	g_assert(id > SQL_NONE && id < SQL_COUNT);
	if (db->batchers[id] != NULL)
		e = batcher_call(db->batchers[id], params, n_params, deadline, out);
	else
		e = call_run(db->runner, &statements[id], params, n_params, deadline, out);
	runner_count(db->runner, e);
	return e;
}

bool
db_is_batched(enum sql_id id)
{
	return statements[id].batched;
}

enum err
db_submit(struct db *db, enum sql_id id, const struct db_param *params, size_t n_params,
	struct db_result *out, void (*done)(void *arg, enum err e), void *arg)
{
	int64_t deadline = clock_ms() + db->deadline_ms;
	enum err e;

	g_assert(db_is_batched(id));
	e = batcher_submit(db->batchers[id], params, n_params, deadline, out, done, arg);
	if (e != ERR_PENDING)
		runner_count(db->runner, e);
	return e;
}

void
db_stats(struct db *db, struct db_stats *out)
{
	struct runner_stats stats;
	unsigned waiting = stuck_waiting(db->stuck);

	for (size_t id = 0; id < SQL_COUNT; id++)
		if (db->batchers[id] != NULL)
			waiting += batcher_waiting(db->batchers[id]);
	runner_stats(db->runner, &stats);
	*out = (struct db_stats){
		.calls = stats.calls,
		.retries = stats.retries,
		.reconnects = stats.pool.reconnects,
		.busy = stats.busy,
		.faults = stats.faults,
		.connections_open = stats.pool.open,
		.connections_in_use = stats.pool.in_use,
		.waiting = stats.pool.waiting + (int)waiting,
	};
}
