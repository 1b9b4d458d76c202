/* The values of fields from the pairs of a form or a query. */
#ifndef SHOETOPIA_HTTP_INPUT_FORM_H
#define SHOETOPIA_HTTP_INPUT_FORM_H

#include "http/request.h"

/*
 * Reads one field. Returns NULL and fills `out`, or leaves it as it was if the field was left out;
 * else returns the sentence that says what is wrong. Errors within items are added to the request.
 */
const char *input_form_read(struct request *req, const struct field *field, struct value *out);

/* The name under which a field was sent, for its error; its own if it was not sent. */
const char *input_form_name(const struct request *req, const struct field *field);

/* Adds an error for each pair whose name the route does not have; none at the root of the site. */
void input_form_check_names(struct request *req);

/* Whether the field was given; an empty text was not. */
bool input_form_has(const struct request *req, const char *name);

#endif
