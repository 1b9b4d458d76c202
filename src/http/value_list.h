/*
 * Builds the value of a list: an array literal for PostgreSQL and a JSON array. A list of items
 * (objects) is JSON for PostgreSQL too.
 */
#ifndef SHOETOPIA_HTTP_VALUE_LIST_H
#define SHOETOPIA_HTTP_VALUE_LIST_H

#include <stdbool.h>

#include "http/field.h"

struct value_list {
	GString *text; /* NULL for items */
	GString *json;
	unsigned n;
};

/* An empty list; end it with value_list_end(), or drop it with value_list_clear(). */
struct value_list value_list_begin(const struct field *field);

/* Adds an element; takes what `value` holds. */
void value_list_add(struct value_list *list, struct value *value);

/* An item: begin, add its members, end. */
void value_list_item_begin(struct value_list *list);
void value_list_item_add(struct value_list *list, const char *name, const struct value *value);
void value_list_item_end(struct value_list *list);

/*
 * Ends the list and frees it. Returns NULL and fills `out`, or returns the sentence that says what
 * is wrong with its length and leaves `out` as it was.
 */
const char *value_list_end(struct value_list *list, const struct field *field, struct value *out);

void value_list_clear(struct value_list *list);

/* The sentence that says what is wrong with a list of `n` elements; NULL: nothing. */
const char *value_list_check_length(const struct field *field, unsigned n);

#endif
