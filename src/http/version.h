/*
 * Versions of a resource: what If-Match names, and the ETag of an answer.
 *
 * An ETag is the member "version" of the answer in quotes. What a version means, only the market
 * knows.
 */
#ifndef SHOETOPIA_HTTP_VERSION_H
#define SHOETOPIA_HTTP_VERSION_H

#include "http/request.h"

/*
 * Reads If-Match (of a form: the field "version") if the route requires it. ERR_VERSION_MISSING if
 * it is not there, but not if there are field errors: these are reported first.
 */
enum err version_check(struct request *req);

/* The ETag of a success; NULL if it has none. Free with g_free(). */
char *version_tag(const struct request *req, const struct answer *ans);

#endif
