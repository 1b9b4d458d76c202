/* HTML forms, made from the fields of routes. */
#ifndef SHOETOPIA_HTTP_FORM_H
#define SHOETOPIA_HTTP_FORM_H

#include "http/view.h"

/*
 * Appends the form of one route, sent to `path` (below /api). `row`: its values come from this row
 * of a table, and it is laid out to stand there; NULL: a form of the whole page.
 */
void form_write(
	struct view *v, const struct route *route, const char *path, const struct json *row);

/* Appends the form that filters the page's own list, if the route has fields for it. */
void form_write_filter(struct view *v, const struct route *route);

/*
 * Whether the form that answers a refused request has an input for this field, so that an error
 * of the field is shown there.
 */
bool form_has_input(const struct request *req, const char *name);

#endif
