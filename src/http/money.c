#include "http/money.h"

#include <string.h>

static const char suffix[] = "_cents";

enum { DOLLAR_DIGITS_MAX = 14 }; /* so that the cents fit into 53 bits */

char *
money_dollars_name(const struct field *field)
{
	return g_strndup(field->name, strlen(field->name) - strlen(suffix));
}

bool
money_is_named(const struct field *field, const char *name)
{
	size_t length = strlen(name);

	if (strcmp(field->name, name) == 0)
		return true;
	return field->kind == FIELD_MONEY && strncmp(field->name, name, length) == 0 &&
		strcmp(field->name + length, suffix) == 0;
}

bool
money_parse(const char *text, int64_t *cents)
{
	g_autofree char *clean = g_strstrip(g_strdup(text));
	const char *p = *clean == '$' ? clean + 1 : clean;
	size_t digits = strspn(p, "0123456789");
	int64_t sum = 0;

	if (digits == 0 || digits > DOLLAR_DIGITS_MAX)
		return false;
	for (size_t i = 0; i < digits; i++)
		sum = sum * 10 + (p[i] - '0');
	p += digits;
	sum *= 100;
	if (*p == '.') {
		if (!g_ascii_isdigit(p[1]))
			return false;
		sum += (p[1] - '0') * 10;
		if (g_ascii_isdigit(p[2]))
			sum += p[2] - '0';
		p += g_ascii_isdigit(p[2]) ? 3 : 2;
	}
	if (*p != '\0')
		return false;
	*cents = sum;
	return true;
}

char *
money_text(int64_t cents)
{
	uint64_t size = cents < 0 ? -(uint64_t)cents : (uint64_t)cents;

	return g_strdup_printf("%s%" G_GUINT64_FORMAT ".%02u", cents < 0 ? "-" : "", size / 100,
		(unsigned)(size % 100));
}

char *
money_words(int64_t cents)
{
	g_autofree char *text = money_text(cents);
	size_t digits = strcspn(text, ".");
	GString *out = g_string_new("$");

	for (size_t i = 0; i < digits; i++) {
		if (i > 0 && (digits - i) % 3 == 0)
			g_string_append_c(out, ',');
		g_string_append_c(out, text[i]);
	}
	g_string_append(out, text + digits);
	return g_string_free(out, FALSE);
}
