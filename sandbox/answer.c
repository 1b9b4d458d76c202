#include "sandbox/answer.h"

#include <glib.h>
#include <stdarg.h>

#include "base/json.h"

void
answer_clear(struct answer *answer)
{
	g_clear_pointer(&answer->body, g_free);
	g_clear_pointer(&answer->location, g_free);
	*answer = (struct answer){ 0 };
}

void
answer_json(struct answer *answer, unsigned status, char *body)
{
	answer_clear(answer);
	answer->status = status;
	answer->type = "application/json";
	answer->body = body;
}

static void
add_member(GString *out, const char *name, const char *text)
{
	if (text == NULL)
		return;
	g_string_append_printf(out, "\"%s\":", name);
	json_append_quoted(out, text);
	g_string_append_c(out, ',');
}

__attribute__((format(printf, 6, 0))) static void
set_error(struct answer *answer, unsigned status, const char *type, const char *code,
	const char *param, const char *format, va_list arguments)
{
	g_autofree char *message = g_strdup_vprintf(format, arguments);
	GString *out = g_string_new("{\"error\":{");

	add_member(out, "code", code);
	add_member(out, "message", message);
	add_member(out, "param", param);
	add_member(out, "type", type);
	g_string_truncate(out, out->len - 1);
	g_string_append(out, "}}");
	answer_json(answer, status, g_string_free(out, FALSE));
}

void
answer_error(struct answer *answer, unsigned status, const char *type, const char *code,
	const char *param, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	set_error(answer, status, type, code, param, format, arguments);
	va_end(arguments);
}

void
answer_invalid(struct answer *answer, const char *code, const char *param, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	set_error(answer, 400, "invalid_request_error", code, param, format, arguments);
	va_end(arguments);
	answer->is_unkept = true;
}

void
answer_missing(struct answer *answer, const char *kind, const char *param, const char *id)
{
	answer_error(answer, 404, "invalid_request_error", "resource_missing", param,
		"No such %s: '%s'", kind, id);
	answer->is_unkept = true;
}
