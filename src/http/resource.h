/*
 * The answer of a request as HTML: description lists and tables, links where an id has a page, and
 * forms in rows.
 */
#ifndef SHOETOPIA_HTTP_RESOURCE_H
#define SHOETOPIA_HTTP_RESOURCE_H

#include "http/view.h"

/* Appends the view's answer. */
void resource_write(struct view *v);

#endif
