/*
 * What runs statements: pools of connections, with limits for the writes that are not batched, and
 * the counters of the calls made with them. Thread-safe.
 *
 * Reads have a pool of their own, so that they never wait for writes, which hold their connections
 * while a row is locked.
 */
#ifndef SHOETOPIA_DB_RUNNER_H
#define SHOETOPIA_DB_RUNNER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "db/pool.h"
#include "db/share.h"
#include "db/statement.h"

/* Which connections a run uses; several may be the same pool. */
enum pool_kind {
	POOL_READS,
	POOL_WRITES,  /* a lock is waited for 100 ms, unless the statement says how long */
	POOL_PATIENT, /* for unbatched writes that could not get a lock soon */
	POOL_KINDS,
};

/* Its members are for runner.c, call.c and unbatched.c. */
struct runner {
	struct pool *pools[POOL_KINDS];
	struct share *share;      /* of POOL_WRITES, without batches; NULL: no limits */
	struct share *patient;    /* of POOL_PATIENT; NULL likewise */
	enum conn_use reads_from; /* CONN_ANY, if nothing else is set before the first call */
	int late_max;
	atomic_int late;
	/* when unbatched runs of a statement last missed a lock; 0: never */
	_Atomic int64_t missed_ms[SQL_COUNT];
	atomic_ulong calls;
	atomic_ulong retries;
	atomic_ulong busy;
	atomic_ulong faults;
};

struct runner_stats {
	unsigned long calls;   /* with an outcome other than ERR_BUSY */
	unsigned long retries; /* of 40001 and 40P01 */
	unsigned long busy;    /* with the outcome ERR_BUSY */
	unsigned long faults;  /* with the outcome ERR_FAULT */
	struct pool_stats pool;
	int waiting; /* for a place among the unbatched writes */
};

/* One pool for all statements. Never NULL. Opens no connection. */
struct runner *runner_new(int connections);

/*
 * The same with `connections` divided: three eighths for reads, the rest for writes: 3 and 7 of
 * 10. Of the latter two are for batches alone, and the rest is a struct share. Three more are for
 * writes that wait for a row. A single one is for all.
 */
struct runner *runner_new_divided(int connections);

/* One pool for reads from the server at an address, which must live as long. */
struct runner *runner_new_at(int connections, const struct conn_address *at);

/* How many connections of runner_new_divided() are for reads. */
int runner_reads_of(int connections);

/* No call may be in progress. */
void runner_free(struct runner *runner);

/* Counts the outcome of a call. */
void runner_count(struct runner *runner, enum err outcome);

/*
 * Asks whether one more run may be late while its caller goes on over another connection; a quarter
 * of the connections may. True: runner_end_late() when that run has its outcome.
 */
bool runner_begin_late(struct runner *runner);
void runner_end_late(struct runner *runner);

void runner_stats(struct runner *runner, struct runner_stats *out);

#endif
