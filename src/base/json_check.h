/*
 * A strict check of JSON text, made before cJSON builds a tree from it: cJSON by itself accepts
 * text that RFC 8259 forbids (01, 1., raw control characters, other white space) and text that an
 * API must refuse (duplicate names, \u0000, invalid UTF-8, 1e999, text after the value).
 *
 * One pass without recursion. Time is linear in the length of the text; an object with n names
 * adds O(n log n).
 */
#ifndef SHOETOPIA_BASE_JSON_CHECK_H
#define SHOETOPIA_BASE_JSON_CHECK_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/json_lexer.h"

struct json_report {
	enum json_why why; /* set with a fault */
	GArray *numbers;   /* struct json_number; NULL if there are none */
};

/*
 * Whether `text` is JSON that may be accepted. Otherwise the first fault in the order of the text
 * is reported; that it is nested deeper than `depth_max` only if there is no other. Free
 * `report->numbers` with g_array_unref() in both cases.
 */
bool json_check(const char *text, size_t length, size_t depth_max, struct json_report *report);

#endif
