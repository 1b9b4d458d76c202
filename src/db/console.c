#include "db/console.h"

#include <glib.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/log.h"
#include "db/clock.h"
#include "db/hosts.h"

enum {
	CONNECT_MS = 10 * 1000,
	COMMAND_MS = 60 * 60 * 1000,
};

static void __attribute__((format(printf, 2, 0)))
print(enum log_level level, const char *format, va_list args)
{
	const char *prefix = log_prefix(level);

	fputs(*prefix != '\0' ? prefix : "shoetopia: ", stderr);
	fputs(level == LOG_WARN ? "warning: " : "", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
}

void
console_print(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print(LOG_FAULT, format, args);
	va_end(args);
}

void
console_warn(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print(LOG_WARN, format, args);
	va_end(args);
}

int64_t
console_deadline(void)
{
	return clock_ms() + COMMAND_MS;
}

struct conn *
console_connect(bool writes)
{
	g_autofree char *why = NULL;
	struct conn *conn =
		hosts_open(clock_ms() + CONNECT_MS, writes ? CONN_WRITES : CONN_ANY, 0, &why);

	if (conn == NULL) {
		console_print("cannot connect: %s", why);
		console_print("PGHOST, PGPORT, PGUSER and PGDATABASE say where the server is; "
			      "a superuser creates the database and its roles once: "
			      "psql -d postgres -f schema/roles.sql");
	}
	return conn;
}

void
console_print_error(const char *what, const struct reply *reply)
{
	switch (reply->kind) {
	case REPLY_ERROR:
	case REPLY_WRONG_SERVER:
		console_print("%s: %s (%s)", what, reply_message(reply), reply->sqlstate);
		if (reply_error_part(reply, REPLY_DETAIL) != NULL)
			console_print("%s: %s", what, reply_error_part(reply, REPLY_DETAIL));
		if (reply_error_part(reply, REPLY_HINT) != NULL)
			console_print("%s: %s", what, reply_error_part(reply, REPLY_HINT));
		break;
	case REPLY_UNSENT:
	case REPLY_LOST:
		console_print("%s: the connection was lost: %s", what, reply_message(reply));
		break;
	case REPLY_NOT_REPLICATED:
		console_print("%s: done, but the server gave up waiting for its standby", what);
		break;
	case REPLY_TIMED_OUT:
		console_print("%s: the server did not answer in time", what);
		break;
	case REPLY_DONE:
		break;
	}
}

bool
console_query(struct conn *conn, const struct statement *st, const char *const *values,
	struct reply *reply)
{
	conn_call(conn, st, values, console_deadline(), reply);
	if (reply->kind != REPLY_DONE)
		console_print_error(st->name, reply);
	return reply->kind == REPLY_DONE;
}

bool
console_execute(struct conn *conn, const struct statement *st, const char *const *values)
{
	struct reply reply = { 0 };
	bool done = console_query(conn, st, values, &reply);

	reply_clear(&reply);
	return done;
}
