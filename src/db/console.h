/*
 * What the commands of an operator have in common: a connection of their own, and sentences on standard error when something goes wrong.
 */
#ifndef SHOETOPIA_DB_CONSOLE_H
#define SHOETOPIA_DB_CONSOLE_H

#include "db/conn.h"

/* Connects as libpq's environment says; NULL after it told why not. */
struct conn *console_connect(void);

/* Runs one statement; false after it told why not. Its rows are in `reply`, which the caller clears. */
bool console_ask(struct conn *conn, const struct statement *st, const char *const *values,
	struct reply *reply);

/* As console_ask(), of a statement whose rows do not matter. */
bool console_do(struct conn *conn, const struct statement *st, const char *const *values);

/* Tells what the server said, for somebody who sits at the terminal: with detail and hint. `what` is what was being done. */
void console_tell(const char *what, const struct reply *reply);

/* A sentence on standard error. */
void console_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The point of time until which an operator's command may wait for the server. */
int64_t console_deadline(void);

#endif
