#include "base/json.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#include "base/text.h"

/* struct json is Jansson's json_t under a name of our own, so that nobody else needs its header. */
static const json_t *
inner(const struct json *value)
{
	return (const json_t *)(const void *)value;
}

static const struct json *
outer(const json_t *value)
{
	return (const struct json *)(const void *)value;
}

/* How deep a value is nested, counted no further than `limit`. */
static int
depth_of(const json_t *value, int limit)
{
	int deepest = 0;
	int below;
	const char *name;
	json_t *member;
	size_t i;

	if (limit == 0)
		return 1;
	if (json_is_object(value)) {
		json_object_foreach((json_t *)(uintptr_t)value, name, member) {
			below = depth_of(member,
				limit - 1); /* not inside of MAX, which would ask twice, and so 2^depth times */
			deepest = MAX(deepest, below);
		}
		return deepest + 1;
	}
	if (json_is_array(value)) {
		json_array_foreach((json_t *)(uintptr_t)value, i, member) {
			below = depth_of(member, limit - 1);
			deepest = MAX(deepest, below);
		}
		return deepest + 1;
	}
	return 0;
}

static const char *
sentence_of(enum json_error_code code)
{
	switch (code) {
	case json_error_duplicate_key:
		return "A member is given twice.";
	case json_error_invalid_utf8:
		return "A text is not valid UTF-8.";
	case json_error_null_character:
	case json_error_null_byte_in_key:
		return "A text holds a NUL character.";
	case json_error_numeric_overflow:
		return "A number is too large.";
	case json_error_stack_overflow:
		return "It is nested too deeply.";
	default:
		return "The body is not valid JSON.";
	}
}

struct json *
json_parse(const char *text, size_t length, enum json_fault *fault, const char **why)
{
	json_error_t error;
	json_t *root = json_loadb(text, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);

	*fault = JSON_OK;
	if (root == NULL) {
		enum json_error_code code = json_error_code(&error);

		*why = sentence_of(code);
		*fault = code == json_error_duplicate_key || code == json_error_invalid_utf8 ||
				code == json_error_null_character ||
				code == json_error_null_byte_in_key ||
				code == json_error_numeric_overflow ||
				code == json_error_stack_overflow
			? JSON_REFUSED
			: JSON_BROKEN;
		return NULL;
	}
	if (depth_of(root, JSON_DEPTH_MAX + 1) > JSON_DEPTH_MAX) {
		*why = sentence_of(json_error_stack_overflow);
		*fault = JSON_REFUSED;
		json_decref(root);
		return NULL;
	}
	return (struct json *)(void *)root;
}

void
json_free(struct json *root)
{
	json_decref((json_t *)(void *)root);
}

enum json_kind
json_kind(const struct json *value)
{
	switch (value == NULL ? JSON_NULL : json_typeof(inner(value))) {
	case JSON_OBJECT:
		return JSON_KIND_OBJECT;
	case JSON_ARRAY:
		return JSON_KIND_ARRAY;
	case JSON_STRING:
		return JSON_KIND_TEXT;
	case JSON_INTEGER:
	case JSON_REAL:
		return JSON_KIND_NUMBER;
	case JSON_TRUE:
	case JSON_FALSE:
		return JSON_KIND_BOOL;
	default:
		return JSON_KIND_NULL;
	}
}

const struct json *
json_get(const struct json *value, const char *name)
{
	return outer(json_object_get(inner(value), name));
}

void *
json_first(const struct json *object)
{
	return json_object_iter((json_t *)(uintptr_t)object);
}

void *
json_next(const struct json *object, void *it)
{
	return json_object_iter_next((json_t *)(uintptr_t)object, it);
}

const char *
json_name(void *it)
{
	return json_object_iter_key(it);
}

const struct json *
json_value(void *it)
{
	return outer(json_object_iter_value(it));
}

size_t
json_count(const struct json *array)
{
	return json_array_size(inner(array));
}

const struct json *
json_at(const struct json *array, size_t i)
{
	return outer(json_array_get(inner(array), i));
}

const char *
json_text(const struct json *value)
{
	return json_string_value(inner(value));
}

bool
json_bool(const struct json *value)
{
	return json_is_true(inner(value));
}

bool
json_int64(const struct json *value, int64_t *out)
{
	const int64_t limit = INT64_C(1) << 53;
	double real;
	int64_t whole;

	if (json_is_integer(inner(value))) {
		whole = json_integer_value(inner(value));
	} else if (json_is_real(inner(value))) {
		real = json_real_value(inner(value));
		if (trunc(real) != real || fabs(real) > (double)limit)
			return false;
		whole = (int64_t)real;
	} else {
		return false;
	}
	if (whole > limit || whole < -limit)
		return false;
	*out = whole;
	return true;
}

double
json_number(const struct json *value)
{
	return json_number_value(inner(value));
}

char *
json_plain(const struct json *value)
{
	int64_t whole;
	char number[G_ASCII_DTOSTR_BUF_SIZE];

	switch (json_kind(value)) {
	case JSON_KIND_TEXT:
		return g_strdup(json_text(value));
	case JSON_KIND_NUMBER:
		if (json_int64(value, &whole)) {
			g_snprintf(number, sizeof number, "%" G_GINT64_FORMAT, whole);
			return g_strdup(number);
		}
		return g_strdup(
			g_ascii_formatd(number, sizeof number, "%.15g", json_number(value)));
	case JSON_KIND_BOOL:
		return g_strdup(json_bool(value) ? "true" : "false");
	case JSON_KIND_NULL:
		return g_strdup("");
	default:
		return NULL;
	}
}

char *
json_dump(const struct json *value)
{
	return json_dumps(inner(value), JSON_COMPACT | JSON_ENCODE_ANY);
}

char *
json_scan_number(const char *text, const char *name)
{
	size_t length = strlen(name);

	for (const char *p = strstr(text, name); p != NULL; p = strstr(p + length, name)) {
		const char *value = p + length;
		size_t digits;

		if (p == text || p[-1] != '"' || *value++ != '"')
			continue;
		value += strspn(value, " ");
		if (*value++ != ':')
			continue;
		value += strspn(value, " ");
		digits = strspn(value, "0123456789");
		if (digits > 0)
			return g_strndup(value, digits);
	}
	return NULL;
}

/* What cannot stand in a JSON string as it is, and DEL, which nobody wants to see raw. */
static const bool escaped[256] = {
	true,
	true,
	true,
	true,
	true,
	true,
	true,
	true,
	true,
	true,
	true,
	true,
	true,
	true,
	true,
	true, /* NUL, the end, to 0x0f */
	true,
	true,
	true,
	true,
	true,
	true,
	true,
	true,
	true,
	true,
	true,
	true,
	true,
	true,
	true,
	true, /* 0x10 to 0x1f */
	['"'] = true,
	['\\'] = true,
	[0x7f] = true,
};

void
json_append_quoted(GString *out, const char *text)
{
	g_string_append_c(out, '"');
	while (*text != '\0') {
		size_t plain = 0;

		while (!escaped[(unsigned char)text[plain]])
			plain++;
		text_add_bytes(out, text, plain);
		text += plain;
		if (*text == '"' || *text == '\\') {
			g_string_append_c(out, '\\');
			g_string_append_c(out, *text++);
		} else if (*text != '\0') {
			g_string_append_printf(out, "\\u%04x", (unsigned char)*text++);
		}
	}
	g_string_append_c(out, '"');
}

char *
json_quote(const char *text)
{
	GString *out = g_string_sized_new(strlen(text) + sizeof "\"\"");

	json_append_quoted(out, text);
	return g_string_free(out, FALSE);
}

char *
json_object_with(const char *object, const char *name, const char *text)
{
	const char *end = object == NULL ? NULL : strrchr(object, '}');
	GString *out = g_string_new(NULL);

	if (end == NULL)
		g_string_append_c(out, '{');
	else
		g_string_append_len(out, object, end - object);
	if (strpbrk(out->str, "\"") != NULL)
		g_string_append_c(out, ',');
	json_append_quoted(out, name);
	g_string_append_c(out, ':');
	json_append_quoted(out, text);
	g_string_append_c(out, '}');
	return g_string_free(out, FALSE);
}
