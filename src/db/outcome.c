#include "db/outcome.h"

#include <glib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"

/* `object` (JSON, or NULL) with the sentence as its member "detail"; NULL without both. */
static char *
extra_with_detail(const char *object, const char *detail)
{
	return detail == NULL ? g_strdup(object) : json_object_with(object, "detail", detail);
}

/* Only refusals raised by our functions are for clients; other messages of the server are not. */
enum err
error_outcome(enum err e, const struct reply *reply, struct db_result *out)
{
	if (strcmp(reply->sqlstate, SQLSTATE_REFUSAL) == 0 && e != ERR_FAULT)
		out->extra = extra_with_detail(
			reply_error_part(reply, REPLY_HINT), reply_error_part(reply, REPLY_DETAIL));
	return e;
}

static void
copy_row(const struct statement *st, const struct reply *reply, int row, struct db_result *out)
{
	int columns = reply_column_count(reply);

	out->answer = g_strdup(reply_get(reply, row, "answer"));
	if (st->batched)
		return;
	out->names = g_new0(char *, columns + 1);
	out->values = g_new0(char *, columns + 1);
	for (int i = 0; i < columns; i++) {
		out->names[i] = g_strdup(reply_column_name(reply, i));
		out->values[i] = g_strdup(reply_value(reply, row, i));
	}
}

enum err
row_outcome(const struct statement *st, const struct reply *reply, int row, struct db_result *out)
{
	const char *code = reply_get(reply, row, "code");
	enum err e;

	if (code == NULL || strcmp(code, "ok") == 0 || strcmp(code, "replayed") == 0) {
		copy_row(st, reply, row, out);
		out->replayed = code != NULL && strcmp(code, "replayed") == 0;
		return ERR_NONE;
	}
	e = err_by_code(code);
	if (e == ERR_FAULT)
		log_line(LOG_FAULT, "%s: returned the unknown code %s", st->name, code);
	else
		out->extra = g_strdup(reply_get(reply, row, "answer"));
	return e;
}

/* A function without a value returns one row nevertheless, so ROWS_NONE allows one. */
enum err
reply_outcome(const struct statement *st, const struct reply *reply, struct db_result *out)
{
	int rows = reply_row_count(reply);

	if (rows == 0 && st->rows == ROWS_OPT)
		return ERR_NOT_FOUND;
	if (rows == 0 && st->rows == ROWS_NONE)
		return ERR_NONE;
	if (rows == 1)
		return row_outcome(st, reply, 0, out);
	log_line(LOG_FAULT, "%s: returned %d rows", st->name, rows);
	return ERR_FAULT;
}
