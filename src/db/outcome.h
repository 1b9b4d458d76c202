/* From the server's reply to the outcome of a call: an error code, and a result. */
#ifndef SHOETOPIA_DB_OUTCOME_H
#define SHOETOPIA_DB_OUTCOME_H

#include "base/err.h"
#include "db/conn.h"
#include "db/result.h"
#include "db/statement.h"

/* Functions of the schema raise a refusal as `raise sqlstate 'ST000' using message = CODE`. */
#define SQLSTATE_REFUSAL "ST000"

/*
 * The outcome of an unbatched statement that succeeded. A number of rows that the statement's mark
 * (:one, :opt, :none) does not allow is ERR_FAULT, and logged.
 */
enum err reply_outcome(
	const struct statement *st, const struct reply *reply, struct db_result *out);

/* The outcome in one row: reads column "code", fills `out`. An unknown code is ERR_FAULT. */
enum err row_outcome(
	const struct statement *st, const struct reply *reply, int row, struct db_result *out);

/* Returns `e`. If the statement raised a refusal, `out->extra` gets its detail and hint. */
enum err error_outcome(enum err e, const struct reply *reply, struct db_result *out);

#endif
