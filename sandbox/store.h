/*
 * The state of the sandbox, in one SQLite file: what was committed is on disk before it is
 * answered.
 *
 * There is one connection and one lock. Every statement runs between store_begin() and
 * store_commit(), which hold the lock, so a transaction sees no other. The file belongs to one
 * process at a time. If SQLite fails the program ends: it must not answer what it did not keep.
 */
#ifndef SHOETOPIA_SANDBOX_STORE_H
#define SHOETOPIA_SANDBOX_STORE_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sandbox/sql.h"

struct store;

/* One argument of a statement. TEXT(NULL) is null. */
struct store_value {
	bool is_text;
	const char *text;
	int64_t number;
};
#define TEXT(x)                                                                                    \
	{                                                                                          \
		true, (x), 0                                                                       \
	}
#define NUMBER(x)                                                                                  \
	{                                                                                          \
		false, NULL, (x)                                                                   \
	}

/* The arguments of a statement: store_run(store, SQL_X, STORE_ARGS(TEXT(id), NUMBER(1))). */
#define STORE_ARGS(...)                                                                            \
	sizeof((const struct store_value[]){ __VA_ARGS__ }) / sizeof(struct store_value),          \
		(const struct store_value[])                                                       \
	{                                                                                          \
		__VA_ARGS__                                                                        \
	}
#define STORE_NO_ARGS 0, NULL

/*
 * Opens or makes the file. NULL if it cannot be used or another process has it; says so in the log.
 */
struct store *store_open(const char *path);

/* Writes all into the one file. NULL is fine. */
void store_close(struct store *store);

void store_begin(struct store *store);
void store_commit(struct store *store);

/* The rows of a statement, each a GStrv with its columns as text ("" for null). Unref the array. */
GPtrArray *store_rows(
	struct store *store, enum sql sql, size_t n_values, const struct store_value *values);

/* Runs a statement for its effect. */
void store_run(
	struct store *store, enum sql sql, size_t n_values, const struct store_value *values);

/* The first column of the first row; NULL if there is no row. Free it with g_free(). */
char *store_text(
	struct store *store, enum sql sql, size_t n_values, const struct store_value *values);

/* The columns of the first row; NULL if there is no row. Free it with g_strfreev(). */
GStrv store_row(
	struct store *store, enum sql sql, size_t n_values, const struct store_value *values);

#endif
