#include "db/conn.h"

#include <glib.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "db/clock.h"
#include "db/socket_wait.h"

struct conn {
	PGconn *pg;
	bool prepared[SQL_COUNT];
	bool sent;           /* libpq took the whole statement that is to be received */
	bool not_replicated; /* the server warned that a commit did not reach its standby */
	enum conn_use use;
	bool wrong_server; /* it refused to write */
};

/*
 * Logs warnings of the server. One of them changes the meaning of success: a commit that gave up
 * waiting for its standby. Its text may be translated, so it is recognised by the server's function
 * that emits it.
 */
static void
receive_notice(void *arg, const PGresult *notice)
{
	static _Atomic int64_t last_logged;
	struct conn *conn = arg;
	const char *severity = PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
	const char *function = PQresultErrorField(notice, PG_DIAG_SOURCE_FUNCTION);
	const char *sqlstate = PQresultErrorField(notice, PG_DIAG_SQLSTATE);
	const char *message = PQresultErrorField(notice, PG_DIAG_MESSAGE_PRIMARY);

	if (severity == NULL || strcmp(severity, "WARNING") != 0)
		return;
	if (function != NULL && strcmp(function, "SyncRepWaitForLSN") == 0)
		conn->not_replicated = true;
	if (clock_once_a_second(&last_logged))
		log_line(LOG_WARN, "the database warns: %s %s", sqlstate ? sqlstate : "?????",
			message ? message : "");
}

/* Completes a connection; false with `late` set when the deadline passed. */
static bool
finish_connecting(PGconn *pg, int64_t deadline, bool *late)
{
	PostgresPollingStatusType next = PGRES_POLLING_WRITING;

	*late = false;
	while (next != PGRES_POLLING_OK) {
		short events = next == PGRES_POLLING_READING ? POLLIN : POLLOUT;

		if (next == PGRES_POLLING_FAILED)
			return false;
		if (!socket_wait(PQsocket(pg), events, deadline)) {
			*late = true;
			return false;
		}
		next = PQconnectPoll(pg);
	}
	return true;
}

/* What to ask of the server: NULL for what libpq's environment says, or anything. */
static const char *
session_attrs(enum conn_use use)
{
	static const char *const attrs[] = {
		[CONN_PRIMARY] = "primary", [CONN_WRITES] = "read-write"
	};

	return getenv("PGTARGETSESSIONATTRS") == NULL ? attrs[use] : NULL;
}

/* Settings of the session: those of PGOPTIONS, and a limit of lock waits. g_free it. */
static char *
session_options(int lock_ms)
{
	const char *set = getenv("PGOPTIONS");

	if (lock_ms == 0)
		return g_strdup(set);
	return g_strdup_printf("%s -c lock_timeout=%d", set == NULL ? "" : set, lock_ms);
}

/*
 * Opens a connection; an option that comes later replaces those before it, NULL is none.
 * tcp_user_timeout: a host that does not answer is given up after a second, so that libpq can try
 * the next one of PGHOST within the deadline.
 */
static struct conn *
open_with(int64_t deadline, const char *attrs, const char *options, const struct conn_address *at,
	char **why)
{
	const char *const names[] = { "client_encoding", "fallback_application_name",
		"tcp_user_timeout", "target_session_attrs", "options", "dbname", "host", "port",
		NULL };
	const char *const values[] = { "UTF8", "shoetopia", "1000", attrs, options, at->string,
		at->host, at->port, NULL };
	PGconn *pg = PQconnectStartParams(names, values, 1);
	struct conn *conn;
	bool late = false;

	if (pg == NULL || PQstatus(pg) == CONNECTION_BAD ||
		!finish_connecting(pg, deadline, &late) || PQsetnonblocking(pg, 1) != 0) {
		*why = late ? g_strdup("no answer in time")
			    : g_strchomp(g_strdup(PQerrorMessage(pg)));
		PQfinish(pg);
		return NULL;
	}
	conn = g_new0(struct conn, 1);
	conn->pg = pg;
	PQsetNoticeReceiver(pg, receive_notice, conn);
	return conn;
}

struct conn *
conn_open(
	int64_t deadline, enum conn_use use, int lock_ms, const struct conn_address *at, char **why)
{
	g_autofree char *options = session_options(lock_ms);
	struct conn *conn = open_with(deadline, session_attrs(use), options, at, why);

	if (conn != NULL)
		conn->use = use;
	return conn;
}

struct conn *
conn_open_at(int64_t deadline, const struct conn_address *at, char **why)
{
	return open_with(deadline, "standby", getenv("PGOPTIONS"), at, why);
}

char *
conn_option(const char *string, const char *name, char **why)
{
	char *error = NULL, *value = NULL;
	PQconninfoOption *options = PQconninfoParse(string, &error);

	for (const PQconninfoOption *o = options; o != NULL && o->keyword != NULL; o++)
		if (strcmp(o->keyword, name) == 0)
			value = g_strdup(o->val);
	if (options == NULL) /* what libpq says quotes a piece, which may be a password */
		*why = g_strdup("write NAME=VALUE pairs, or postgresql://HOST,HOST/");
	PQconninfoFree(options);
	PQfreemem(error);
	return value;
}

void
conn_close(struct conn *conn)
{
	if (conn == NULL)
		return;
	PQfinish(conn->pg);
	g_free(conn);
}

bool
conn_is_alive(struct conn *conn)
{
	struct pollfd p = { .fd = PQsocket(conn->pg), .events = POLLIN };

	return conn_is_clean(conn) && poll(&p, 1, 0) == 0;
}

enum conn_use
conn_use(const struct conn *conn)
{
	return conn->use;
}

/* Whether the server reported that this setting is on: it does with the reply after a change. */
static bool
is_on(const struct conn *conn, const char *setting)
{
	const char *value = PQparameterStatus(conn->pg, setting);

	return value != NULL && strcmp(value, "on") == 0;
}

bool
conn_is_clean(const struct conn *conn)
{
	if (conn->wrong_server || (conn->use != CONN_ANY && is_on(conn, "in_hot_standby")) ||
		(conn->use == CONN_WRITES && is_on(conn, "default_transaction_read_only")))
		return false;
	return PQstatus(conn->pg) == CONNECTION_OK && PQtransactionStatus(conn->pg) == PQTRANS_IDLE;
}

/* What is not a success is an error, or COPY, which our statements must not use. */
static void
keep_result(struct reply *reply, PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);
	const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK ||
		status == PGRES_EMPTY_QUERY) {
		PQclear(reply->rows);
		reply->rows = result;
	} else if (reply->error != NULL) { /* keep the first, it is the cause */
		PQclear(result);
	} else {
		reply->error = result;
		g_strlcpy(reply->sqlstate, sqlstate ? sqlstate : "", sizeof reply->sqlstate);
	}
}

/* Read-only or in recovery (25006), or one that may lose commits (api.must_be_durable()). */
static bool
is_wrong_server(const char *sqlstate)
{
	return strcmp(sqlstate, "25006") == 0 || strcmp(sqlstate, "ST001") == 0;
}

/*
 * Flushes output and reads input until the next result is complete, or the connection broke; false
 * with `late` set when the deadline passed.
 */
static bool
wait_for_result(PGconn *pg, int64_t deadline, bool *late)
{
	while (PQisBusy(pg)) {
		int unsent = PQflush(pg);

		if (unsent < 0)
			return true; /* PQgetResult() reports it */
		if (!socket_wait(PQsocket(pg), unsent > 0 ? POLLIN | POLLOUT : POLLIN, deadline)) {
			*late = true;
			return false;
		}
		if (!PQconsumeInput(pg))
			return true;
	}
	return true;
}

/*
 * Reads all results of one command. It succeeded only if the server became ready for the next one
 * and sent no error after the rows: an error at commit comes after them.
 */
static void
read_reply(struct conn *conn, int64_t deadline, struct reply *reply)
{
	bool late = false;
	PGresult *result;

	for (;;) {
		if (!wait_for_result(conn->pg, deadline, &late)) {
			reply->kind = REPLY_TIMED_OUT;
			return;
		}
		result = PQgetResult(conn->pg);
		if (result == NULL)
			break;
		if (PQresultStatus(result) == PGRES_COPY_IN ||
			PQresultStatus(result) == PGRES_COPY_OUT ||
			PQresultStatus(result) == PGRES_COPY_BOTH) {
			keep_result(reply, result);
			reply->kind = REPLY_LOST; /* not clean, so the pool closes it */
			return;
		}
		keep_result(reply, result);
	}
	if (PQstatus(conn->pg) != CONNECTION_OK || PQtransactionStatus(conn->pg) == PQTRANS_UNKNOWN)
		reply->kind = REPLY_LOST;
	else if (is_wrong_server(reply->sqlstate))
		reply->kind = REPLY_WRONG_SERVER;
	else if (reply->error != NULL)
		reply->kind = REPLY_ERROR;
	else
		reply->kind = conn->not_replicated ? REPLY_NOT_REPLICATED : REPLY_DONE;
	conn->wrong_server = conn->wrong_server || reply->kind == REPLY_WRONG_SERVER;
}

void
conn_prepare(struct conn *conn, const struct statement *st, int64_t deadline, struct reply *reply)
{
	reply_clear(reply);
	if (conn->prepared[st - statements])
		return; /* an empty reply is REPLY_DONE */
	if (PQsendPrepare(conn->pg, st->name, st->text, 0, NULL)) {
		read_reply(conn, deadline, reply);
		/* 42P05: prepared by an attempt that timed out here, but not on the server */
		if (reply->kind == REPLY_ERROR && strcmp(reply->sqlstate, "42P05") == 0)
			reply_clear(reply);
		conn->prepared[st - statements] = reply->kind == REPLY_DONE;
	} else {
		reply->kind = REPLY_UNSENT;
	}
	if (reply->kind == REPLY_LOST || reply->kind == REPLY_NOT_REPLICATED)
		reply->kind = REPLY_UNSENT;
}

void
conn_call(struct conn *conn, const struct statement *st, const char *const *values,
	int64_t deadline, struct reply *reply)
{
	conn_prepare(conn, st, deadline, reply);
	if (reply->kind != REPLY_DONE)
		return;
	conn_send(conn, st, values);
	conn_receive(conn, deadline, reply);
}

void
conn_send(struct conn *conn, const struct statement *st, const char *const *values)
{
	conn->not_replicated = false;
	conn->sent = PQsendQueryPrepared(
			     conn->pg, st->name, (int)st->n_params, values, NULL, NULL, 0) == 1;
}

void
conn_receive(struct conn *conn, int64_t deadline, struct reply *reply)
{
	reply_clear(reply);
	if (conn->sent)
		read_reply(conn, deadline, reply);
	else
		reply->kind = REPLY_LOST; /* a part may have been sent */
}

bool
conn_wait_for_reply(struct conn *conn, int64_t until)
{
	bool late = false;

	return !conn->sent || wait_for_result(conn->pg, until, &late);
}

void
conn_run(struct conn *conn, const char *text, int64_t deadline, struct reply *reply)
{
	reply_clear(reply);
	conn->not_replicated = false;
	if (PQsendQuery(conn->pg, text))
		read_reply(conn, deadline, reply);
	else
		reply->kind = REPLY_LOST;
}

void
conn_forget(struct conn *conn, const struct statement *st, int64_t deadline)
{
	g_autofree char *text = g_strdup_printf("deallocate %s", st->name);
	struct reply reply = { 0 };

	if (conn->prepared[st - statements])
		conn_run(conn, text, deadline, &reply);
	conn->prepared[st - statements] = false;
	reply_clear(&reply);
}

void
conn_cancel(struct conn *conn, int64_t deadline)
{
	char why[256];
	PGcancel *cancel = PQgetCancel(conn->pg);
	struct reply reply = { 0 };

	if (cancel != NULL && PQcancel(cancel, why, sizeof why))
		read_reply(conn, deadline, &reply);
	PQfreeCancel(cancel);
	reply_clear(&reply);
}

int
reply_row_count(const struct reply *reply)
{
	return reply->rows == NULL ? 0 : PQntuples(reply->rows);
}

int
reply_column_count(const struct reply *reply)
{
	return reply->rows == NULL ? 0 : PQnfields(reply->rows);
}

const char *
reply_column_name(const struct reply *reply, int column)
{
	return PQfname(reply->rows, column);
}

const char *
reply_value(const struct reply *reply, int row, int column)
{
	if (row < 0 || row >= reply_row_count(reply) || column < 0 ||
		column >= reply_column_count(reply))
		return NULL;
	return PQgetisnull(reply->rows, row, column) ? NULL : PQgetvalue(reply->rows, row, column);
}

const char *
reply_get(const struct reply *reply, int row, const char *column)
{
	for (int i = 0; i < reply_column_count(reply); i++)
		if (strcmp(reply_column_name(reply, i), column) == 0)
			return reply_value(reply, row, i);
	return NULL;
}

const char *
reply_tag(const struct reply *reply)
{
	return reply->rows == NULL ? "" : PQcmdStatus(reply->rows);
}

const char *
reply_message(const struct reply *reply)
{
	const char *message = PQresultErrorField(reply->error, PG_DIAG_MESSAGE_PRIMARY);

	return message == NULL ? "" : message;
}

const char *
reply_error_part(const struct reply *reply, enum reply_part part)
{
	static const int fields[] = { [REPLY_DETAIL] = PG_DIAG_MESSAGE_DETAIL,
		[REPLY_HINT] = PG_DIAG_MESSAGE_HINT,
		[REPLY_COLUMN] = PG_DIAG_COLUMN_NAME };

	return PQresultErrorField(reply->error, fields[part]);
}

int
reply_position(const struct reply *reply)
{
	const char *at = PQresultErrorField(reply->error, PG_DIAG_STATEMENT_POSITION);

	return at == NULL ? 0 : atoi(at);
}

void
reply_clear(struct reply *reply)
{
	PQclear(reply->rows);
	PQclear(reply->error);
	*reply = (struct reply){ 0 };
}
