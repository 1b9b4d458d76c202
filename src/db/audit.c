#include "db/audit.h"

#include <stdio.h>
#include <string.h>

#include "db/console.h"

int
audit_run(void)
{
	struct conn *conn = console_connect();
	struct reply reply = { 0 };
	int violated = 0;
	bool good;

	if (conn == NULL)
		return 1;
	good = console_query(conn, &statements[SQL_audit_rows], NULL, &reply);
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
