#include "base/json.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <string.h>

#include "base/json_check.h"
#include "base/text.h"

/* struct json is a cJSON; only this file includes its header. */
static const cJSON *
inner(const struct json *value)
{
	return (const cJSON *)(const void *)value;
}

static const struct json *
outer(const cJSON *value)
{
	return (const struct json *)(const void *)value;
}

/* ---- parsing ---- */

/* Where numbers_attach() is among the numbers of the text. */
struct number_cursor {
	const char *text;
	const struct json_number *next, *end;
	size_t index; /* of the number that comes next in the tree */
};

static bool
is_integer_text(const char *text)
{
	return strpbrk(text, ".eE") == NULL;
}

/*
 * Gives the numbers that json_check() listed their text, as `valuestring`, which cJSON leaves NULL
 * for numbers and frees with the tree, and their value. Recursion ends at JSON_DEPTH_MAX.
 */
static void
numbers_attach(cJSON *value, struct number_cursor *cursor)
{
	cJSON *child;

	if (cJSON_IsNumber(value) && cursor->index++ == cursor->next->index) {
		char *text = g_strndup(cursor->text + cursor->next->start, cursor->next->length);

		value->valuestring = text;
		value->valuedouble = is_integer_text(text) ? (double)g_ascii_strtoll(text, NULL, 10)
							   : g_ascii_strtod(text, NULL);
		cursor->next++;
	}
	cJSON_ArrayForEach(child, value)
	{
		if (cursor->next == cursor->end)
			return;
		numbers_attach(child, cursor);
	}
}

/*
 * Parses text with such numbers. cJSON cuts a number after 63 characters, so it gets 0 in their
 * place.
 */
static cJSON *
parse_numbers(const char *text, size_t length, const GArray *numbers)
{
	const struct json_number *first = (const struct json_number *)(const void *)numbers->data;
	struct number_cursor cursor = { text, first, first + numbers->len, 0 };
	g_autofree char *copy = g_memdup2(text, length);
	cJSON *root;

	for (const struct json_number *number = first; number < cursor.end; number++) {
		memset(copy + number->start, ' ', number->length);
		copy[number->start] = '0';
	}
	root = cJSON_ParseWithLengthOpts(copy, length, NULL, false);
	if (root != NULL)
		numbers_attach(root, &cursor);
	return root;
}

static const char *
sentence_of(enum json_why why)
{
	switch (why) {
	case JSON_WHY_NOT_UTF8:
		return "A text is not valid UTF-8.";
	case JSON_WHY_NUL:
		return "A text holds a NUL character.";
	case JSON_WHY_TOO_LARGE:
		return "A number is too large.";
	case JSON_WHY_TOO_DEEP:
		return "It is nested too deeply.";
	case JSON_WHY_DUPLICATE:
		return "A member is given twice.";
	default:
		return "The body is not valid JSON.";
	}
}

struct json *
json_parse(const char *text, size_t length, enum json_fault *fault, const char **why)
{
	struct json_report report;
	cJSON *root = NULL;

	if (json_check(text, length, JSON_DEPTH_MAX, &report)) {
		root = report.numbers == NULL ? cJSON_ParseWithLengthOpts(text, length, NULL, false)
					      : parse_numbers(text, length, report.numbers);
		report.why = JSON_WHY_BROKEN; /* if cJSON is out of memory */
	}
	*fault = root != NULL                   ? JSON_OK
		: report.why == JSON_WHY_BROKEN ? JSON_BROKEN
						: JSON_REFUSED;
	if (root == NULL)
		*why = sentence_of(report.why);
	if (report.numbers != NULL)
		g_array_unref(report.numbers);
	return (struct json *)(void *)root;
}

void
json_free(struct json *root)
{
	cJSON_Delete((cJSON *)(void *)root);
}

/* ---- reading ---- */

enum json_kind
json_kind(const struct json *value)
{
	const cJSON *v = inner(value);

	if (cJSON_IsObject(v))
		return JSON_KIND_OBJECT;
	if (cJSON_IsArray(v))
		return JSON_KIND_ARRAY;
	if (cJSON_IsString(v))
		return JSON_KIND_TEXT;
	if (cJSON_IsNumber(v))
		return JSON_KIND_NUMBER;
	return cJSON_IsBool(v) ? JSON_KIND_BOOL : JSON_KIND_NULL;
}

const struct json *
json_get(const struct json *value, const char *name)
{
	if (!cJSON_IsObject(inner(value)))
		return NULL;
	return outer(cJSON_GetObjectItemCaseSensitive(inner(value), name));
}

void *
json_first(const struct json *object)
{
	return cJSON_IsObject(inner(object)) ? inner(object)->child : NULL;
}

void *
json_next(const struct json *object, void *it)
{
	(void)object;
	return ((cJSON *)it)->next;
}

const char *
json_name(void *it)
{
	return ((cJSON *)it)->string;
}

const struct json *
json_value(void *it)
{
	return outer(it);
}

size_t
json_count(const struct json *array)
{
	size_t count = 0;

	for (const struct json *e = json_first_element(array); e != NULL; e = json_next_element(e))
		count++;
	return count;
}

const struct json *
json_first_element(const struct json *array)
{
	return cJSON_IsArray(inner(array)) ? outer(inner(array)->child) : NULL;
}

const struct json *
json_next_element(const struct json *element)
{
	return outer(inner(element)->next);
}

bool
json_has_text(const struct json *array, const char *text)
{
	for (const struct json *e = json_first_element(array); e != NULL; e = json_next_element(e))
		if (g_strcmp0(json_text(e), text) == 0)
			return true;
	return false;
}

const char *
json_text(const struct json *value)
{
	return cJSON_GetStringValue(inner(value));
}

bool
json_bool(const struct json *value)
{
	return cJSON_IsTrue(inner(value));
}

/* Whether a number was written without fraction and exponent; stores it. */
static bool
is_integer(const cJSON *number, int64_t *out)
{
	const char *text = number->valuestring;

	if (text == NULL ? trunc(number->valuedouble) != number->valuedouble
			 : !is_integer_text(text))
		return false;
	*out = text == NULL ? (int64_t)number->valuedouble : g_ascii_strtoll(text, NULL, 10);
	return true;
}

bool
json_int64(const struct json *value, int64_t *out)
{
	const int64_t limit = INT64_C(1) << 53;
	const cJSON *v = inner(value);
	int64_t integer;

	if (!cJSON_IsNumber(v))
		return false;
	if (!is_integer(v, &integer)) {
		if (trunc(v->valuedouble) != v->valuedouble || fabs(v->valuedouble) > (double)limit)
			return false;
		integer = (int64_t)v->valuedouble;
	}
	if (integer > limit || integer < -limit)
		return false;
	*out = integer;
	return true;
}

double
json_number(const struct json *value)
{
	return cJSON_IsNumber(inner(value)) ? inner(value)->valuedouble : 0;
}

char *
json_plain(const struct json *value)
{
	int64_t integer;
	char number[G_ASCII_DTOSTR_BUF_SIZE];

	switch (json_kind(value)) {
	case JSON_KIND_TEXT:
		return g_strdup(json_text(value));
	case JSON_KIND_NUMBER:
		if (is_integer(inner(value), &integer) || json_int64(value, &integer)) {
			g_snprintf(number, sizeof number, "%" G_GINT64_FORMAT, integer);
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

/* ---- writing ---- */

/* Bytes that a JSON string cannot hold as they are, the NUL at the end of a text, and DEL. */
/* clang-format off */
static const bool escaped[256] = {
	true, true, true, true, true, true, true, true,
	true, true, true, true, true, true, true, true, /* to 0x0f */
	true, true, true, true, true, true, true, true,
	true, true, true, true, true, true, true, true, /* to 0x1f */
	['"'] = true, ['\\'] = true, [0x7f] = true,
};
/* clang-format on */

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

/*
 * A real number with 17 digits, which give the same double again, and so that it stays a real
 * number: 1000.0, 1e300.
 */
static void
append_real(GString *out, double number)
{
	char digits[G_ASCII_DTOSTR_BUF_SIZE];
	char *e;

	g_ascii_formatd(digits, sizeof digits, "%.17g", number);
	e = strchr(digits, 'e');
	if (e == NULL) {
		g_string_append(out, digits);
		if (strchr(digits, '.') == NULL)
			g_string_append(out, ".0");
		return;
	}
	g_string_append_len(out, digits, e + 1 - digits);
	if (e[1] == '-')
		g_string_append_c(out, '-');
	g_string_append(out, e + 2 + strspn(e + 2, "0")); /* 1e+09: 1e9 */
}

static void
append_value(GString *out, const cJSON *value)
{
	bool is_object = cJSON_IsObject(value);
	const cJSON *child;
	int64_t integer;

	if (cJSON_IsString(value)) {
		json_append_quoted(out, value->valuestring);
	} else if (cJSON_IsNumber(value) && is_integer(value, &integer)) {
		g_string_append_printf(out, "%" G_GINT64_FORMAT, integer);
	} else if (cJSON_IsNumber(value)) {
		append_real(out, value->valuedouble);
	} else if (is_object || cJSON_IsArray(value)) {
		g_string_append_c(out, is_object ? '{' : '[');
		cJSON_ArrayForEach(child, value)
		{
			if (child != value->child)
				g_string_append_c(out, ',');
			if (is_object) {
				json_append_quoted(out, child->string);
				g_string_append_c(out, ':');
			}
			append_value(out, child);
		}
		g_string_append_c(out, is_object ? '}' : ']');
	} else {
		g_string_append(out,
			!cJSON_IsBool(value)          ? "null"
				: cJSON_IsTrue(value) ? "true"
						      : "false");
	}
}

char *
json_dump(const struct json *value)
{
	GString *out = g_string_new(NULL);

	append_value(out, inner(value));
	return g_string_free(out, FALSE);
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
