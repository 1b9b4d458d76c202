#include "db/grant.h"

#include <stdio.h>

#include "db/console.h"

int
grant_admin(const char *email)
{
	struct conn *conn = console_connect(true);
	struct reply reply = { 0 };
	int status = 1;

	if (conn == NULL)
		return 1;
	if (console_query(conn, &statements[SQL_grant_admin], &email, &reply)) {
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
