#include "db/db.h"

#include <glib.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

#include "db/batcher.h"
#include "db/call.h"
#include "db/clock.h"
#include "db/position.h"
#include "db/readers.h"
#include "db/statement.h"
#include "db/stuck.h"
#include "db/unbatched.h"

/*
 * Queues of a batched statement. Calls for one listing, event or shop are in one queue, so their
 * batches are as large as they can be. Others are mostly in another: a backend that is stopped
 * while it runs a batch holds the rows of one queue only.
 */
enum { QUEUES = 4 };

enum {
	PROBE_CONNECTIONS = 2, /* one to read, one to write */
	PROBE_MS = 1000,
};

struct db {
	struct runner *runner;
	struct runner *probes; /* of db_probe() */
	struct stuck *stuck;
	struct batcher *batchers[SQL_COUNT][QUEUES]; /* NULL for unbatched statements */
	struct position *position;                   /* NULL: there are no readers */
	struct readers *readers;                     /* NULL likewise */
	struct readers *probe_readers;               /* of db_probe(); NULL likewise */
	int connections;
	int deadline_ms;
	atomic_bool refuses_writes;
};

static size_t
queue_count(const struct statement *st)
{
	if (!st->batched)
		return 0;
	return st->queue_by == NULL ? 1 : QUEUES;
}

/* Of a parameter like 12, [12,13] or [{"listing_id":12,"quantity":1}]: its first number. */
static uint64_t
first_number(const struct db_param *param)
{
	const char *text = param->json != NULL ? param->json : param->text;
	const char *member = text == NULL ? NULL : strstr(text, "\"listing_id\"");

	text = member == NULL ? text : member;
	return text == NULL ? 0 : g_ascii_strtoull(text + strcspn(text, "0123456789"), NULL, 10);
}

static struct batcher *
choose_queue(struct db *db, enum sql_id id, const struct db_param *params, size_t n_params)
{
	const char *by = statements[id].queue_by;
	const struct db_param *param = by == NULL ? NULL : param_find(params, n_params, by);

	return db->batchers[id][param == NULL ? 0 : first_number(param) % QUEUES];
}

struct db *
db_open(int connections, int deadline_ms)
{
	struct db *db = g_new0(struct db, 1);

	db->runner = runner_new_divided(connections);
	db->probes = runner_new_divided(PROBE_CONNECTIONS);
	db->stuck = stuck_new(&statements[SQL_still_locked]);
	db->connections = connections;
	db->deadline_ms = deadline_ms;
	for (size_t id = 0; id < SQL_COUNT; id++)
		for (size_t i = 0; i < queue_count(&statements[id]); i++)
			db->batchers[id][i] = batcher_new(db->runner, &statements[id], db->stuck);
	return db;
}

bool
db_set_readers(struct db *db, const char *string, char **why)
{
	const struct statement *st = &statements[SQL_wal_position];
	struct position *position = position_new(st);
	int reads = runner_reads_of(db->connections);

	db->readers = readers_new(string, reads, position, st, why);
	if (db->readers == NULL) {
		position_free(position);
		return false;
	}
	db->probe_readers = readers_new(string, 1, position, st, why);
	db->position = position;
	db->runner->reads_from = CONN_PRIMARY;
	db->probes->reads_from = CONN_PRIMARY;
	return true;
}

void
db_close(struct db *db)
{
	if (db == NULL)
		return;
	stuck_close(db->stuck);
	for (size_t id = 0; id < SQL_COUNT; id++)
		for (size_t i = 0; i < queue_count(&statements[id]); i++)
			batcher_free(db->batchers[id][i]);
	stuck_free(db->stuck);
	readers_free(db->probe_readers);
	readers_free(db->readers);
	position_free(db->position);
	runner_free(db->probes);
	runner_free(db->runner);
	g_free(db);
}

void
db_refuse_writes(struct db *db, bool refuse)
{
	atomic_store(&db->refuses_writes, refuse);
}

static bool
is_refused(struct db *db, enum sql_id id)
{
	g_assert(id > SQL_NONE && id < SQL_COUNT);
	return atomic_load_explicit(&db->refuses_writes, memory_order_relaxed) &&
		!statements[id].reads;
}

static enum err
call_unbatched(struct readers *readers, struct runner *runner, const struct statement *st,
	const struct db_param *params, size_t n_params, int64_t deadline, struct db_result *out)
{
	if (readers != NULL && st->is_public)
		return readers_call(readers, runner, st, params, n_params, deadline, out);
	return unbatched_call(runner, st, params, n_params, deadline, out);
}

enum err
db_call(struct db *db, enum sql_id id, const struct db_param *params, size_t n_params,
	struct db_result *out)
{
	int64_t deadline = clock_ms() + db->deadline_ms;
	enum err e;

	if (is_refused(db, id))
		e = ERR_BUSY;
	else if (statements[id].batched)
		e = batcher_call(
			choose_queue(db, id, params, n_params), params, n_params, deadline, out);
	else
		e = call_unbatched(
			db->readers, db->runner, &statements[id], params, n_params, deadline, out);
	runner_count(db->runner, e);
	return e;
}

enum err
db_probe(struct db *db, enum sql_id id)
{
	struct db_result row = { 0 };
	enum err e;

	g_assert(!statements[id].batched);
	if (is_refused(db, id))
		return ERR_BUSY;
	e = call_unbatched(db->probe_readers, db->probes, &statements[id], NULL, 0,
		clock_ms() + PROBE_MS, &row);
	db_result_clear(&row);
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
	e = is_refused(db, id) ? ERR_BUSY
			       : batcher_submit(choose_queue(db, id, params, n_params), params,
					 n_params, deadline, out, done, arg);
	if (e != ERR_PENDING)
		runner_count(db->runner, e);
	return e;
}

void
db_stats(struct db *db, struct db_stats *out)
{
	struct runner_stats stats, readers = { 0 };
	unsigned waiting = stuck_waiting(db->stuck);

	for (size_t id = 0; id < SQL_COUNT; id++)
		for (size_t i = 0; i < queue_count(&statements[id]); i++)
			waiting += batcher_waiting(db->batchers[id][i]);
	runner_stats(db->runner, &stats);
	if (db->readers != NULL)
		readers_stats(db->readers, &readers);
	*out = (struct db_stats){
		.calls = stats.calls,
		.retries = stats.retries,
		.reconnects = stats.pool.reconnects + readers.pool.reconnects,
		.busy = stats.busy,
		.faults = stats.faults,
		.by_readers = readers.calls,
		.connections_open = stats.pool.open + readers.pool.open,
		.connections_in_use = stats.pool.in_use + readers.pool.in_use,
		.waiting = stats.pool.waiting + stats.waiting + readers.pool.waiting + (int)waiting,
	};
}

void
db_batch_sizes(struct db *db, enum sql_id id, unsigned long out[DB_BATCH_BUCKETS])
{
	memset(out, 0, DB_BATCH_BUCKETS * sizeof *out);
	for (size_t queue = 0; queue < queue_count(&statements[id]); queue++)
		batcher_sizes(db->batchers[id][queue], out);
}
