#include "sandbox/object.h"

#include <string.h>

#include "sandbox/form.h"
#include "sandbox/param.h"

enum { LIMIT = 10, LIMIT_MAX = 100 };

static const struct param list_params[] = {
	{ "limit", PARAM_INTEGER, 1, LIMIT_MAX, NULL, false },
	{ "starting_after", PARAM_TEXT, 0, 255, NULL, false },
	{ "created", PARAM_INTEGER, 0, INT64_MAX, NULL, false },
	{ "created[gt]", PARAM_INTEGER, 0, INT64_MAX - 1, NULL, false },
	{ "created[gte]", PARAM_INTEGER, 0, INT64_MAX, NULL, false },
	{ "created[lt]", PARAM_INTEGER, 0, INT64_MAX, NULL, false },
	{ "created[lte]", PARAM_INTEGER, 0, INT64_MAX, NULL, false },
};

/* What else a list can be filtered by. */
static const struct filter {
	const char *kind;
	size_t n;
	struct param params[2];
} filters[] = {
	{ "checkout.session", 2,
		{ { "payment_intent", PARAM_TEXT, 0, 255, NULL, false },
			{ "status", PARAM_CHOICE, 0, 0, "complete expired open", false } } },
	{ "refund", 2,
		{ { "payment_intent", PARAM_TEXT, 0, 255, NULL, false },
			{ "charge", PARAM_TEXT, 0, 255, NULL, false } } },
	{ "charge", 1, { { "payment_intent", PARAM_TEXT, 0, 255, NULL, false } } },
	{ "dispute", 2,
		{ { "payment_intent", PARAM_TEXT, 0, 255, NULL, false },
			{ "charge", PARAM_TEXT, 0, 255, NULL, false } } },
	{ "event", 1, { { "type", PARAM_TEXT, 0, 100, NULL, false } } },
};

void
object_answer(struct sandbox *sandbox, unsigned status, const char *id, struct answer *answer)
{
	answer_json(
		answer, status, store_text(sandbox->store, SQL_OBJECT_BODY, STORE_ARGS(TEXT(id))));
}

void
object_get(struct sandbox *sandbox, const struct request *request, struct answer *answer)
{
	char *body;

	if (!params_check(NULL, 0, request->form, answer))
		return;
	body = store_text(sandbox->store, SQL_OBJECT_GET,
		STORE_ARGS(TEXT(request->argument), TEXT(request->kind)));
	if (body == NULL)
		answer_missing(answer, request->kind, "id", request->argument);
	else
		answer_json(answer, 200, body);
}

/* Checks the parameters of the list by those of all lists and those of its kind. */
static bool
list_check(const struct request *request, struct answer *answer)
{
	struct param params[G_N_ELEMENTS(list_params) + 2];
	size_t n = G_N_ELEMENTS(list_params);

	memcpy(params, list_params, sizeof list_params);
	for (size_t i = 0; i < G_N_ELEMENTS(filters); i++)
		if (strcmp(filters[i].kind, request->kind) == 0) {
			memcpy(params + n, filters[i].params, filters[i].n * sizeof params[0]);
			n += filters[i].n;
		}
	return params_check(params, n, request->form, answer);
}

/* The place behind which the list goes on; sets the error if there is no such object. */
static bool
list_start(struct sandbox *sandbox, const struct request *request, int64_t *before,
	struct answer *answer)
{
	const char *after = form_get(request->form, "starting_after");
	g_autofree char *seq = NULL;

	*before = INT64_MAX;
	if (after == NULL)
		return true;
	seq = store_text(
		sandbox->store, SQL_OBJECT_SEQ, STORE_ARGS(TEXT(after), TEXT(request->kind)));
	if (seq != NULL)
		*before = g_ascii_strtoll(seq, NULL, 10);
	else
		answer_missing(answer, request->kind, "starting_after", after);
	return seq != NULL;
}

/* One more than the limit, so that it shows whether there are more. */
static GPtrArray *
list_rows(struct sandbox *sandbox, const struct request *request, int64_t before, int64_t limit)
{
	const GPtrArray *form = request->form;
	const char *intent = form_get(form, "payment_intent");
	int64_t since_s = MAX(
		param_integer(form, "created[gte]", 0), param_integer(form, "created[gt]", -1) + 1);
	int64_t until_s = MIN(param_integer(form, "created[lte]", INT64_MAX),
		param_integer(form, "created[lt]", INT64_MAX) - 1);
	const struct store_value values[] = { TEXT(request->kind), NUMBER(before),
		NUMBER(param_integer(form, "created", since_s)),
		NUMBER(param_integer(form, "created", until_s)), NUMBER(limit + 1),
		TEXT(form_get(form, "status")), TEXT(form_get(form, "type")),
		TEXT(form_get(form, "charge")), TEXT(intent) };

	return intent == NULL
		? store_rows(sandbox->store, SQL_LIST, G_N_ELEMENTS(values) - 1, values)
		: store_rows(sandbox->store, SQL_LIST_OF_INTENT, G_N_ELEMENTS(values), values);
}

void
object_list(struct sandbox *sandbox, const struct request *request, struct answer *answer)
{
	int64_t before, limit;
	g_autoptr(GPtrArray) rows = NULL;
	GString *out;

	if (!list_check(request, answer) || !list_start(sandbox, request, &before, answer))
		return;
	limit = param_integer(request->form, "limit", LIMIT);
	rows = list_rows(sandbox, request, before, limit);
	out = g_string_new("{\"object\":\"list\",\"data\":[");
	for (unsigned i = 0; i < rows->len && i < limit; i++) {
		GStrv row = rows->pdata[i];

		g_string_append(out, i > 0 ? "," : "");
		g_string_append(out, row[0]);
	}
	g_string_append_printf(out, "],\"has_more\":%s,\"url\":\"%s\"}",
		rows->len > limit ? "true" : "false", request->path);
	answer_json(answer, 200, g_string_free(out, FALSE));
}
