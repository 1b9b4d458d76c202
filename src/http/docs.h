/*
 * The page of the contract for people: every call of the OpenAPI document with its fields, its
 * answers, and a curl line that works when pasted.
 */
#ifndef SHOETOPIA_HTTP_DOCS_H
#define SHOETOPIA_HTTP_DOCS_H

#include <glib.h>

struct json;

/*
 * Appends the content of the page, without a frame. `document` is what site_openapi() gives;
 * `origin` begins the addresses of the curl lines: "https://shoes.example".
 */
void docs_write(GString *out, const struct json *document, const char *origin);

#endif
