#include "db/runner.h"

#include <glib.h>

enum {
	BATCHES_KEPT = 2,      /* connections for writing that other writes never hold */
	PATIENT_MAX = 3,       /* connections for writes that wait for a row */
	LOCK_MS = 100,         /* a write waits so long for a lock before it becomes one of them */
	PATIENT_LOCK_MS = 500, /* and so long each time its turn comes */
	LATE_SHARE = 4,        /* one in so many connections may wait for a late reply */
};

static struct runner *
runner_of_pool(struct pool *pool, int connections)
{
	struct runner *runner = g_new0(struct runner, 1);

	for (int kind = 0; kind < POOL_KINDS; kind++)
		runner->pools[kind] = pool;
	runner->late_max = connections / LATE_SHARE;
	return runner;
}

struct runner *
runner_new(int connections)
{
	return runner_of_pool(pool_new(connections, 0), connections);
}

struct runner *
runner_new_at(int connections, const struct conn_address *at)
{
	return runner_of_pool(pool_new_at(connections, at), connections);
}

int
runner_reads_of(int connections)
{
	return MAX(connections * 3 / 8, 1);
}

struct runner *
runner_new_divided(int connections)
{
	struct runner *runner;
	int reads = runner_reads_of(connections);

	if (connections == 1)
		return runner_new(connections);
	runner = g_new0(struct runner, 1);
	runner->pools[POOL_READS] = pool_new(reads, 0);
	runner->pools[POOL_WRITES] = pool_new(connections - reads, LOCK_MS);
	runner->pools[POOL_PATIENT] = pool_new(PATIENT_MAX, PATIENT_LOCK_MS);
	runner->share = share_new(MAX(connections - reads - BATCHES_KEPT, 1));
	runner->patient = share_new(PATIENT_MAX);
	runner->late_max = connections / LATE_SHARE;
	return runner;
}

/* Whether the pool of this kind is that of an earlier kind, too. */
static bool
is_shared(const struct runner *runner, int kind)
{
	for (int other = 0; other < kind; other++)
		if (runner->pools[other] == runner->pools[kind])
			return true;
	return false;
}

void
runner_free(struct runner *runner)
{
	for (int kind = POOL_KINDS; kind-- > 0;)
		if (!is_shared(runner, kind))
			pool_free(runner->pools[kind]);
	share_free(runner->share);
	share_free(runner->patient);
	g_free(runner);
}

void
runner_count(struct runner *runner, enum err outcome)
{
	atomic_fetch_add(outcome == ERR_BUSY ? &runner->busy : &runner->calls, 1);
	if (outcome == ERR_FAULT)
		atomic_fetch_add(&runner->faults, 1);
}

bool
runner_begin_late(struct runner *runner)
{
	if (atomic_fetch_add(&runner->late, 1) < runner->late_max)
		return true;
	runner_end_late(runner);
	return false;
}

void
runner_end_late(struct runner *runner)
{
	atomic_fetch_sub(&runner->late, 1);
}

void
runner_stats(struct runner *runner, struct runner_stats *out)
{
	*out = (struct runner_stats){
		.calls = atomic_load(&runner->calls),
		.retries = atomic_load(&runner->retries),
		.busy = atomic_load(&runner->busy),
		.faults = atomic_load(&runner->faults),
	};
	for (int kind = 0; kind < POOL_KINDS; kind++) {
		struct pool_stats stats;

		if (is_shared(runner, kind))
			continue;
		pool_stats(runner->pools[kind], &stats);
		out->pool.reconnects += stats.reconnects;
		out->pool.open += stats.open;
		out->pool.in_use += stats.in_use;
		out->pool.waiting += stats.waiting;
	}
	if (runner->share != NULL)
		out->waiting = share_waiting(runner->share) + share_waiting(runner->patient);
}
