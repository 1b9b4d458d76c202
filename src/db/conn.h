/*
 * One connection to PostgreSQL, used by one thread at a time. conn.c is the only file that includes
 * libpq.
 *
 * No function waits longer than its deadline (a point of clock_ms()), except conn_cancel() and the
 * look-up of host names: give libpq sockets or addresses. Errors are returned in the reply, not
 * logged; warnings of the server are logged.
 */
#ifndef SHOETOPIA_DB_CONN_H
#define SHOETOPIA_DB_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "db/statement.h"

struct conn;
struct pg_result; /* libpq's PGresult */

/* What a connection is for; one of a later kind also does for an earlier one. */
enum conn_use {
	CONN_ANY,     /* any server that answers, a standby too */
	CONN_PRIMARY, /* a server that is not in recovery */
	CONN_WRITES,  /* one that also takes writes */
	CONN_USES,
};

/*
 * Where a server is: a libpq connection string, and one of its hosts, which replaces those of the
 * string. NULL: what the string says, or the environment.
 */
struct conn_address {
	const char *string;
	const char *host;
	const char *port;
};

enum reply_kind {
	REPLY_DONE,           /* succeeded, and committed if outside a transaction block */
	REPLY_ERROR,          /* the server raised an error and rolled back */
	REPLY_WRONG_SERVER,   /* the same, and another server has to be found */
	REPLY_UNSENT,         /* connection lost before the statement was sent: no effect */
	REPLY_LOST,           /* connection lost after sending: outcome unknown */
	REPLY_NOT_REPLICATED, /* committed, but the server gave up waiting for its standby */
	REPLY_TIMED_OUT,      /* deadline passed; the statement may still run: conn_cancel() */
};

/* Zero it before the first use; clear it after each. */
struct reply {
	enum reply_kind kind;
	struct pg_result *rows;  /* of the last statement that succeeded; NULL if none did */
	struct pg_result *error; /* the server's error; NULL if there was none */
	char sqlstate[6];        /* of that error, else "" */
};

/*
 * Connects to where libpq's environment leads, or to the address `at` instead. NULL on failure;
 * `why` is then a sentence for the log (g_free). It fails if the server does not do for `use`
 * (target_session_attrs, if PGTARGETSESSIONATTRS is not set). `lock_ms`: how long its statements
 * wait for a lock, unless they say otherwise; 0: as the role's setting says.
 */
struct conn *conn_open(int64_t deadline, enum conn_use use, int lock_ms,
	const struct conn_address *at, char **why);

/*
 * The same for a server at an address, for CONN_ANY. If the string does not say otherwise, only to
 * a standby.
 */
struct conn *conn_open_at(int64_t deadline, const struct conn_address *at, char **why);

/*
 * The value of an option in a connection string (g_free), NULL if it has none. If the string is not
 * valid, NULL with `why` set to a sentence (g_free).
 */
char *conn_option(const char *string, const char *name, char **why);

/* What it was opened for. */
enum conn_use conn_use(const struct conn *conn);

/* Closes it in any state. NULL is allowed. */
void conn_close(struct conn *conn);

/*
 * Whether an idle connection can be used, without a round trip. An idle server sends nothing, so
 * readable data (a FATAL message, or end of file) means that the server closed it.
 */
bool conn_is_alive(struct conn *conn);

/*
 * Whether the connection may go back to the pool: it is idle outside a transaction block, and has
 * not turned out to lead to the wrong server. That one refused a write (25006, or ST001 of
 * api.must_be_durable()), is in recovery where the connection is for the primary, or read-only
 * where it is for writing.
 */
bool conn_is_clean(const struct conn *conn);

/*
 * Runs `st`; prepares it first if this connection has not yet. `values` are its parameters in
 * order, NULL for SQL NULL.
 */
void conn_call(struct conn *conn, const struct statement *st, const char *const *values,
	int64_t deadline, struct reply *reply);

/*
 * conn_call() in two halves, for a statement that this connection has prepared. Another thread may
 * receive than the one that sent. Each conn_send() needs one conn_receive().
 */
void conn_send(struct conn *conn, const struct statement *st, const char *const *values);
void conn_receive(struct conn *conn, int64_t deadline, struct reply *reply);

/* Waits for the reply without receiving it; false if there was none by then. */
bool conn_wait_for_reply(struct conn *conn, int64_t until);

/* Prepares `st`, if that was not done, without running it. */
void conn_prepare(
	struct conn *conn, const struct statement *st, int64_t deadline, struct reply *reply);

/* Deallocates the prepared `st`: the schema changed since. */
void conn_forget(struct conn *conn, const struct statement *st, int64_t deadline);

/* Runs a text of one or more statements without parameters. */
void conn_run(struct conn *conn, const char *text, int64_t deadline, struct reply *reply);

/*
 * After REPLY_TIMED_OUT: sends a cancel request and reads what is left until `deadline`. Afterwards
 * conn_is_clean() says whether the connection is usable. Blocks while the postmaster does not
 * react: never call it on a request's thread.
 */
void conn_cancel(struct conn *conn, int64_t deadline);

int reply_row_count(const struct reply *reply);
int reply_column_count(const struct reply *reply);
const char *reply_column_name(const struct reply *reply, int column);

/* The value as text; NULL for SQL NULL, or if there is none. Lives as long as the reply. */
const char *reply_value(const struct reply *reply, int row, int column);
const char *reply_get(const struct reply *reply, int row, const char *column);

/* Command tag of the last statement that succeeded ("COMMIT", "INSERT 0 1"); never NULL. */
const char *reply_tag(const struct reply *reply);

/* The message of the error; "" if there was none. */
const char *reply_message(const struct reply *reply);

/* Another part of it; NULL if it has none. */
enum reply_part { REPLY_DETAIL, REPLY_HINT, REPLY_COLUMN };
const char *reply_error_part(const struct reply *reply, enum reply_part part);

/* Position of the error in the statement's text, in characters from 1; 0 if unknown. */
int reply_position(const struct reply *reply);

void reply_clear(struct reply *reply);

#endif
