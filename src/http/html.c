#include "http/html.h"

#include <string.h>

#include "base/json.h"
#include "http/money.h"

void
html_text(GString *out, const char *text)
{
	g_autofree char *escaped = g_markup_escape_text(text, -1);

	g_string_append(out, escaped);
}

void
html_typed(GString *out, const char *text)
{
	html_element(out, "bdi", text);
}

void
html_element(GString *out, const char *tag, const char *text)
{
	g_string_append_c(out, '<');
	g_string_append(out, tag);
	g_string_append_c(out, '>');
	html_text(out, text);
	g_string_append(out, "</");
	g_string_append_len(out, tag, (gssize)strcspn(tag, " "));
	g_string_append_c(out, '>');
}

void
html_attribute(GString *out, const char *name, const char *text)
{
	g_string_append_c(out, ' ');
	g_string_append(out, name);
	g_string_append(out, "=\"");
	html_text(out, text);
	g_string_append_c(out, '"');
}

void
html_hidden(GString *out, const char *name, const char *value)
{
	g_string_append(out, "<input type=\"hidden\"");
	html_attribute(out, "name", name);
	html_attribute(out, "value", value);
	g_string_append_c(out, '>');
}

char *
html_label(const char *name)
{
	char *label = g_strdup(name);
	char *suffix;

	g_strdelimit(label, "_", ' ');
	suffix = strrchr(label, ' ');
	if (suffix != NULL &&
		(strcmp(suffix, " id") == 0 || strcmp(suffix, " name") == 0 ||
			strcmp(suffix, " cents") == 0 || strcmp(suffix, " at") == 0))
		*suffix = '\0';
	label[0] = g_ascii_toupper(label[0]);
	return label;
}

static char *
dollars(int64_t cents)
{
	g_autofree char *text = money_text(cents);

	return cents < 0 ? g_strdup_printf("-$%s", text + 1) : g_strdup_printf("$%s", text);
}

char *
html_plain(const char *name, const struct json *value)
{
	const char *text = json_text(value);
	int64_t cents;

	if (g_str_has_suffix(name, "_cents") && json_int64(value, &cents))
		return dollars(cents);
	if (json_kind(value) == JSON_KIND_BOOL)
		return g_strdup(json_bool(value) ? "yes" : "no");
	/* 2026-12-24T18:00:00.000Z */
	if (g_str_has_suffix(name, "_at") && text != NULL && strlen(text) > 16)
		return g_strdup_printf("%.10s %.5s UTC", text, text + 11);
	return json_plain(value);
}
