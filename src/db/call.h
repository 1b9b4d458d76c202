/*
 * Runs one statement until it has an outcome: acquires a connection, keeps the deadline, repeats
 * what can be repeated.
 */
#ifndef SHOETOPIA_DB_CALL_H
#define SHOETOPIA_DB_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "db/param.h"
#include "db/pool.h"
#include "db/result.h"

/*
 * Pools, and the counters of the calls made with them. Thread-safe.
 *
 * Reads have a pool of their own, so that they never wait for writes, which hold their connections
 * for seconds where a row is locked.
 */
struct runner;

struct runner_stats {
	unsigned long calls;   /* with an outcome other than ERR_BUSY */
	unsigned long retries; /* of 40001 and 40P01 */
	unsigned long busy;    /* with the outcome ERR_BUSY */
	unsigned long faults;  /* with the outcome ERR_FAULT */
	struct pool_stats pool;
};

/* One pool for all statements. Never NULL. Opens no connection. */
struct runner *runner_new(int connections);

/*
 * The same with `connections` divided: three eighths for reads, the rest for writes: 3 and 5 of 8.
 * Of the latter two are for batches alone; one shop, or one session, holds all but one of the rest
 * at most. A single one is for all.
 */
struct runner *runner_new_divided(int connections);

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

/* How to run a statement. */
struct run {
	const struct statement *st;
	const char *const *values; /* its parameters in order, NULL for SQL NULL */
	int64_t deadline;
	bool repeatable; /* a run whose outcome is unknown may be repeated */
	bool lost;       /* an earlier run's outcome is unknown: wait for the server to return */
	void (*late)(void *arg); /* NULL, or called when there is no reply after 500 ms */
	void *late_arg;
};

/*
 * Runs a statement. ERR_NONE: its rows are in `reply`. Else `reply` has the server's error, if it
 * sent one; faults and lack of resources are logged. Retries 40001 and 40P01 up to 4 times.
 *
 * `kept`: NULL, or a slot for consecutive runs. On entry, the slot where run_send() sent this
 * statement, or NULL. On return, the slot of this run, which the caller must release or use again;
 * NULL if the run failed or another thread waits for a slot.
 */
enum err run_statement(
	struct runner *runner, const struct run *run, struct pool_slot **kept, struct reply *reply);

/* Sends a statement on the slot of a run of the same statement; run_statement() gets the reply. */
void run_send(struct pool_slot *slot, const struct statement *st, const char *const *values);

/* Runs one call of an unbatched statement, as one transaction. */
enum err call_run(struct runner *runner, const struct statement *st, const struct db_param *params,
	size_t n_params, int64_t deadline, struct db_result *out);

#endif
