#include "sandbox/store.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

struct store {
	pthread_mutex_t lock;
	sqlite3 *db;
	sqlite3_stmt *statements[SQL_COUNT];
};

/* FULL: a commit is on disk when it returns. EXCLUSIVE: one process, and no shared memory file. */
static const char settings[] = "pragma locking_mode = exclusive;"
			       "pragma journal_mode = wal;"
			       "pragma synchronous = full;";

_Noreturn static void
store_fail(const struct store *store, const char *what)
{
	log_line(LOG_FAULT, "%s: %s", what, sqlite3_errmsg(store->db));
	_Exit(EXIT_FAILURE);
}

static bool
store_prepare(struct store *store)
{
	for (enum sql sql = SQL_SCHEMA + 1; sql < SQL_COUNT; sql++)
		if (sqlite3_prepare_v3(store->db, sql_texts[sql], -1, SQLITE_PREPARE_PERSISTENT,
			    &store->statements[sql], NULL) != SQLITE_OK)
			return false;
	return true;
}

struct store *
store_open(const char *path)
{
	struct store *store = g_new0(struct store, 1);

	pthread_mutex_init(&store->lock, NULL);
	if (sqlite3_open_v2(path, &store->db,
		    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
		    NULL) == SQLITE_OK &&
		sqlite3_exec(store->db, settings, NULL, NULL, NULL) == SQLITE_OK &&
		sqlite3_exec(store->db, sql_texts[SQL_SCHEMA], NULL, NULL, NULL) == SQLITE_OK &&
		store_prepare(store))
		return store;
	log_line(LOG_FAULT, "cannot use the state file %s: %s", path, sqlite3_errmsg(store->db));
	store_close(store);
	return NULL;
}

void
store_close(struct store *store)
{
	if (store == NULL)
		return;
	for (enum sql sql = 0; sql < SQL_COUNT; sql++)
		sqlite3_finalize(store->statements[sql]);
	sqlite3_close(store->db);
	pthread_mutex_destroy(&store->lock);
	g_free(store);
}

void
store_begin(struct store *store)
{
	pthread_mutex_lock(&store->lock);
	store_run(store, SQL_BEGIN, STORE_NO_ARGS);
}

void
store_commit(struct store *store)
{
	store_run(store, SQL_COMMIT, STORE_NO_ARGS);
	pthread_mutex_unlock(&store->lock);
}

static void
store_bind(struct store *store, sqlite3_stmt *statement, int i, const struct store_value *value)
{
	int done;

	if (!value->is_text)
		done = sqlite3_bind_int64(statement, i, value->number);
	else if (value->text == NULL)
		done = sqlite3_bind_null(statement, i);
	else
		done = sqlite3_bind_text(statement, i, value->text, -1, SQLITE_STATIC);
	if (done != SQLITE_OK)
		store_fail(store, "an argument");
}

static GStrv
row_copy(sqlite3_stmt *statement)
{
	int n = sqlite3_column_count(statement);
	GStrv row = g_new0(char *, (size_t)n + 1);

	for (int i = 0; i < n; i++) {
		const char *text = (const char *)sqlite3_column_text(statement, i);

		row[i] = g_strdup(text != NULL ? text : "");
	}
	return row;
}

static void
row_free(void *row)
{
	g_strfreev(row);
}

GPtrArray *
store_rows(struct store *store, enum sql sql, size_t n_values, const struct store_value *values)
{
	sqlite3_stmt *statement = store->statements[sql];
	GPtrArray *rows = g_ptr_array_new_with_free_func(row_free);
	int done;

	for (size_t i = 0; i < n_values; i++)
		store_bind(store, statement, (int)i + 1, &values[i]);
	while ((done = sqlite3_step(statement)) == SQLITE_ROW)
		g_ptr_array_add(rows, row_copy(statement));
	if (done != SQLITE_DONE)
		store_fail(store, sql_texts[sql]);
	sqlite3_reset(statement);
	sqlite3_clear_bindings(statement);
	return rows;
}

void
store_run(struct store *store, enum sql sql, size_t n_values, const struct store_value *values)
{
	g_ptr_array_unref(store_rows(store, sql, n_values, values));
}

GStrv
store_row(struct store *store, enum sql sql, size_t n_values, const struct store_value *values)
{
	g_autoptr(GPtrArray) rows = store_rows(store, sql, n_values, values);

	return rows->len > 0 ? g_ptr_array_steal_index(rows, 0) : NULL;
}

char *
store_text(struct store *store, enum sql sql, size_t n_values, const struct store_value *values)
{
	g_auto(GStrv) row = store_row(store, sql, n_values, values);

	return row != NULL ? g_strdup(row[0]) : NULL;
}
