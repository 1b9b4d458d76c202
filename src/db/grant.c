#include "db/grant.h"

#include <stdio.h>

#include "db/console.h"

/* Runs a statement about the account of an e-mail, and prints its answer. */
static int
run(enum sql_id id, const char *const *values)
{
	struct conn *conn = console_connect(true);
	struct reply reply = { 0 };
	int status = 1;

	if (conn == NULL)
		return 1;
	if (console_query(conn, &statements[id], values, &reply)) {
		if (reply_row_count(&reply) == 1) {
			puts(reply_get(&reply, 0, "answer"));
			status = 0;
		} else {
			console_print("there is no account with this e-mail");
		}
	}
	reply_clear(&reply);
	conn_close(conn);
	return status;
}

int
grant_admin(const char *email)
{
	return run(SQL_grant_admin, &email);
}

int
grant_password(const char *email, const char *hash)
{
	const char *const values[] = { hash, email }; /* in the order of the statement's text */

	return run(SQL_set_password, values);
}
