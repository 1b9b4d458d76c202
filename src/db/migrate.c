#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "db/admin.h"
#include "db/clock.h"
#include "db/console.h"
#include "db/schema_file.h"

#define LOCK_TIMEOUT "1s"

enum {
	TRIES_MAX = 20, /* to get at tables that are in use, about a second each */
	PAUSE_MS = 200,
};

/* A statement that notes what was done. */
struct note {
	const struct statement *st;
	const char *const *values;
};

/* Files that are run in one transaction, together with what notes them. */
struct step {
	const char *label;
	const struct schema_file *const *files; /* NULL-terminated */
	struct note notes[2];                   /* fewer: without a statement */
};

static const char *const folders[] = {
	[SCHEMA_FUNCTIONS] = "schema/functions",
	[SCHEMA_MIGRATE] = "schema/migrate",
	[SCHEMA_MIGRATIONS] = "schema/migrations",
};

/* All files of a kind, in order; g_free the array. */
static const struct schema_file **
files_of(enum schema_kind kind)
{
	const struct schema_file **files = g_new0(const struct schema_file *, n_schema_files + 2);
	size_t n = 0;

	for (size_t i = 0; i < n_schema_files; i++)
		if (schema_files[i].kind == kind)
			files[n++] = &schema_files[i];
	return files;
}

static const struct schema_file *
migrate_file(const char *name)
{
	for (size_t i = 0; i < n_schema_files; i++)
		if (schema_files[i].kind == SCHEMA_MIGRATE &&
			strcmp(schema_files[i].name, name) == 0)
			return &schema_files[i];
	g_error("schema/migrate/%s.sql is not in this program", name);
}

static char *
text_digest(const char *text)
{
	return g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);
}

/* One digest over all functions and their names, and over what is done before them. */
static char *
functions_digest(void)
{
	g_autofree const struct schema_file **files = files_of(SCHEMA_FUNCTIONS);
	g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
	const char *before = migrate_file("functions")->text;

	g_checksum_update(sum, (const guchar *)before, (gssize)strlen(before) + 1);
	for (size_t i = 0; files[i] != NULL;
		i++) { /* with the NUL at its end, so that no text can run into the next */
		g_checksum_update(
			sum, (const guchar *)files[i]->name, (gssize)strlen(files[i]->name) + 1);
		g_checksum_update(
			sum, (const guchar *)files[i]->text, (gssize)strlen(files[i]->text) + 1);
	}
	return g_strdup(g_checksum_get_string(sum));
}

static int
newest_of_program(void)
{
	int newest = 0;

	for (size_t i = 0; i < n_schema_files; i++)
		newest = MAX(newest, schema_files[i].version);
	return newest;
}

/* FILE:LINE where the server tells the place of its error, else FILE. */
static char *
file_place(const struct schema_file *file, const struct reply *reply)
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

/* Runs one file inside the transaction; `place` (g_free) is where it failed. */
static bool
run_file(struct conn *conn, const struct schema_file *file, struct reply *reply, char **place)
{
	conn_run(conn, file->text, console_deadline(), reply);
	if (reply->kind == REPLY_DONE && !conn_is_clean(conn))
		return true;
	g_free(*place);
	*place = file_place(file, reply);
	if (reply->kind == REPLY_DONE)
		console_say("%s: ends the transaction that it is run in", *place);
	return false;
}

/* One try at a step. When it does not end well, `reply` and `place` (g_free) say why. */
static bool
try_step(struct conn *conn, const struct step *step, struct reply *reply, char **place)
{
	*place = g_strdup(step->label);
	conn_run(conn, "begin", console_deadline(), reply);
	if (reply->kind != REPLY_DONE)
		return false;
	for (size_t i = 0; step->files[i] != NULL; i++)
		if (!run_file(conn, step->files[i], reply, place))
			return false;
	for (size_t i = 0; i < G_N_ELEMENTS(step->notes) && step->notes[i].st != NULL; i++) {
		conn_call(
			conn, step->notes[i].st, step->notes[i].values, console_deadline(), reply);
		if (reply->kind != REPLY_DONE)
			return false;
	}
	conn_run(conn, "commit", console_deadline(), reply);
	return reply->kind == REPLY_DONE && strcmp(reply_tag(reply), "COMMIT") == 0;
}

/* Whether another try may go better: somebody used the tables. */
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

	for (int tries = 1; again; tries++) {
		g_autofree char *place = NULL;

		done = try_step(conn, step, &reply, &place);
		again = !done && is_in_use(&reply) && tries < TRIES_MAX;
		if (!done && !again)
			console_tell(place, &reply);
		if (!done)
			conn_run(conn, "rollback", console_deadline(), &reply);
		if (again) /* lets those through who waited behind us */
			nanosleep(&(struct timespec){ .tv_nsec = PAUSE_MS * 1000000L }, NULL);
	}
	reply_clear(&reply);
	if (!done)
		console_say("%s: nothing of it was done", step->label);
	return done;
}

/* A migration that the database has had must be the one that this program carries. */
static bool
is_the_same(const struct schema_file *file, const char *digest, const struct reply *known)
{
	if (reply_row_count(known) != 1 || strcmp(reply_get(known, 0, "name"), file->name) != 0) {
		console_say(
			"the database has had another migration %d (%s) than this program carries (%s)",
			file->version,
			reply_row_count(known) == 1 ? reply_get(known, 0, "name") : "none",
			file->name);
		return false;
	}
	if (strcmp(reply_get(known, 0, "digest"), digest) != 0) {
		console_say(
			"%s was edited after this database had it; changes belong into a new migration",
			file->name);
		return false;
	}
	return true;
}

static bool
check_migration(struct conn *conn, const struct schema_file *file)
{
	g_autofree char *version = g_strdup_printf("%d", file->version);
	g_autofree char *digest = text_digest(file->text);
	const char *const values[] = { version };
	struct reply known = { 0 };
	bool good = console_ask(conn, &statements[SQL_migration_known], values, &known) &&
		is_the_same(file, digest, &known);

	reply_clear(&known);
	return good;
}

/*
 * Applies a migration, and if `functions` are given, these in the same transaction: all that replaces the functions, after one free place for the
 * migration. NULL: it alone.
 */
static bool
apply_migration(
	struct conn *conn, const struct schema_file *file, const struct schema_file **functions)
{
	g_autofree char *version = g_strdup_printf("%d", file->version);
	g_autofree char *digest = text_digest(file->text);
	g_autofree char *all = functions_digest();
	const char *const values[] = { version, file->name, digest };
	const char *const all_values[] = { all };
	const struct schema_file *const alone[] = { file, NULL };
	struct step step = { file->name, alone, { { &statements[SQL_migration_keep], values } } };

	if (functions != NULL) {
		functions[0] = file;
		step.files = functions;
		step.notes[1] = (struct note){ &statements[SQL_functions_keep], all_values };
	}
	if (!run_step(conn, &step))
		return false;
	printf("%s: applied\n", file->name);
	if (functions != NULL)
		puts("functions: replaced");
	return true;
}

static bool
replace_functions(struct conn *conn, const struct schema_file *const *functions, int *changes)
{
	g_autofree char *digest = functions_digest();
	const char *const values[] = { digest };
	struct reply known = { 0 };
	bool same;

	if (!console_ask(conn, &statements[SQL_functions_known], NULL, &known))
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
 * Brings the schema from the version `newest` to the program's. The last migration and the functions come in one transaction: where one is new, a
 * program that serves meanwhile never finds functions that do not fit the tables. Where several are, those before the last come one by one.
 * (Functions are made anew even where they are the same: a migration may have had to drop what depends on a table it changed.)
 */
static bool
bring_up_to_date(struct conn *conn, int newest, int *changes)
{
	g_autofree const struct schema_file **migrations = files_of(SCHEMA_MIGRATIONS);
	g_autofree const struct schema_file **functions = files_of(SCHEMA_FUNCTIONS);
	size_t n = 0;

	while (functions[n] != NULL)
		n++;
	memmove(functions + 2, functions,
		n *
			sizeof functions
				[0]); /* there is room: files_of() makes it for files of all kinds */
	functions[1] = migrate_file("functions");
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

static bool
has_its_roles(struct conn *conn)
{
	struct reply reply = { 0 };
	const char *missing, *who;
	bool good = console_ask(conn, &statements[SQL_migration_roles], NULL, &reply);

	missing = reply_get(&reply, 0, "missing");
	who = reply_get(&reply, 0, "who");
	if (good && missing != NULL) {
		console_say(
			"these roles are missing: %s; a superuser makes them once: psql -d postgres -f schema/roles.sql",
			missing);
		good = false;
	} else if (good && strcmp(who, "shoetopia_owner") != 0) {
		console_say(
			"--migrate is run as shoetopia_owner (PGUSER=shoetopia_owner), not as %s: the tables belong to it",
			who);
		good = false;
	}
	reply_clear(&reply);
	return good;
}

static bool
read_newest(struct conn *conn, int *newest)
{
	struct reply reply = { 0 };
	bool good = console_ask(conn, &statements[SQL_migration_newest], NULL, &reply);

	if (good)
		*newest = atoi(reply_get(&reply, 0, "version"));
	reply_clear(&reply);
	if (good && *newest > newest_of_program()) {
		console_say(
			"this program is older than the schema (%d against %d); use a newer program",
			newest_of_program(), *newest);
		return false;
	}
	return good;
}

static bool
migrate(struct conn *conn)
{
	const struct schema_file *const begin[] = { migrate_file("begin"), NULL };
	const char *const limits[] = { LOCK_TIMEOUT };
	int newest = 0, changes = 0;

	if (!has_its_roles(conn) || !console_do(conn, &statements[SQL_migration_lock], NULL) ||
		!console_do(conn, &statements[SQL_migration_limits], limits) ||
		!run_step(conn, &(struct step){ .label = "begin", .files = begin }) ||
		!read_newest(conn, &newest) || !bring_up_to_date(conn, newest, &changes))
		return false;
	if (changes == 0)
		puts("the schema is up to date");
	return true;
}

int
admin_migrate(void)
{
	struct conn *conn = console_connect();
	bool good = conn != NULL && migrate(conn);

	conn_close(conn);
	fflush(stdout);
	return good ? 0 : 1;
}

/* What was acknowledged must never be lost. Without synchronous_commit it would be at any crash of the server, so that is refused. */
static bool
server_keeps_its_word(const struct reply *state)
{
	if (strcmp(reply_get(state, 0, "fsync"), "on") != 0)
		console_say(
			"warning: the server runs with fsync off: a crash of the machine loses what was sold");
	if (strcmp(reply_get(state, 0, "full_page_writes"), "on") != 0)
		console_say(
			"warning: the server runs with full_page_writes off: a crash of the machine may damage its tables");
	if (strcmp(reply_get(state, 0, "synchronous_commit"), "off") != 0)
		return true;
	console_say(
		"synchronous_commit is off for this role: orders that were acknowledged could be lost. schema/roles.sql sets it on");
	return false;
}

static bool
schema_is_ours(const struct reply *state)
{
	g_autofree char *digest = functions_digest();
	const char *version = reply_get(state, 0, "version");
	int there = version == NULL ? 0 : atoi(version);

	if (there > newest_of_program())
		console_say(
			"this program is older than the schema (%d against %d); use a newer program",
			newest_of_program(), there);
	else if (there < newest_of_program())
		console_say(
			"the schema is older than this program (%d against %d); run: shoetopia --migrate",
			there, newest_of_program());
	else if (g_strcmp0(reply_get(state, 0, "functions"), digest) != 0)
		console_say(
			"the functions in the database are those of another program; run: shoetopia --migrate");
	else
		return true;
	return false;
}

int
admin_schema_is_ours(void)
{
	struct conn *conn = console_connect();
	struct reply state = { 0 };
	bool good = false, away = false;

	if (conn == NULL)
		return 2;
	conn_call(conn, &statements[SQL_schema_state], NULL, console_deadline(), &state);
	if (state.kind == REPLY_DONE) {
		good = server_keeps_its_word(&state);
		good = schema_is_ours(&state) && good;
	} else if (strcmp(state.sqlstate, "42P01") == 0 || strcmp(state.sqlstate, "3F000") == 0) {
		console_say(
			"the database has no schema yet; run: shoetopia --migrate, as shoetopia_owner");
	} else {
		away = err_by_sqlstate(state.sqlstate) == ERR_BUSY || state.kind != REPLY_ERROR;
		console_tell("schema", &state);
	}
	reply_clear(&state);
	conn_close(conn);
	return away ? 2 : good ? 0 : 1;
}
