/* Reads the body of a request. */
#ifndef SHOETOPIA_HTTP_BODY_H
#define SHOETOPIA_HTTP_BODY_H

#include "http/request.h"

/*
 * Reads it to its end in every case: the rest would be parsed as the next request of a kept
 * connection. Stores up to BODY_MAX bytes, or more for a route with raw_body or a file; a long body
 * is read after this thread gave up leadership.
 * ERR_TOO_LARGE; ERR_NOT_JSON for a body that ended early; ERR_BAD_HEADER if the length is not
 * digits alone, or repeated. The path of the request is known.
 */
enum err body_read(struct request *req, GString *body);

#endif
