/*
 * The answer of a request as HTML: description lists and tables, links where an id has a page, and
 * forms in rows.
 */
#ifndef SHOETOPIA_HTTP_RESOURCE_H
#define SHOETOPIA_HTTP_RESOURCE_H

#include "http/view.h"

/*
 * What the answer is called by the names that people gave it: "Nike Air Max 9.5". Free with
 * g_free(); NULL: it has none, as a list.
 */
char *resource_name(const struct view *v);

/* Appends links to the pages of the things whose ids the object has, each with a colon after it. */
void resource_links_write(const struct view *v, const struct json *object);

/* Appends the view's answer. */
void resource_write(struct view *v);

#endif
