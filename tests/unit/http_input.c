/* A query, a form or a JSON body becomes checked values, with the same errors from each. */
#include <string.h>

#include "checked.h"
#include "http/input.h"
#include "unit.h"

static const char *const colors[] = { "black", "grey", "white", NULL };

static const struct field thing_fields[] = {
	{ "name", FIELD_TEXT, .min = 1, .max = 80 },
	{ "size", FIELD_HALF_STEPS, .min = 1, .max = 20, .optional = true },
	{ "tag", FIELD_TEXT, .min = 1, .max = 80, .optional = true, .repeated = true,
		.at_most = 4 },
	{ "flag", FIELD_BOOL, .optional = true },
	{ 0 },
};

static const struct field change_fields[] = {
	{ "text", FIELD_LINES, .max = 20, .optional = true, .empty_clears = true },
	{ "color", FIELD_CHOICE, .choices = colors, .optional = true, .empty_clears = true },
	{ 0 },
};

static const struct field filter_fields[] = {
	{ "q", FIELD_TEXT, .min = 1, .max = 80, .optional = true },
	{ "color", FIELD_CHOICE, .choices = colors, .optional = true, .repeated = true },
	{ "id", FIELD_INTEGER, .min = 1, .max = 99, .repeated = true, .at_least = 2, .at_most = 4 },
	{ "limit", FIELD_INTEGER, .min = 1, .max = 100, .default_value = "20" },
	{ 0 },
};

static const struct field or_fields[] = {
	{ "email", FIELD_EMAIL, .or_field = "account_id" },
	{ "account_id", FIELD_INTEGER, .min = 1, .max = 99, .optional = true },
	{ 0 },
};

static const struct route friendship = { POST, "/friendships", MEMBER, or_fields, 201 };
static const struct route things = { POST, "/things", MEMBER, thing_fields, 201 };
static const struct route found = { GET, "/found", ANYONE, filter_fields, 200 };
static const struct route change = { PATCH, "/things/{thing_id}", MEMBER, change_fields, 200 };
static const struct route removal = { DELETE, "/things/{thing_id}", MEMBER, NULL, 204 };

static void
test_json_values(void **state)
{
	struct request *req = from_json(&things,
		"{\"tag\":[\"a\",\" b \"],\"name\":\" Zoë \",\"size\":9.50,\"flag\":null}");

	(void)state;
	assert_field_errors(req, "");
	assert_string_equal(req->values[0].text, "Zoë");
	assert_string_equal(req->values[0].json, "\"Zoë\"");
	assert_string_equal(req->values[1].text, "9.5");
	assert_string_equal(req->values[1].json, "9.5");
	assert_string_equal(req->values[2].text, "{\"a\",\"b\"}");
	assert_string_equal(req->values[2].json, "[\"a\",\"b\"]");
	assert_null(req->values[3].text); /* null is left out */
	checked_free(req);
}

static void
test_json_errors(void **state)
{
	static const struct {
		const char *body, *fields;
	} table[] = {
		{ "", "name" }, /* an empty body is {} */
		{ "{}", "name" },
		{ "{\"name\":null}", "name" },
		{ "{\"name\":\"a\",\"role\":\"admin\"}", "role" },
		{ "{\"Name\":\"a\"}", "Name name" },
		{ "{\"name\":\"a\",\"_method\":\"DELETE\"}", "_method" },
		{ "{\"name\":\"a\",\"idempotency_key\":\"12345678\"}", "idempotency_key" },
		{ "{\"name\":1,\"size\":9.25,\"flag\":\"true\"}", "name size flag" },
		{ "{\"name\":\"a\",\"tag\":\"x\"}", "tag" },
		{ "{\"name\":\"a\",\"tag\":[1]}", "tag" },
		{ "{\"name\":\"a\",\"tag\":[[\"x\"]]}", "tag" },
		{ "{\"name\":\"a\",\"tag\":[\"1\",\"2\",\"3\",\"4\",\"5\"]}", "tag" },
		{ "{\"name\":\"a\",\"tag\":{}}", "tag" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		struct request *req = from_json(&things, table[i].body);

		assert_field_errors(req, table[i].fields);
		checked_free(req);
	}
}

static void
test_form_errors(void **state)
{
	static const struct {
		const char *body, *fields;
	} table[] = {
		{ "", "name" },
		{ "name=", "name" },
		{ "name=a", "" },
		{ "name=a&size=", "" }, /* an input left empty */
		{ "name=a&name=b", "name" },
		{ "name=a&tag=x&tag=&tag=y", "" },
		{ "name=a&size=9.25&flag=maybe", "size flag" },
		{ "name=a&role=admin", "role" },
		{ "name=a&_method=PUT&idempotency_key=12345678", "" },
		{ "name=a&tag=1&tag=2&tag=3&tag=4&tag=5", "tag" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		struct request *req = from_form(&things, table[i].body);

		assert_field_errors(req, table[i].fields);
		checked_free(req);
	}
}

/* The empty text takes away: an input left empty, but none that is not there. */
static void
test_empty_clears(void **state)
{
	struct request *req = from_form(&change, "text=&color=");

	(void)state;
	assert_field_errors(req, "");
	for (int i = 0; i < 2; i++) {
		assert_string_equal(req->values[i].text, "");
		assert_string_equal(req->values[i].json, "\"\"");
	}
	checked_free(req);
	req = from_form(&change, "color=grey");
	assert_null(req->values[0].text);
	assert_string_equal(req->values[1].text, "grey");
	checked_free(req);
	req = from_json(&change, "{\"text\":\"\",\"color\":\"\"}");
	assert_field_errors(req, "color");
	assert_string_equal(req->values[0].text, "");
	checked_free(req);
}

/* Either of two fields is enough. */
static void
test_or_field(void **state)
{
	static const struct {
		const char *json, *form, *fields;
	} table[] = {
		{ "{}", "", "email" },
		{ "{\"account_id\":null}", "account_id=", "email" },
		{ "{\"account_id\":7}", "account_id=7&email=", "" },
		{ "{\"email\":\"a@b.c\"}", "email=a%40b.c", "" },
		{ "{\"account_id\":0}", "account_id=0", "account_id" },
		{ "{\"account_id\":7,\"email\":\"x\"}", "account_id=7&email=x", "email" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		struct request *json = from_json(&friendship, table[i].json);
		struct request *form = from_form(&friendship, table[i].form);

		assert_field_errors(json, table[i].fields);
		assert_field_errors(form, table[i].fields);
		checked_free(json);
		checked_free(form);
	}
}

static void
test_broken_bodies(void **state)
{
	static const struct {
		const char *body;
		enum err err;
	} table[] = {
		{ "{", ERR_NOT_JSON },
		{ "name=a", ERR_NOT_JSON },
		{ "{} x", ERR_NOT_JSON },
		{ "[]", ERR_INVALID },
		{ "\"a\"", ERR_INVALID },
		{ "null", ERR_INVALID },
		{ "7", ERR_INVALID },
		{ "{\"name\":\"\\u0000\"}", ERR_INVALID },
		{ "{\"name\":\"\xff\"}", ERR_INVALID },
		{ "{\"name\":\"a\",\"name\":\"a\"}", ERR_INVALID },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		struct request *req = checked_new(&things, "");
		const char *detail = NULL;

		assert_int_equal(input_check(req, table[i].body, strlen(table[i].body), &detail),
			table[i].err);
		assert_non_null(detail);
		checked_free(req);
	}
}

static void
test_query(void **state)
{
	static const struct {
		const char *query, *fields;
	} table[] = {
		{ "id=1&id=2", "" },
		{ "id=1", "id" },
		{ "", "id" },
		{ "id=1&id=2&id=3&id=4&id=5", "id" },
		{ "id=1&id=2&id=x", "id" },
		{ "id=1&id=2&limit=0", "limit" },
		{ "id=1&id=2&limit=101", "limit" },
		{ "id=1&id=2&limit=1&limit=2", "limit" },
		{ "id=1&id=2&limit=", "" },
		{ "id=1&id=2&x=1", "x" },
		{ "id=1&id=2&_method=PUT", "_method" },
		{ "id=1&id=2&idempotency_key=12345678", "idempotency_key" },
		{ "id=1&id=2&color=black&color=Grey", "color" },
	};
	struct request *req = from_query(&found, "id=7&color=white&id=5&color=black&q=a+b");

	(void)state;
	assert_string_equal(req->values[0].text, "a b");
	assert_string_equal(req->values[1].text, "{\"white\",\"black\"}");
	assert_string_equal(req->values[2].text, "{\"7\",\"5\"}"); /* in the order asked */
	assert_string_equal(req->values[2].json, "[7,5]");
	assert_string_equal(req->values[3].text, "20");
	checked_free(req);
	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		req = from_query(&found, table[i].query);
		assert_field_errors(req, table[i].fields);
		checked_free(req);
	}
}

static void
test_query_of_a_write(void **state)
{
	struct request *req = checked_new(&removal, "force=1");
	const char *detail = NULL;

	(void)state;
	assert_int_equal(input_check(req, "", 0, &detail), ERR_NONE);
	assert_field_errors(req, "query");
	checked_free(req);
	req = checked_new(&removal, "%");
	assert_int_equal(input_check(req, "", 0, &detail), ERR_NONE);
	assert_field_errors(req, "query");
	checked_free(req);
	req = checked_new(&found, "id=%ff");
	assert_int_equal(input_check(req, "", 0, &detail), ERR_INVALID);
	checked_free(req);
}

static void
test_errors_are_bounded(void **state)
{
	g_autoptr(GString) body = g_string_new(NULL);
	struct request *req;

	(void)state;
	while (body->len < BODY_MAX - 8)
		g_string_append(body, "a=&");
	req = from_form(&things, body->str);
	assert_true(req->field_errors->len > 0);
	assert_true(req->field_errors->len <= 100);
	checked_free(req);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json_values),
		cmocka_unit_test(test_json_errors),
		cmocka_unit_test(test_form_errors),
		cmocka_unit_test(test_empty_clears),
		cmocka_unit_test(test_or_field),
		cmocka_unit_test(test_broken_bodies),
		cmocka_unit_test(test_query),
		cmocka_unit_test(test_query_of_a_write),
		cmocka_unit_test(test_errors_are_bounded),
	};

	return cmocka_run_group_tests_name("http_input", tests, NULL, NULL);
}
