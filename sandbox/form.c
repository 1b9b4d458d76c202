#include "sandbox/form.h"

#include <stdbool.h>
#include <string.h>

#include "base/json.h"

static void
pair_free(void *data)
{
	struct form_pair *pair = data;

	g_free(pair->name);
	g_free(pair->value);
	g_free(pair);
}

/* Decodes %XX and +. NULL if that is not text: a lone %, a NUL, bytes that are not UTF-8. */
static char *
decode(const char *text, size_t length)
{
	g_autoptr(GString) out = g_string_sized_new(length);

	for (size_t i = 0; i < length; i++) {
		int high, low;

		if (text[i] != '%') {
			g_string_append_c(out, text[i] == '+' ? ' ' : text[i]);
			continue;
		}
		if (i + 2 >= length || (high = g_ascii_xdigit_value(text[i + 1])) < 0 ||
			(low = g_ascii_xdigit_value(text[i + 2])) < 0)
			return NULL;
		g_string_append_c(out, (char)(high * 16 + low));
		i += 2;
	}
	return g_utf8_validate_len(out->str, out->len, NULL) ? g_strdup(out->str) : NULL;
}

/* name[] is name[N], where N counts its earlier occurrences. */
static char *
name_counted(const GPtrArray *form, char *name)
{
	size_t length = strlen(name);
	unsigned n = 0;
	char *counted;

	if (!g_str_has_suffix(name, "[]"))
		return name;
	for (unsigned i = 0; i < form->len; i++) {
		const struct form_pair *pair = form->pdata[i];

		n += strncmp(pair->name, name, length - 1) == 0 &&
			g_str_has_suffix(pair->name, "]");
	}
	counted = g_strdup_printf("%.*s%u]", (int)length - 1, name, n);
	g_free(name);
	return counted;
}

static void
form_add(GPtrArray *form, char *name, char *value)
{
	struct form_pair *pair;

	name = name_counted(form, name);
	for (unsigned i = 0; i < form->len; i++) {
		pair = form->pdata[i];
		if (strcmp(pair->name, name) == 0) { /* the last one counts */
			g_free(name);
			g_free(pair->value);
			pair->value = value;
			return;
		}
	}
	pair = g_new(struct form_pair, 1);
	pair->name = name;
	pair->value = value;
	g_ptr_array_add(form, pair);
}

GPtrArray *
form_parse(const char *text, size_t length)
{
	g_autoptr(GPtrArray) form = g_ptr_array_new_with_free_func(pair_free);
	const char *end = text + length;

	for (const char *p = text; p < end;) {
		const char *stop = memchr(p, '&', (size_t)(end - p));
		const char *equals;

		stop = stop != NULL ? stop : end;
		equals = memchr(p, '=', (size_t)(stop - p));
		equals = equals != NULL ? equals : stop;
		if (stop > p) {
			g_autofree char *name = decode(p, (size_t)(equals - p));
			const char *from = equals < stop ? equals + 1 : stop;
			g_autofree char *value = decode(from, (size_t)(stop - from));

			if (name == NULL || value == NULL)
				return NULL;
			form_add(form, g_steal_pointer(&name), g_steal_pointer(&value));
		}
		p = stop + 1;
	}
	return g_steal_pointer(&form);
}

const char *
form_get(const GPtrArray *form, const char *name)
{
	for (unsigned i = 0; i < form->len; i++) {
		const struct form_pair *pair = form->pdata[i];

		if (strcmp(pair->name, name) == 0)
			return pair->value;
	}
	return NULL;
}

char *
form_object(const GPtrArray *form, const char *prefix)
{
	GString *out = g_string_new("{");
	size_t length = strlen(prefix);

	for (unsigned i = 0; i < form->len; i++) {
		const struct form_pair *pair = form->pdata[i];
		g_autofree char *name = NULL;

		if (strncmp(pair->name, prefix, length) != 0 || pair->name[length] != '[' ||
			!g_str_has_suffix(pair->name, "]"))
			continue;
		name = g_strndup(pair->name + length + 1, strlen(pair->name) - length - 2);
		g_string_append(out, out->len > 1 ? "," : "");
		json_append_quoted(out, name);
		g_string_append_c(out, ':');
		json_append_quoted(out, pair->value);
	}
	g_string_append_c(out, '}');
	return g_string_free(out, FALSE);
}
