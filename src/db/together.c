/*
 * Calls that travel together: the parameters of each are an object in the array :calls, in order of arrival, and each has its answer in
 * the row with its ordinal `n`.
 *
 * Here a call travels as soon as it comes, as an array of one; who else could be in the array is decided in together_call() alone.
 */
#include <glib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "db/call.h"

/* Appends one call as a JSON object. A parameter that is NULL is left out. */
static void
append_call(GString *calls, const struct db_param *params, size_t n_params)
{
	bool first = true;

	g_string_append_c(calls, '{');
	for (size_t i = 0; i < n_params; i++) {
		if (params[i].json == NULL && params[i].text == NULL)
			continue;
		if (!first)
			g_string_append_c(calls, ',');
		first = false;
		json_append_quoted(calls, params[i].name);
		g_string_append_c(calls, ':');
		if (params[i].json != NULL)
			g_string_append(calls, params[i].json);
		else
			json_append_quoted(calls, params[i].text);
	}
	g_string_append_c(calls, '}');
}

/* The row with the answer to call `n`, counted from 1; -1 if there is none, or more than one. */
static int
find_row(const struct reply *reply, int n)
{
	int found = -1;

	for (int row = 0; row < reply_row_count(reply); row++) {
		const char *ordinal = reply_get(reply, row, "n");

		if (ordinal == NULL || atoi(ordinal) != n)
			continue;
		if (found >= 0)
			return -1;
		found = row;
	}
	return found;
}

enum err
together_call(struct db *db, const struct statement *st, const struct db_param *params, size_t n_params, int64_t deadline,
              struct db_result *out)
{
	const struct db_param *key = param_find(params, n_params, "key");
	GString *calls = g_string_new("[");
	const char *values[1];
	struct reply reply = { 0 };
	enum err e;
	int row;

	append_call(calls, params, n_params);
	g_string_append_c(calls, ']');
	values[0] = calls->str;
	e = statement_run(db, st, values, st->reads || (key != NULL && key->text != NULL), deadline, &reply);
	if (e != ERR_NONE) {
		e = error_outcome(e, &reply, out);
	} else if ((row = find_row(&reply, 1)) >= 0) {
		e = row_outcome(st, &reply, row, out);
	} else {
		log_line(LOG_FAULT, "%s: has no answer to a call", st->name);
		e = ERR_FAULT;
	}
	reply_clear(&reply);
	g_string_free(calls, TRUE);
	return e;
}
