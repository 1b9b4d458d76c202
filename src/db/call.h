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
#include "db/result.h"
#include "db/runner.h"

/* How to run a statement. */
struct run {
	const struct statement *st;
	const char *const *values; /* its parameters in order, NULL for SQL NULL */
	int64_t deadline;
	bool repeatable; /* a run whose outcome is unknown may be repeated */
	bool patient;    /* over a connection of POOL_PATIENT */
	bool lost;       /* an earlier run's outcome is unknown: wait for the server to return */
	void (*late)(void *arg); /* NULL, or called when there is no reply after 500 ms */
	void *late_arg;
	/*
	 * NULL, or says before the statement is sent whether this connection may run it. If
	 * not, the outcome is ERR_BUSY, and nothing is logged.
	 */
	bool (*admits)(void *arg, struct pool_slot *slot, int64_t deadline);
	void *admits_arg;
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

/* Logs, once a second at most, that a run had the outcome ERR_BUSY: run_statement() does. */
void run_log_busy(const struct run *run, const struct reply *reply);

/* Whether the outcome of a run is that a lock could not be had in time. */
bool lock_was_missed(enum err e, const struct reply *reply);

#endif
