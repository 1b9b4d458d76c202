/* Checks what a request brought (query, form or JSON body) against the fields of its route. */
#ifndef SHOETOPIA_HTTP_INPUT_H
#define SHOETOPIA_HTTP_INPUT_H

#include "http/request.h"

/*
 * Fills the request's values and field_errors. The pairs of a form must have been decoded already;
 * a query or a JSON body is decoded here. ERR_NONE even if there are field_errors; otherwise the
 * input could not be read as a whole, and `detail` (static) says why.
 */
enum err input_check(struct request *req, const char *body, size_t length, const char **detail);

/* The digest of the route, its ids and all checked values: what an idempotency key stands for. */
void input_digest(const struct request *req, char out[static DIGEST_SIZE]);

#endif
