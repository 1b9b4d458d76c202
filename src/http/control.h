/* The form control of a field: the HTML element in which its value is typed or chosen. */
#ifndef SHOETOPIA_HTTP_CONTROL_H
#define SHOETOPIA_HTTP_CONTROL_H

#include <glib.h>

#include "http/http.h"

/*
 * Appends a select, a textarea or an input, by the kind of the field. `value`: what it holds; NULL:
 * nothing, or the default of a select. `attributes`: HTML of further attributes, with a blank
 * before each.
 */
void control_write(
	GString *out, const struct field *field, const char *value, const char *attributes);

#endif
