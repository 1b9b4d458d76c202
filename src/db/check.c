#include "db/check.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "db/console.h"

/* Whether the role may run a prepared statement: EXPLAIN checks the rights and runs nothing. */
static bool
is_permitted(struct conn *conn, const struct statement *st, struct reply *reply)
{
	g_autoptr(GString) text = g_string_new("explain execute ");

	g_string_append(text, st->name);
	for (size_t i = 0; i < st->n_params; i++)
		g_string_append(text, i == 0 ? "(null" : ", null");
	g_string_append(text, st->n_params > 0 ? ")" : "");
	conn_run(conn, text->str, console_deadline(), reply);
	return reply->kind == REPLY_DONE ||
		(reply->kind == REPLY_ERROR && strcmp(reply->sqlstate, "42501") != 0);
}

static bool
check_statement(struct conn *conn, const struct statement *st, bool is_owner)
{
	struct reply reply = { 0 };
	bool good;

	conn_prepare(conn, st, console_deadline(), &reply);
	good = reply.kind == REPLY_DONE;
	if (good && (is_owner || !st->owner))
		good = is_permitted(conn, st, &reply);
	if (!good) {
		g_autofree char *what = g_strdup_printf("%s, %s", st->source, st->name);

		console_print_error(what, &reply);
	}
	reply_clear(&reply);
	return good;
}

/* Whether the connected role is the owner's; false if the query failed, which was printed. */
static bool
read_is_owner(struct conn *conn, bool *out)
{
	struct reply reply = { 0 };
	bool good = console_query(conn, &statements[SQL_migration_roles], NULL, &reply);

	if (good)
		*out = strcmp(reply_get(&reply, 0, "who"), "shoetopia_owner") == 0;
	reply_clear(&reply);
	return good;
}

int
check_statements(void)
{
	struct conn *conn = console_connect(false);
	int refused = 0;
	bool is_owner = false;

	if (conn == NULL || !read_is_owner(conn, &is_owner)) {
		conn_close(conn);
		return 1;
	}
	for (int id = SQL_NONE + 1; id < SQL_COUNT; id++)
		if (!check_statement(conn, &statements[id], is_owner))
			refused++;
	printf("%d statements, %d refused\n", SQL_COUNT - 1, refused);
	conn_close(conn);
	return refused == 0 ? 0 : 1;
}
