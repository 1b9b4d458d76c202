/*
 * What the tests of the database room share: the server of their own, a schema to play with, and a second way in.
 */
#ifndef SHOETOPIA_TEST_DB_TEST_H
#define SHOETOPIA_TEST_DB_TEST_H

#include "db/db.h"
#include "unit.h"

/* Runs this program again beside a PostgreSQL of its own, unless it runs there already. First thing in main(). */
void test_need_server(char **argv);

/* Tells the server what to do: see with_postgres. Fails the test when that does not work. */
void test_server(const char *what);

/* Makes the schema behind db_queries/test.sql anew. */
void test_make_schema(void);

/* Runs SQL on a connection of its own, outside of what is tested; gives the first value as text (g_free), NULL if there is none. */
char *test_sql(const char *text);

/* As test_sql(), for a value that is a number. */
long test_number(const char *text);

/* Waits until test_number(text) is `wanted`; fails after ten seconds. */
void test_wait_for(const char *text, long wanted);

/* Calls a statement: names and texts in turn, ended by NULL. */
enum err test_call(struct db *db, struct db_result *out, enum sql_id id, ...)
	__attribute__((sentinel));

/* Catches standard error; test_log() gives what was written meanwhile (g_free), and lets it go on to where it went. */
void test_catch_log(void);
char *test_log(void);

#endif
