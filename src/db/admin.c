#include "db/admin.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "db/console.h"

/* Whether the role that is connected may run a statement that was prepared; EXPLAIN asks for the rights, and runs nothing. */
static bool
may_run(struct conn *conn, const struct statement *st, struct reply *reply)
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
		good = may_run(conn, st, &reply);
	if (!good) {
		g_autofree char *what = g_strdup_printf("%s, %s", st->place, st->name);

		console_tell(what, &reply);
	}
	reply_clear(&reply);
	return good;
}

static bool
is_owner(struct conn *conn, bool *out)
{
	struct reply reply = { 0 };
	bool good = console_ask(conn, &statements[SQL_migration_roles], NULL, &reply);

	if (good)
		*out = strcmp(reply_get(&reply, 0, "who"), "shoetopia_owner") == 0;
	reply_clear(&reply);
	return good;
}

int
admin_check(void)
{
	struct conn *conn = console_connect();
	int refused = 0;
	bool owner = false;

	if (conn == NULL || !is_owner(conn, &owner)) {
		conn_close(conn);
		return 1;
	}
	for (int id = SQL_NONE + 1; id < SQL_COUNT; id++)
		if (!check_statement(conn, &statements[id], owner))
			refused++;
	printf("%d statements, %d refused\n", SQL_COUNT - 1, refused);
	conn_close(conn);
	return refused == 0 ? 0 : 1;
}

int
admin_audit(void)
{
	struct conn *conn = console_connect();
	struct reply reply = { 0 };
	int violated = 0;
	bool good;

	if (conn == NULL)
		return 1;
	good = console_ask(conn, &statements[SQL_audit_rows], NULL, &reply);
	for (int i = 0; i < reply_row_count(&reply); i++) {
		const char *violations = reply_get(&reply, i, "violations");

		printf("%8s  %s\n", violations, reply_get(&reply, i, "name"));
		violated += strcmp(violations, "0") != 0;
	}
	if (good)
		printf("%d invariants, %d violated\n", reply_row_count(&reply), violated);
	good = good && violated == 0 && reply_row_count(&reply) > 0;
	reply_clear(&reply);
	conn_close(conn);
	return good ? 0 : 1;
}

int
admin_grant(const char *email)
{
	struct conn *conn = console_connect();
	struct reply reply = { 0 };
	int status = 1;

	if (conn == NULL)
		return 1;
	if (console_ask(conn, &statements[SQL_grant_admin], &email, &reply)) {
		if (reply_row_count(&reply) == 1) {
			puts(reply_get(&reply, 0, "answer"));
			status = 0;
		} else {
			console_say("there is no account with this e-mail");
		}
	}
	reply_clear(&reply);
	conn_close(conn);
	return status;
}
