/* A call of the OpenAPI document as a line for a shell. */
#ifndef SHOETOPIA_HTTP_DOCS_CURL_H
#define SHOETOPIA_HTTP_DOCS_CURL_H

#include <glib.h>

struct json;

/*
 * The curl line of an operation: with ids and values that fit its schema, and $TOKEN where a
 * session is needed. `origin` has no quotes. `method` is in lower case as in the document. Free
 * with g_free().
 */
char *docs_curl(
	const char *origin, const char *path, const char *method, const struct json *operation);

/* The line that signs up and keeps the token in $TOKEN. Free with g_free(). */
char *docs_curl_token(const char *origin);

#endif
