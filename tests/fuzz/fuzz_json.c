/*
 * Any bytes as JSON, read by base/json and by Jansson: both give the same verdict, for the same
 * reason, and the same values. Jansson by itself refuses what our contract refuses, so it is the
 * oracle here; only the limit of depth is ours. What is accepted is written as text that both read
 * as the same again.
 */
#include "fuzz.h"

#include <jansson.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/json.h"

/* ---- the verdict by Jansson ---- */

/* The levels of arrays and objects. Jansson itself ends at 2048. */
static int
depth_of(json_t *value)
{
	const char *name;
	json_t *child;
	size_t i;
	int deepest = 0;

	if (json_is_object(value)) {
		json_object_foreach(value, name, child) {
			int depth = depth_of(child);

			deepest = MAX(deepest, depth);
		}
	} else if (json_is_array(value)) {
		json_array_foreach(value, i, child) {
			int depth = depth_of(child);

			deepest = MAX(deepest, depth);
		}
	} else {
		return 0;
	}
	return deepest + 1;
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
		return NULL;
	}
}

/*
 * The tree by Jansson, or NULL with what the verdict must be. Jansson 2.14 skips a NUL behind a
 * number or a literal: it gets another byte that is allowed nowhere.
 */
static json_t *
oracle_parse(const char *text, size_t size, enum json_fault *fault, const char **why)
{
	g_autofree char *copy = g_malloc(size + 1);
	json_error_t error;
	json_t *root;

	for (size_t i = 0; i < size; i++)
		copy[i] = text[i] == '\0' ? '\x01' : text[i];
	root = json_loadb(copy, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	*why = root == NULL                       ? sentence_of(json_error_code(&error))
		: depth_of(root) > JSON_DEPTH_MAX ? sentence_of(json_error_stack_overflow)
						  : NULL;
	*fault = *why != NULL ? JSON_REFUSED : root == NULL ? JSON_BROKEN : JSON_OK;
	if (*fault == JSON_BROKEN)
		*why = "The body is not valid JSON.";
	if (*fault != JSON_OK) {
		json_decref(root);
		return NULL;
	}
	return root;
}

/* ---- the values ---- */

static void
check_text(const char *text, const json_t *want)
{
	g_autofree char *quoted = json_quote(text);
	enum json_fault fault;
	const char *why;
	JSON_AUTO struct json *back = json_parse(quoted, strlen(quoted), &fault, &why);

	MUST(strcmp(text, json_string_value(want)) == 0, "%s and %s", text,
		json_string_value(want));
	MUST(back != NULL && strcmp(json_text(back), text) == 0, "%s", quoted);
}

static void
check_number(const struct json *value, const json_t *want)
{
	const int64_t limit = INT64_C(1) << 53;
	double real = json_number_value(want), number = json_number(value);
	bool is_integer = json_is_integer(want)
		? json_integer_value(want) <= limit && json_integer_value(want) >= -limit
		: trunc(real) == real && fabs(real) <= (double)limit;
	int64_t integer = 42;
	g_autofree char *text = json_dump(value), *plain = json_plain(value);
	char *want_text = json_dumps(want, JSON_COMPACT | JSON_ENCODE_ANY);

	MUST(memcmp(&real, &number, sizeof real) == 0, "%.17g and %.17g", number, real);
	MUST(json_int64(value, &integer) == is_integer, "%s", want_text);
	MUST(integer == (is_integer ? (int64_t)real : 42), "%s", want_text);
	MUST(strcmp(text, want_text) == 0, "%s and %s", text, want_text);
	MUST(is_integer || g_ascii_strtod(plain, NULL) != 0 || fabs(real) < 1e-300, "%s", plain);
	free(want_text);
}

static void
check_value(const struct json *value, json_t *want)
{
	static const enum json_kind kinds[] = {
		[JSON_OBJECT] = JSON_KIND_OBJECT,
		[JSON_ARRAY] = JSON_KIND_ARRAY,
		[JSON_STRING] = JSON_KIND_TEXT,
		[JSON_INTEGER] = JSON_KIND_NUMBER,
		[JSON_REAL] = JSON_KIND_NUMBER,
		[JSON_TRUE] = JSON_KIND_BOOL,
		[JSON_FALSE] = JSON_KIND_BOOL,
		[JSON_NULL] = JSON_KIND_NULL,
	};
	enum json_kind kind = json_kind(value);
	const struct json *element = json_first_element(value);
	void *member = json_first(value);
	void *want_member = json_object_iter(want);
	g_autofree char *plain = json_plain(value);
	int64_t integer;

	MUST(kind == kinds[json_typeof(want)], "%d and %d", (int)kind, (int)json_typeof(want));
	MUST((plain == NULL) == (kind == JSON_KIND_ARRAY || kind == JSON_KIND_OBJECT), "plain");
	MUST(json_bool(value) == json_is_true(want), "boolean");
	MUST((json_text(value) != NULL) == json_is_string(want), "text");
	MUST(json_count(value) == json_array_size(want), "%zu elements", json_count(value));
	if (kind == JSON_KIND_TEXT)
		check_text(json_text(value), want);
	if (kind == JSON_KIND_NUMBER)
		check_number(value, want);
	else
		MUST(json_number(value) == 0 && !json_int64(value, &integer), "no number");
	for (size_t i = 0; i < json_array_size(want); i++) {
		check_value(element, json_array_get(want, i));
		element = json_next_element(element);
	}
	MUST(element == NULL, "an element too many");
	for (; want_member != NULL; want_member = json_object_iter_next(want, want_member)) {
		MUST(member != NULL, "a member too few");
		MUST(strcmp(json_name(member), json_object_iter_key(want_member)) == 0, "%s and %s",
			json_name(member), json_object_iter_key(want_member));
		MUST(json_get(value, json_name(member)) == json_value(member), "%s",
			json_name(member));
		check_value(json_value(member), json_object_iter_value(want_member));
		member = json_next(value, member);
	}
	MUST(member == NULL, "a member too many");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	enum json_fault fault, want_fault;
	const char *why = NULL, *want_why = NULL;
	JSON_AUTO struct json *root = json_parse(text, size, &fault, &why);
	json_t *want = oracle_parse(text, size, &want_fault, &want_why);
	json_t *again;
	g_autofree char *dump = NULL;

	MUST((root != NULL) == (fault == JSON_OK), "fault %d", (int)fault);
	MUST(fault == want_fault, "fault %d and %d: %s", (int)fault, (int)want_fault, want_why);
	MUST(g_strcmp0(why, want_why) == 0, "%s and %s", why, want_why);
	if (root == NULL)
		return 0;
	check_value(root, want);
	dump = json_dump(root);
	again = json_loads(dump, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
	MUST(again != NULL && json_equal(again, want), "%s", dump);
	json_decref(again);
	json_decref(want);
	return 0;
}
