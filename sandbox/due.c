#include "sandbox/due.h"

#include <string.h>

#include "sandbox/refund.h"
#include "sandbox/session.h"

void
due_run(struct sandbox *sandbox)
{
	for (;;) {
		g_autoptr(GPtrArray) rows = store_rows(
			sandbox->store, SQL_DUE, STORE_ARGS(NUMBER(sandbox_now_ms(sandbox))));

		for (unsigned i = 0; i < rows->len; i++) {
			GStrv row = rows->pdata[i];

			if (strcmp(row[1], "refund") == 0)
				refund_settle(sandbox, row[0]);
			else
				session_end(sandbox, NULL, row[0]);
		}
		if (rows->len == 0)
			return;
	}
}
