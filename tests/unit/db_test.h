/* What the tests of src/db share: a server of their own, a fixture schema, and direct SQL. */
#ifndef SHOETOPIA_TEST_DB_TEST_H
#define SHOETOPIA_TEST_DB_TEST_H

#include "db/db.h"
#include "unit.h"

/*
 * Runs this program again with a PostgreSQL server of its own, unless it has one. Call it first in
 * main().
 */
void test_need_server(char **argv);

/* Controls the server: see with_postgres. Fails the test if that fails. */
void test_server(const char *what);

/* Creates the schema of db_queries/test.sql; drops an existing one. */
void test_make_schema(void);

/* Runs SQL on a new connection; returns the first value as text (g_free), NULL without one. */
char *test_sql(const char *text);

/* test_sql() for a number; -1 for NULL. */
long test_number(const char *text);

/* Waits until test_number(text) is `expected`; fails after 10 s. */
void test_wait_for(const char *text, long expected);

/* db_call() with names and texts in turn, ended by NULL. Clears `out` first. */
enum err test_call(struct db *db, struct db_result *out, enum sql_id id, ...)
	__attribute__((sentinel));

/* Redirects standard error; test_log() ends that and returns what was written (g_free). */
void test_catch_log(void);
char *test_log(void);

#endif
