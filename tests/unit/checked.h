/* Requests as far as the gate has them when their input is checked: a route, and what came for its fields. For the tests of input.c. */
#ifndef SHOETOPIA_TEST_CHECKED_H
#define SHOETOPIA_TEST_CHECKED_H

#include "http/request.h"

/* A request of this route without input; free it with checked_free(). */
struct request *checked_new(const struct route *route, const char *query);

void checked_free(struct request *req);

/* Requests that brought this body or query, checked; the test fails where that could not be read at all. */
struct request *from_json(const struct route *route, const char *body);
struct request *from_form(const struct route *route, const char *body);
struct request *from_query(const struct route *route, const char *query);

/* The fields that were complained of, in order, with blanks between; free with g_free(). */
char *complained(const struct request *req);

#define assert_field_errors(req, wanted)                                                           \
	do {                                                                                       \
		g_autofree char *fields_ = complained(req);                                        \
		assert_string_equal(fields_, wanted);                                              \
	} while (0)

#endif
