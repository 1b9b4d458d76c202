/* The tables of the site as text, for other programs and for people; and the check that they are sound. */
#ifndef SHOETOPIA_HTTP_OPENAPI_H
#define SHOETOPIA_HTTP_OPENAPI_H

#include "http/http.h"

/* The first fault in the tables as a sentence, to be freed with g_free(); NULL if they are sound. */
char *site_fault(const struct site *site);

/* One route a line: method, path, who may, name. Free with g_free(). */
char *site_routes(const struct site *site);

/* The tables as an OpenAPI 3.1 document (JSON). Free with g_free(). */
char *site_openapi(const struct site *site);

#endif
