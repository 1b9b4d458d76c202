/*
 * Parses JSON from untrusted input, and writes the few pieces of JSON text that C builds itself.
 *
 * json_check.c decides whether the text is accepted; then cJSON builds the tree. Values and texts
 * belong to the tree that json_parse() returned and live as long as it does.
 */
#ifndef SHOETOPIA_BASE_JSON_H
#define SHOETOPIA_BASE_JSON_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { JSON_DEPTH_MAX = 32 };

struct json; /* one value: object, array, string, number, boolean or null */

enum json_kind {
	JSON_KIND_NULL,
	JSON_KIND_BOOL,
	JSON_KIND_NUMBER,
	JSON_KIND_TEXT,
	JSON_KIND_ARRAY,
	JSON_KIND_OBJECT
};

/*
 * JSON_BROKEN is not JSON. JSON_REFUSED has a name twice in one object, a NUL, text that is not
 * UTF-8, more than JSON_DEPTH_MAX levels, or a number out of range.
 */
enum json_fault { JSON_OK, JSON_BROKEN, JSON_REFUSED };

/*
 * Parses all of `text`. On a fault returns NULL, and in `why` a sentence (static) about the first
 * fault in the text.
 */
struct json *json_parse(const char *text, size_t length, enum json_fault *fault, const char **why);

/* Frees a tree; NULL is fine. */
void json_free(struct json *root);

/* A tree that is freed at the end of its scope: `JSON_AUTO struct json *root = ...`. */
static inline void
json_free_at(struct json **root)
{
	json_free(*root);
}
#define JSON_AUTO __attribute__((cleanup(json_free_at)))

enum json_kind json_kind(const struct json *value);

/* The member of an object by its exact name; NULL if there is none or `value` is no object. */
const struct json *json_get(const struct json *value, const char *name);

/*
 * The members of an object in order, as `for (void *it = json_first(o); it; it = json_next(o,
 * it))`.
 */
void *json_first(const struct json *object);
void *json_next(const struct json *object, void *it);
const char *json_name(void *it);
const struct json *json_value(void *it);

/* The number of elements, in linear time; 0 if it is not an array. */
size_t json_count(const struct json *array);

/*
 * The elements of an array in order; none if it is not an array: `for (const struct json *e =
 * json_first_element(a); e != NULL; e = json_next_element(e))`. An array is a linked list: there is
 * no access by index.
 */
const struct json *json_first_element(const struct json *array);
const struct json *json_next_element(const struct json *element);

/* Whether one of the elements of an array is this string; false if it is not an array. */
bool json_has_text(const struct json *array, const char *text);

/* The text of a string; NULL if it is not a string. */
const char *json_text(const struct json *value);

/* true for the boolean true. */
bool json_bool(const struct json *value);

/*
 * Whether `value` is a number without fraction from -2^53 to 2^53; stores it. 1.0 and 1e3 are such
 * numbers.
 */
bool json_int64(const struct json *value, int64_t *out);

/* The value of a number; 0 if it is not a number. */
double json_number(const struct json *value);

/*
 * A scalar as plain text: a string without quotes, 9.5, true, an empty text for null. Free it with
 * g_free(). NULL for objects and arrays.
 */
char *json_plain(const struct json *value);

/*
 * A value as JSON text, as compact as it can be. Integers stay integers, real numbers real numbers
 * (1000.0). Free it with g_free().
 */
char *json_dump(const struct json *value);

/*
 * The digits of the first member `name` with a positive integer, found in JSON text without
 * parsing it; free it with g_free(). NULL if there is none. The content of a string cannot be taken
 * for a member: its quotes are escaped.
 */
char *json_scan_number(const char *text, const char *name);

/* Appends `text` (UTF-8) as a JSON string with its quotes. */
void json_append_quoted(GString *out, const char *text);

/* `text` as a JSON string with its quotes; free it with g_free(). */
char *json_quote(const char *text);

/*
 * A copy of the object text `object` (NULL: an empty one) with a string member added at its end;
 * free it with g_free().
 */
char *json_object_with(const char *object, const char *name, const char *text);

#endif
