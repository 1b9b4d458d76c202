#include "market/retention.h"

#include <glib.h>

#include "market/answer.h"

#define PAGES_TEXT "64" /* of 8 KiB for each step: a millisecond, if nothing is deleted */

void
retention_step(void)
{
	static char *from_page; /* NULL: a random one, since a CGI process takes one step only */
	const struct db_param params[] = {
		{ .name = "from_page", .text = from_page },
		{ .name = "pages", .text = PAGES_TEXT },
	};
	struct db_result row = { 0 };

	if (db_call(answer_db(), SQL_purge_step, params, G_N_ELEMENTS(params), &row) == ERR_NONE) {
		g_free(from_page);
		from_page = g_strdup(db_result_get(&row, "answer"));
	}
	db_result_clear(&row);
}
