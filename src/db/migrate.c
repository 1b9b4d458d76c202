#include "db/migrate.h"

#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "db/console.h"
#include "db/schema_file.h"

#define LOCK_TIMEOUT "1s"

enum {
	ATTEMPTS_MAX = 20, /* to lock tables in use, about LOCK_TIMEOUT each */
	PAUSE_MS = 200,    /* between attempts: queries queued behind the lock get through */
};

/* A statement that records what was done. */
struct record {
	const struct statement *st;
	const char *const *values;
};

/* Files run in one transaction, with the statements that record them. */
struct step {
	const char *label;
	const struct schema_file *const *files; /* NULL-terminated */
	struct record records[2];               /* unused ones have no statement */
};

static const char *const folders[] = {
	[SCHEMA_FUNCTIONS] = "schema/functions",
	[SCHEMA_MIGRATE] = "schema/migrate",
	[SCHEMA_MIGRATIONS] = "schema/migrations",
};

/* ---- one step ---- */

/* FILE:LINE if the server reported a position, else FILE; g_free it. */
static char *
error_location(const struct schema_file *file, const struct reply *reply)
{
	int at = reply_position(reply);
	const char *end = at > 0 ? g_utf8_offset_to_pointer(file->text, at - 1) : file->text;
	int line = 1;

	for (const char *p = file->text; p < end; p++)
		line += *p == '\n';
	if (at <= 0)
		return g_strdup_printf("%s/%s.sql", folders[file->kind], file->name);
	return g_strdup_printf("%s/%s.sql:%d", folders[file->kind], file->name, line);
}

/* Runs one file inside the transaction. On failure replaces `where` (g_free) by its location. */
static bool
run_file(struct conn *conn, const struct schema_file *file, struct reply *reply, char **where)
{
	conn_run(conn, file->text, console_deadline(), reply);
	if (reply->kind == REPLY_DONE && !conn_is_clean(conn))
		return true;
	g_free(*where);
	*where = error_location(file, reply);
	if (reply->kind == REPLY_DONE)
		console_print("%s: ends the transaction that it is run in", *where);
	return false;
}

/* One attempt at a step. On failure `reply` and `where` (g_free in any case) say why. */
static bool
try_step(struct conn *conn, const struct step *step, struct reply *reply, char **where)
{
	*where = g_strdup(step->label);
	conn_run(conn, "begin", console_deadline(), reply);
	if (reply->kind != REPLY_DONE)
		return false;
	for (size_t i = 0; step->files[i] != NULL; i++)
		if (!run_file(conn, step->files[i], reply, where))
			return false;
	for (size_t i = 0; i < G_N_ELEMENTS(step->records) && step->records[i].st != NULL; i++) {
		conn_call(conn, step->records[i].st, step->records[i].values, console_deadline(),
			reply);
		if (reply->kind != REPLY_DONE)
			return false;
	}
	conn_run(conn, "commit", console_deadline(), reply);
	return reply->kind == REPLY_DONE && strcmp(reply_tag(reply), "COMMIT") == 0;
}

/* Whether another attempt may succeed: a table was in use. */
static bool
is_in_use(const struct reply *reply)
{
	static const char *const in_use[] = { "55P03", "40P01", "40001" };

	for (size_t i = 0; i < G_N_ELEMENTS(in_use); i++)
		if (reply->kind == REPLY_ERROR && strcmp(reply->sqlstate, in_use[i]) == 0)
			return true;
	return false;
}

static bool
run_step(struct conn *conn, const struct step *step)
{
	struct reply reply = { 0 };
	bool done = false, again = true;

	for (int attempts = 1; again; attempts++) {
		g_autofree char *where = NULL;

		done = try_step(conn, step, &reply, &where);
		again = !done && is_in_use(&reply) && attempts < ATTEMPTS_MAX;
		if (!done && !again)
			console_print_error(where, &reply);
		if (!done)
			conn_run(conn, "rollback", console_deadline(), &reply);
		if (again)
			nanosleep(&(struct timespec){ .tv_nsec = PAUSE_MS * 1000000L }, NULL);
	}
	reply_clear(&reply);
	if (!done)
		console_print("%s: rolled back", step->label);
	return done;
}

/* ---- migrations and functions ---- */

/* Whether the database applied the same text under the same name. */
static bool
is_unchanged(const struct schema_file *file, const char *digest, const struct reply *known)
{
	if (reply_row_count(known) != 1 || strcmp(reply_get(known, 0, "name"), file->name) != 0) {
		console_print("migration %d of the database is %s; in this program it is %s",
			file->version,
			reply_row_count(known) == 1 ? reply_get(known, 0, "name") : "missing",
			file->name);
		return false;
	}
	if (strcmp(reply_get(known, 0, "digest"), digest) != 0) {
		console_print("%s was edited after this database applied it; "
			      "write a new migration instead",
			file->name);
		return false;
	}
	return true;
}

/* Checks a migration that the database has applied. */
static bool
check_migration(struct conn *conn, const struct schema_file *file)
{
	g_autofree char *version = g_strdup_printf("%d", file->version);
	g_autofree char *digest = schema_file_digest(file);
	const char *const values[] = { version };
	struct reply known = { 0 };
	bool good = console_query(conn, &statements[SQL_migration_known], values, &known) &&
		is_unchanged(file, digest, &known);

	reply_clear(&known);
	return good;
}

/*
 * Applies a migration. `functions`: NULL, or all files that replace the functions, in the same
 * transaction; their first element is unused, for the migration.
 */
static bool
apply_migration(
	struct conn *conn, const struct schema_file *file, const struct schema_file **functions)
{
	g_autofree char *version = g_strdup_printf("%d", file->version);
	g_autofree char *digest = schema_file_digest(file);
	g_autofree char *all = schema_functions_digest();
	const char *const values[] = { version, file->name, digest };
	const char *const all_values[] = { all };
	const struct schema_file *const alone[] = { file, NULL };
	struct step step = { file->name, alone, { { &statements[SQL_migration_keep], values } } };

	if (functions != NULL) {
		functions[0] = file;
		step.files = functions;
		step.records[1] = (struct record){ &statements[SQL_functions_keep], all_values };
	}
	if (!run_step(conn, &step))
		return false;
	printf("%s: applied\n", file->name);
	if (functions != NULL)
		puts("functions: replaced");
	return true;
}

/* Replaces the functions if the database has others. */
static bool
replace_functions(struct conn *conn, const struct schema_file *const *functions, int *changes)
{
	g_autofree char *digest = schema_functions_digest();
	const char *const values[] = { digest };
	struct reply known = { 0 };
	bool same;

	if (!console_query(conn, &statements[SQL_functions_known], NULL, &known))
		return false;
	same = g_strcmp0(reply_get(&known, 0, "digest"), digest) == 0;
	reply_clear(&known);
	if (same)
		return true;
	if (!run_step(conn,
		    &(struct step){ "functions", functions,
			    { { &statements[SQL_functions_keep], values } } }))
		return false;
	puts("functions: replaced");
	++*changes;
	return true;
}

/*
 * Brings the schema from version `newest` to the program's. The last migration and the functions
 * are one transaction: a running program never sees functions that do not fit the tables. Earlier
 * migrations are a transaction each. Functions are replaced with any migration, even if equal: it
 * may have dropped what depends on a table.
 */
static bool
bring_up_to_date(struct conn *conn, int newest, int *changes)
{
	g_autofree const struct schema_file **migrations = schema_files_of(SCHEMA_MIGRATIONS);
	g_autofree const struct schema_file **functions = schema_files_of(SCHEMA_FUNCTIONS);
	size_t n = 0;

	while (functions[n] != NULL)
		n++;
	memmove(functions + 2, functions, n * sizeof functions[0]);
	functions[1] = schema_migrate_file("functions");
	for (size_t i = 0; migrations[i] != NULL; i++) {
		bool last = migrations[i + 1] == NULL;

		if (migrations[i]->version <= newest) {
			if (!check_migration(conn, migrations[i]))
				return false;
			continue;
		}
		if (!apply_migration(conn, migrations[i], last ? functions : NULL))
			return false;
		++*changes;
	}
	return *changes > 0 || replace_functions(conn, functions + 1, changes);
}

/* ---- the command ---- */

/* Checks that the roles exist, and that this one is the owner's. */
static bool
check_roles(struct conn *conn)
{
	struct reply reply = { 0 };
	const char *missing, *who;
	bool good = console_query(conn, &statements[SQL_migration_roles], NULL, &reply);

	missing = reply_get(&reply, 0, "missing");
	who = reply_get(&reply, 0, "who");
	if (good && missing != NULL) {
		console_print("these roles are missing: %s; "
			      "a superuser creates them once: psql -d postgres -f schema/roles.sql",
			missing);
		good = false;
	} else if (good && strcmp(who, "shoetopia_owner") != 0) {
		console_print("--migrate is run as shoetopia_owner (PGUSER=shoetopia_owner), "
			      "which owns the tables, not as %s",
			who);
		good = false;
	}
	reply_clear(&reply);
	return good;
}

/* Reads the version of the database; false if it is newer than the program. */
static bool
read_newest(struct conn *conn, int *newest)
{
	struct reply reply = { 0 };
	bool good = console_query(conn, &statements[SQL_migration_newest], NULL, &reply);

	if (good)
		*newest = atoi(reply_get(&reply, 0, "version"));
	reply_clear(&reply);
	if (good && *newest > schema_newest()) {
		console_print("this program is older than the schema (%d against %d); "
			      "use a newer program",
			schema_newest(), *newest);
		return false;
	}
	return good;
}

static bool
migrate(struct conn *conn)
{
	const struct schema_file *const begin[] = { schema_migrate_file("begin"), NULL };
	const char *const limits[] = { LOCK_TIMEOUT };
	int newest = 0, changes = 0;

	if (!check_roles(conn) || !console_execute(conn, &statements[SQL_migration_lock], NULL) ||
		!console_execute(conn, &statements[SQL_migration_limits], limits) ||
		!run_step(conn, &(struct step){ .label = "begin", .files = begin }) ||
		!read_newest(conn, &newest) || !bring_up_to_date(conn, newest, &changes))
		return false;
	if (changes == 0)
		puts("the schema is up to date");
	return true;
}

int
migrate_run(void)
{
	struct conn *conn = console_connect(true);
	bool good = conn != NULL && migrate(conn);

	conn_close(conn);
	fflush(stdout);
	return good ? 0 : 1;
}
