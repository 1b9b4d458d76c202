/*
 * What an operator's commands share: a connection of their own, and messages on standard error.
 */
#ifndef SHOETOPIA_DB_CONSOLE_H
#define SHOETOPIA_DB_CONSOLE_H

#include "db/conn.h"

/*
 * Connects as libpq's environment says, with `writes` to a server that takes writes; NULL after
 * printing why it failed.
 */
struct conn *console_connect(bool writes);

/*
 * Runs one statement; false after printing why it failed. The caller clears `reply`, which has the
 * rows.
 */
bool console_query(struct conn *conn, const struct statement *st, const char *const *values,
	struct reply *reply);

/* console_query() without the rows. */
bool console_execute(struct conn *conn, const struct statement *st, const char *const *values);

/* Prints the error of a reply, with detail and hint. `what` failed. */
void console_print_error(const char *what, const struct reply *reply);

/* Prints why a command fails, or what it should not go on with, as a line on standard error. */
void console_print(const char *format, ...) __attribute__((format(printf, 1, 2)));
void console_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The deadline of a command that starts now: an hour, since a migration of big tables is slow. */
int64_t console_deadline(void);

#endif
