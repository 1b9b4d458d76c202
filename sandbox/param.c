#include "sandbox/param.h"

#include <errno.h>
#include <string.h>

#include "sandbox/form.h"

/* Whether a name has the form of a pattern: '#' is an index, '*' all up to the last bracket. */
static bool
name_matches(const char *pattern, const char *name)
{
	for (; *pattern != '\0'; pattern++) {
		size_t length;

		if (*pattern != '#' && *pattern != '*') {
			if (*pattern != *name++)
				return false;
			continue;
		}
		length = *pattern == '#' ? strspn(name, "0123456789") : strcspn(name, "[]");
		if (length == 0 || (*pattern == '#' && length > 3))
			return false;
		name += length;
	}
	return *name == '\0';
}

static bool
is_integer(const char *text, int64_t *number)
{
	char *end;

	if (!g_ascii_isdigit(text[0]) && !(text[0] == '-' && g_ascii_isdigit(text[1])))
		return false;
	errno = 0;
	*number = g_ascii_strtoll(text, &end, 10);
	return *end == '\0' && errno == 0;
}

static bool
is_word_of(const char *words, const char *text)
{
	g_auto(GStrv) list = g_strsplit(words, " ", 0);

	return g_strv_contains((const char *const *)list, text);
}

static bool
is_url(const char *text)
{
	const char *host = g_str_has_prefix(text, "https://") ? text + 8
		: g_str_has_prefix(text, "http://")           ? text + 7
							      : NULL;

	if (host == NULL || *host == '\0' || *host == '/')
		return false;
	for (; *text != '\0'; text++)
		if ((unsigned char)*text <= ' ' || strchr("<>\"\\^`", *text) != NULL)
			return false;
	return true;
}

static bool
check_integer(const struct param *param, const struct form_pair *pair, struct answer *answer)
{
	int64_t number;

	if (!is_integer(pair->value, &number))
		answer_invalid(answer, "parameter_invalid_integer", pair->name,
			"Invalid integer: %s", pair->value);
	else if (number < param->min)
		answer_invalid(answer, "parameter_invalid_integer", pair->name,
			"This value must be greater than or equal to %" G_GINT64_FORMAT ".",
			param->min);
	else if (number > param->max)
		answer_invalid(answer, "parameter_invalid_integer", pair->name,
			"This value must be less than or equal to %" G_GINT64_FORMAT ".",
			param->max);
	else
		return true;
	return false;
}

static bool
check_length(const struct param *param, const struct form_pair *pair, struct answer *answer)
{
	if (g_utf8_strlen(pair->value, -1) <= param->max)
		return true;
	answer_invalid(answer, NULL, pair->name,
		"Invalid string: %.20s...; must be at most %" G_GINT64_FORMAT " characters",
		pair->value, param->max);
	return false;
}

static bool
check_value(const struct param *param, const struct form_pair *pair, struct answer *answer)
{
	switch (param->kind) {
	case PARAM_INTEGER:
		return check_integer(param, pair, answer);
	case PARAM_TEXT:
		return check_length(param, pair, answer);
	case PARAM_CHOICE:
		if (is_word_of(param->words, pair->value))
			return true;
		answer_invalid(answer, NULL, pair->name, "Invalid %s: must be one of %s",
			pair->name, param->words);
		return false;
	case PARAM_BOOL:
		if (is_word_of("true false", pair->value))
			return true;
		answer_invalid(answer, NULL, pair->name, "Invalid boolean: %s", pair->value);
		return false;
	case PARAM_URL:
		if (is_url(pair->value))
			return check_length(param, pair, answer);
		answer_invalid(answer, "url_invalid", pair->name, "Not a valid URL");
		return false;
	}
	return false;
}

static bool
check_pair(
	const struct param *params, size_t n, const struct form_pair *pair, struct answer *answer)
{
	for (size_t i = 0; i < n; i++) {
		if (!name_matches(params[i].name, pair->name))
			continue;
		if (pair->value[0] != '\0')
			return check_value(&params[i], pair, answer);
		answer_invalid(answer, "parameter_invalid_empty", pair->name,
			"You passed an empty string for '%s'. We assume empty values are an "
			"attempt to unset a "
			"parameter; however '%s' cannot be unset.",
			pair->name, pair->name);
		return false;
	}
	answer_invalid(answer, "parameter_unknown", pair->name, "Received unknown parameter: %s",
		pair->name);
	return false;
}

bool
params_check(const struct param *params, size_t n, const GPtrArray *form, struct answer *answer)
{
	for (unsigned i = 0; i < form->len; i++)
		if (!check_pair(params, n, form->pdata[i], answer))
			return false;
	for (size_t i = 0; i < n; i++)
		if (params[i].is_required && form_get(form, params[i].name) == NULL) {
			answer_invalid(answer, "parameter_missing", params[i].name,
				"Missing required param: %s.", params[i].name);
			return false;
		}
	return true;
}

int64_t
param_integer(const GPtrArray *form, const char *name, int64_t missing)
{
	const char *text = form_get(form, name);

	return text != NULL ? g_ascii_strtoll(text, NULL, 10) : missing;
}
