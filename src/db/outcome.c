/* From what the server answers to what a call came to. */
#include <glib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "db/call.h"

/* `object` (JSON, or NULL) with the sentence as its member "detail"; NULL when there is neither. */
static char *
extra_with_detail(const char *object, const char *detail)
{
	return detail == NULL ? g_strdup(object) : json_object_with(object, "detail", detail);
}

enum err
error_outcome(enum err e, const struct reply *reply, struct db_result *out)
{
	if (strcmp(reply->sqlstate, "ST000") == 0 &&
		e != ERR_FAULT) /* anything else that the server says is not for clients */
		out->extra = extra_with_detail(reply_hint(reply), reply_detail(reply));
	return e;
}

static void
take_row(const struct statement *st, const struct reply *reply, int row, struct db_result *out)
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
		take_row(st, reply, row, out);
		out->replayed = code != NULL && strcmp(code, "replayed") == 0;
		return ERR_NONE;
	}
	e = err_by_code(code);
	if (e == ERR_FAULT)
		log_line(LOG_FAULT, "%s: answers the unknown code %s", st->name, code);
	else
		out->extra = g_strdup(reply_get(reply, row, "answer"));
	return e;
}

enum err
reply_outcome(const struct statement *st, const struct reply *reply, struct db_result *out)
{
	int rows = reply_row_count(reply);

	if (rows == 0 && st->rows == ROWS_OPT)
		return ERR_NOT_FOUND;
	if (rows == 0 && st->rows == ROWS_NONE)
		return ERR_NONE;
	if (rows == 1) /* also of ROWS_NONE: a function without a value is a row nevertheless */
		return row_outcome(st, reply, 0, out);
	log_line(LOG_FAULT, "%s: gives %d rows", st->name, rows);
	return ERR_FAULT;
}

const char *
db_result_get(const struct db_result *result, const char *name)
{
	for (size_t i = 0; result->names != NULL && result->names[i] != NULL; i++)
		if (strcmp(result->names[i], name) == 0)
			return result->values[i];
	return NULL;
}

void
db_result_clear(struct db_result *result)
{
	for (size_t i = 0; result->names != NULL && result->names[i] != NULL; i++) {
		g_free(result->names[i]);
		g_free(result->values[i]);
	}
	g_free(result->names);
	g_free(result->values);
	g_free(result->answer);
	g_free(result->extra);
	*result = (struct db_result){ 0 };
}
