/* The table of routes as a whole: whether it is sound, and as a list. */
#ifndef SHOETOPIA_HTTP_ROUTE_TABLE_H
#define SHOETOPIA_HTTP_ROUTE_TABLE_H

#include "http/http.h"

/* The first fault in the table as a sentence, to be freed with g_free(); NULL if it is sound. */
char *site_fault(const struct site *site);

/* One route a line: method, path, who may, name. Free with g_free(). */
char *site_routes(const struct site *site);

#endif
