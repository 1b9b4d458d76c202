/* Requests with a route and input for its fields, as the gate has them when it checks input. */
#ifndef SHOETOPIA_TEST_CHECKED_H
#define SHOETOPIA_TEST_CHECKED_H

#include "http/request.h"

/* A request of this route without input; free it with checked_free(). */
struct request *checked_new(const struct route *route, const char *query);

void checked_free(struct request *req);

/* Requests with this body or query, checked; the test fails if it cannot be read as a whole. */
struct request *from_json(const struct route *route, const char *body);
struct request *from_form(const struct route *route, const char *body);
struct request *from_query(const struct route *route, const char *query);

/* The fields with errors, in order, with blanks between; free with g_free(). */
char *error_fields(const struct request *req);

#define assert_field_errors(req, expected)                                                         \
	do {                                                                                       \
		g_autofree char *fields_ = error_fields(req);                                      \
		assert_string_equal(fields_, expected);                                            \
	} while (0)

#endif
