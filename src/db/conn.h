/*
 * One connection to PostgreSQL, used by one thread at a time. conn.c is the only file that knows libpq.
 *
 * Nothing here waits longer than its deadline (a point of clock_ms()), but for conn_cancel(), and for looking up a host's name: give libpq
 * sockets or addresses. What went wrong is told in the reply, never logged; warnings of the server are logged.
 */
#ifndef SHOETOPIA_DB_CONN_H
#define SHOETOPIA_DB_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "db/statement.h"

struct conn;
struct pg_result; /* libpq's PGresult */

enum reply_kind {
	REPLY_DONE,  /* it is done and committed (outside a transaction block) */
	REPLY_ERROR, /* the server refused it, and undid all of it */
	REPLY_UNSENT, /* the connection was lost before the statement itself was sent: nothing happened */
	REPLY_LOST,           /* the connection was lost: nobody knows */
	REPLY_NOT_REPLICATED, /* the server committed it, but gave up waiting for its standby */
	REPLY_TIMED_OUT, /* the deadline passed: it may still be under way, see conn_cancel() */
};

/* Zero it before the first use; clear it after each. */
struct reply {
	enum reply_kind kind;
	struct pg_result *rows;  /* of the last statement that succeeded; NULL if there was none */
	struct pg_result *error; /* what the server said, if it did */
	char sqlstate[6];        /* of the error; "" if the server said nothing */
};

/* Connects. NULL when that failed; `why` is then set to a sentence for the log (g_free). */
struct conn *conn_open(int64_t deadline, char **why);

/* Closes it, whatever state it is in. NULL is fine. */
void conn_close(struct conn *conn);

/*
 * Whether an idle connection can be used. An idle server has nothing to say, so anything to read (a farewell, or the end) means that
 * it is gone; told without a round trip.
 */
bool conn_is_alive(struct conn *conn);

/* Whether the connection waits for a new statement, outside a transaction block: it may go back to the pool. */
bool conn_is_clean(const struct conn *conn);

/* Prepares `st` if this connection has not yet, and runs it; `values` are its parameters in order, NULL for SQL NULL. */
void conn_call(struct conn *conn, const struct statement *st, const char *const *values,
	int64_t deadline, struct reply *reply);

/*
 * conn_call() in two halves, for a statement that this connection has run before: whoever sends it need not be the one who waits. Everything sent
 * must be received once.
 */
void conn_send(struct conn *conn, const struct statement *st, const char *const *values);
void conn_receive(struct conn *conn, int64_t deadline, struct reply *reply);

/* Prepares it if that was not done, without running it. */
void conn_prepare(
	struct conn *conn, const struct statement *st, int64_t deadline, struct reply *reply);

/* Forgets that `st` was prepared here: the schema changed under it. */
void conn_forget(struct conn *conn, const struct statement *st, int64_t deadline);

/* Runs a text of one or more statements without parameters. */
void conn_run(struct conn *conn, const char *text, int64_t deadline, struct reply *reply);

/*
 * After REPLY_TIMED_OUT: asks the server to stop, then reads what is left until `deadline`. May block for as long as the server's postmaster
 * does not react, so never call it where somebody waits. See conn_is_clean() for what came of it.
 */
void conn_cancel(struct conn *conn, int64_t deadline);

int reply_row_count(const struct reply *reply);
int reply_column_count(const struct reply *reply);
const char *reply_column_name(const struct reply *reply, int column);

/* The value as text, NULL for SQL NULL or when there is no such row or column. Lives as long as the reply. */
const char *reply_value(const struct reply *reply, int row, int column);
const char *reply_get(const struct reply *reply, int row, const char *column);

/* The command tag of the last statement that succeeded ("COMMIT", "INSERT 0 1"); never NULL. */
const char *reply_tag(const struct reply *reply);

/* Parts of the error; "" for the message and NULL for the others where the server gave none. */
const char *reply_message(const struct reply *reply);
const char *reply_detail(const struct reply *reply);
const char *reply_hint(const struct reply *reply);

/* Where in the statement's text the error is, in characters from 1; 0 where the server does not tell. */
int reply_position(const struct reply *reply);

void reply_clear(struct reply *reply);

#endif
