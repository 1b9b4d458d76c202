#include "checked.h"

#include <string.h>

#include "http/input.h"
#include "http/pairs.h"
#include "unit.h"

struct request *
checked_new(const struct route *route, const char *query)
{
	struct request *req = g_new0(struct request, 1);

	req->route = route;
	req->method = route->method;
	req->path = route->path;
	req->query = query;
	req->pairs = pairs_new();
	req->field_errors = g_array_new(FALSE, TRUE, sizeof(struct field_error));
	return req;
}

void
checked_free(struct request *req)
{
	pairs_free(req->pairs);
	for (guint i = 0; i < req->field_errors->len; i++) {
		g_free(g_array_index(req->field_errors, struct field_error, i).field);
		g_free(g_array_index(req->field_errors, struct field_error, i).message);
	}
	g_array_free(req->field_errors, TRUE);
	for (size_t i = 0; i < FIELDS_MAX; i++)
		value_clear(&req->values[i]);
	g_free(req);
}

struct request *
from_json(const struct route *route, const char *body)
{
	struct request *req = checked_new(route, "");
	const char *detail = NULL;

	assert_int_equal(input_check(req, body, strlen(body), &detail), ERR_NONE);
	return req;
}

struct request *
from_form(const struct route *route, const char *body)
{
	struct request *req = checked_new(route, "");
	const char *detail = NULL;

	req->form = true;
	assert_true(pairs_decode(body, strlen(body), req->pairs));
	assert_int_equal(input_check(req, body, strlen(body), &detail), ERR_NONE);
	return req;
}

struct request *
from_query(const struct route *route, const char *query)
{
	struct request *req = checked_new(route, query);
	const char *detail = NULL;

	assert_int_equal(input_check(req, "", 0, &detail), ERR_NONE);
	return req;
}

char *
error_fields(const struct request *req)
{
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < req->field_errors->len; i++)
		g_string_append_printf(out, "%s%s", i > 0 ? " " : "",
			g_array_index(req->field_errors, struct field_error, i).field);
	return g_string_free(out, FALSE);
}
