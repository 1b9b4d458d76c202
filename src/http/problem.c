#include "http/problem.h"

#include <string.h>

#include "base/json.h"

static void
append_member(GString *out, const char *name, const char *text)
{
	g_string_append_printf(out, "%s\"%s\":", out->len > 1 ? "," : "", name);
	json_append_quoted(out, text);
}

/*
 * The members that every problem has. problem_write() has already written the database's "detail",
 * if any.
 */
static bool
is_standard_member(const char *name)
{
	static const char *const standard[] = { "type", "title", "status", "detail", "code", NULL };

	return g_strv_contains(standard, name);
}

/* The members that the database added to a refusal. */
static void
append_extra(GString *out, const struct json *extra)
{
	for (void *it = json_first(extra); it != NULL; it = json_next(extra, it)) {
		g_autofree char *text = NULL;

		if (is_standard_member(json_name(it)))
			continue;
		text = json_dump(json_value(it));
		g_string_append_c(out, ',');
		json_append_quoted(out, json_name(it));
		g_string_append_printf(out, ":%s", text);
	}
}

static void
append_field_errors(GString *out, const GArray *field_errors)
{
	g_string_append(out, ",\"errors\":[");
	for (guint i = 0; i < field_errors->len; i++) {
		const struct field_error *c = &g_array_index(field_errors, struct field_error, i);

		g_string_append(out, i > 0 ? ",{\"field\":" : "{\"field\":");
		json_append_quoted(out, c->field);
		g_string_append(out, ",\"message\":");
		json_append_quoted(out, c->message);
		g_string_append_c(out, '}');
	}
	g_string_append_c(out, ']');
}

void
problem_write(const struct request *req, enum err e, const struct answer *ans, const char *detail,
	GString *out)
{
	const struct err_info *info = err_info(e);
	enum json_fault fault;
	const char *why;
	JSON_AUTO struct json *extra = ans->extra == NULL
		? NULL
		: json_parse(ans->extra, strlen(ans->extra), &fault, &why);
	const char *db_detail = json_text(json_get(extra, "detail"));
	g_autofree char *type = g_strconcat("urn:shoetopia:problem:", info->code, NULL);

	g_string_append_c(out, '{');
	append_member(out, "type", type);
	append_member(out, "title", info->title);
	g_string_append_printf(out, ",\"status\":%d", info->status);
	append_member(out, "detail",
		db_detail != NULL        ? db_detail
			: detail != NULL ? detail
					 : info->sentence);
	append_member(out, "code", info->code);
	if (extra != NULL)
		append_extra(out, extra);
	if (info->status == 422 && (extra == NULL || json_get(extra, "errors") == NULL))
		append_field_errors(out, req->field_errors);
	g_string_append_c(out, '}');
}
