/* The tables of the site as an OpenAPI document. */
#ifndef SHOETOPIA_HTTP_OPENAPI_H
#define SHOETOPIA_HTTP_OPENAPI_H

#include "http/http.h"

/* An OpenAPI 3.1 document (JSON). Free with g_free(). */
char *site_openapi(const struct site *site);

#endif
