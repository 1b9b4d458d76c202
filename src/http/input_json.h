/* The values of fields from a JSON body. */
#ifndef SHOETOPIA_HTTP_INPUT_JSON_H
#define SHOETOPIA_HTTP_INPUT_JSON_H

#include "base/json.h"
#include "http/request.h"

/*
 * Reads one field of the body, an object. Returns NULL and fills `out`, or leaves it as it was if
 * the field was left out; else returns the sentence that says what is wrong. Errors within items
 * are added to the request.
 */
const char *input_json_read(
	struct request *req, const struct field *field, const struct json *body, struct value *out);

/* Adds an error for each member of the body that the route does not have. */
void input_json_check_names(struct request *req, const struct json *body);

/* Whether the body has the member; null is the same as left out. */
bool input_json_has(const struct json *body, const char *name);

#endif
