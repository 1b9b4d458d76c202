#include "db/schema_check.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "db/console.h"
#include "db/schema_file.h"

/*
 * With another synchronous_commit than on or remote_apply a crash of the server, or its replacement
 * by a standby, loses acknowledged orders: refused. Without the other two only a crash of the
 * machine does: a warning.
 */
static bool
check_durability(const struct reply *state)
{
	const char *commit = reply_get(state, 0, "synchronous_commit");

	if (strcmp(reply_get(state, 0, "fsync"), "on") != 0)
		console_warn("the server runs with fsync off: "
			     "a crash of the machine loses what was sold");
	if (strcmp(reply_get(state, 0, "full_page_writes"), "on") != 0)
		console_warn("the server runs with full_page_writes off: "
			     "a crash of the machine may damage its tables");
	if (strcmp(commit, "on") == 0 || strcmp(commit, "remote_apply") == 0)
		return true;
	console_print("synchronous_commit is %s for this role: acknowledged orders could be lost. "
		      "schema/roles.sql sets it on",
		commit);
	return false;
}

static bool
check_versions(const struct reply *state)
{
	g_autofree char *digest = schema_functions_digest();
	const char *version = reply_get(state, 0, "version");
	int found = version == NULL ? 0 : atoi(version);

	if (found > schema_newest())
		console_print("this program is older than the schema (%d against %d); "
			      "use a newer program",
			schema_newest(), found);
	else if (found < schema_newest())
		console_print("the schema is older than this program (%d against %d); "
			      "run: shoetopia --migrate",
			found, schema_newest());
	else if (g_strcmp0(reply_get(state, 0, "functions"), digest) != 0)
		console_print("the functions in the database are those of another program; "
			      "run: shoetopia --migrate");
	else
		return true;
	return false;
}

int
schema_check(void)
{
	struct conn *conn = console_connect(false);
	struct reply state = { 0 };
	bool good = false, unavailable = false;

	if (conn == NULL)
		return 2;
	conn_call(conn, &statements[SQL_schema_state], NULL, console_deadline(), &state);
	if (state.kind == REPLY_DONE) {
		good = check_durability(&state);
		good = check_versions(&state) && good;
	} else if (strcmp(state.sqlstate, "42P01") == 0 || strcmp(state.sqlstate, "3F000") == 0) {
		console_print("the database has no schema yet; "
			      "run: shoetopia --migrate, as shoetopia_owner");
	} else {
		unavailable =
			err_by_sqlstate(state.sqlstate) == ERR_BUSY || state.kind != REPLY_ERROR;
		console_print_error("schema", &state);
	}
	reply_clear(&state);
	conn_close(conn);
	return unavailable ? 2 : good ? 0 : 1;
}
