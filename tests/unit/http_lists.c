/*
 * Lists in requests: items in forms and in JSON, and array literals for PostgreSQL. And the digest
 * that tells whether an idempotency key comes again with the same request.
 */
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "checked.h"
#include "http/input.h"
#include "unit.h"

static const char *const colors[] = { "black", "grey", "white", NULL };

static const struct field item_fields[] = {
	{ "listing_id", FIELD_INTEGER, .min = 1, .max = 1000 },
	{ "quantity", FIELD_INTEGER, .min = 1, .max = 100 },
	{ 0 },
};

static const struct field order_fields[] = {
	{ "items", FIELD_ITEMS, .of = item_fields, .optional = true, .at_least = 1, .at_most = 3 },
	{ "delivery", FIELD_CHOICE, .choices = colors, .default_value = "black" },
	{ 0 },
};

static const struct field thing_fields[] = {
	{ "name", FIELD_TEXT, .min = 1, .max = 80 },
	{ "size", FIELD_HALF_STEPS, .min = 1, .max = 20, .optional = true },
	{ "tag", FIELD_TEXT, .min = 1, .max = 80, .optional = true, .repeated = true,
		.at_most = 4 },
	{ "flag", FIELD_BOOL, .optional = true },
	{ 0 },
};

static const struct route things = { POST, "/things", MEMBER, thing_fields, 201 };
static const struct route orders = { POST, "/orders", MEMBER, order_fields, 201 };

/* ---- items ---- */

static void
test_items(void **state)
{
	static const char items[] =
		"[{\"listing_id\":7,\"quantity\":2},{\"listing_id\":5,\"quantity\":1}]";
	struct request *json = from_json(&orders,
		"{\"items\":[{\"quantity\":2,\"listing_id\":7},{\"listing_id\":5,"
		"\"quantity\":1.0}]}");
	struct request *form =
		from_form(&orders, "listing_id=7&listing_id=5&quantity=2&quantity=1");
	struct request *none = from_form(&orders, "delivery=grey");

	(void)state;
	assert_field_errors(json, "");
	assert_field_errors(form, "");
	assert_string_equal(json->values[0].text, items);
	assert_string_equal(json->values[0].json, items);
	assert_string_equal(form->values[0].text, items);
	assert_string_equal(form->values[1].text, "black");
	assert_null(none->values[0].text);
	checked_free(json);
	checked_free(form);
	checked_free(none);
}

static void
test_wrong_items(void **state)
{
	static const struct {
		const char *body, *fields;
	} jsons[] = {
		{ "{\"items\":[]}", "items" },
		{ "{\"items\":{}}", "items" },
		{ "{\"items\":7}", "items" },
		{ "{\"items\":[7]}", "items[0]" },
		{ "{\"items\":[null]}", "items[0]" },
		{ "{\"items\":[{}]}", "items[0].listing_id items[0].quantity" },
		{ "{\"items\":[{\"listing_id\":1,\"quantity\":1,"
		"\"price_cents\":1}]}", "items[0].price_cents" },
		{ "{\"items\":[{\"listing_id\":1,\"quantity\":1},{\"listing_id\":1,"
		"\"quantity\":0}]}", "items[1].quantity" },
		{ "{\"items\":[{\"listing_id\":\"1\",\"quantity\":1}]}", "items[0].listing_id" },
		{ "{\"items\":[{\"listing_id\":1,\"quantity\":null}]}", "items[0].quantity" },
		{ "{\"items\":[{\"listing_id\":1,\"quantity\":1},{\"listing_id\":1,"
		"\"quantity\":1},{\"listing_id\":1,\"quantity\":1},{\"listing_id\":1,"
		  "\"quantity\":1}]}", "items" },
		{ "{\"listing_id\":1,\"quantity\":1}", "listing_id quantity" },
	}, forms[] = {
		{ "listing_id=1", "quantity" },
		{ "quantity=1", "quantity" },
		{ "listing_id=1&quantity=1&quantity=2", "quantity" },
		{ "listing_id=x&quantity=0", "listing_id quantity" },
		{ "listing_id=&quantity=1", "listing_id" },
		{ "listing_id=1&quantity=1&listing_id=1&quantity=1&listing_id=1&quantity=1&"
		"listing_id=1&quantity=1", "items" },
		{ "items=1", "items" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(jsons); i++) {
		struct request *req = from_json(&orders, jsons[i].body);

		assert_field_errors(req, jsons[i].fields);
		checked_free(req);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(forms); i++) {
		struct request *req = from_form(&orders, forms[i].body);

		assert_field_errors(req, forms[i].fields);
		checked_free(req);
	}
}

/* ---- array literals ---- */

/* The elements of an array literal of one dimension, read as array_in() of PostgreSQL does. */
static GPtrArray *
array_in(const char *literal)
{
	GPtrArray *elements = g_ptr_array_new_with_free_func(g_free);
	const char *p = literal;

	assert_int_equal(*p++, '{');
	while (*p != '}') {
		GString *element = g_string_new(NULL);

		assert_int_equal(*p++, '"');
		while (*p != '"') {
			assert_int_not_equal(*p, '\0');
			p += *p == '\\';
			g_string_append_c(element, *p++);
		}
		p++;
		g_ptr_array_add(elements, g_string_free(element, FALSE));
		assert_true(*p == ',' || *p == '}');
		p += *p == ',';
	}
	assert_int_equal(p[1], '\0');
	return elements;
}

static void
test_array_literals(void **state)
{
	static const char *const tags[] = { "a\"b", "\\", "{x,y}", "NULL", "a,b", "\\\"}", "'",
		"\\\\\"", "ü{" };

	(void)state;
	for (size_t i = 0; i + 1 < G_N_ELEMENTS(tags); i++) {
		g_autofree char *one = json_quote(tags[i]);
		g_autofree char *two = json_quote(tags[i + 1]);
		g_autofree char *body =
			g_strdup_printf("{\"name\":\"n\",\"tag\":[%s,%s]}", one, two);
		struct request *req = from_json(&things, body);
		g_autoptr(GPtrArray) elements = array_in(req->values[2].text);

		assert_int_equal(elements->len, 2);
		assert_string_equal(g_ptr_array_index(elements, 0), tags[i]);
		assert_string_equal(g_ptr_array_index(elements, 1), tags[i + 1]);
		checked_free(req);
	}
}

/* ---- the digest ---- */

static void
digest_of(struct request *req, char out[static DIGEST_SIZE])
{
	input_digest(req, out);
	checked_free(req);
}

static void
test_same_digest(void **state)
{
	char one[DIGEST_SIZE];
	char two[DIGEST_SIZE];

	(void)state;
	digest_of(from_json(&things, "{\"name\":\"a\",\"size\":9,\"tag\":[\"x\"]}"), one);
	digest_of(from_json(&things,
			  " { \"tag\" : [\"x\"],\n\"size\":9.0, \"name\":\" \\u0061 \", "
			  "\"flag\":null }"),
		two);
	assert_string_equal(one, two);
	digest_of(from_form(&things, "tag=x&name=a&size=9&idempotency_key=12345678"), two);
	assert_string_equal(one, two);
	digest_of(from_json(&orders, "{}"), one);
	digest_of(from_json(&orders, "{\"delivery\":\"black\"}"), two); /* the default value */
	assert_string_equal(one, two);
	digest_of(from_json(&orders, "{\"items\":[{\"listing_id\":1,\"quantity\":2}]}"), one);
	digest_of(from_json(&orders, "{\"items\":[{\"quantity\":2,\"listing_id\":1}]}"), two);
	assert_string_equal(one, two);
}

static void
test_other_digests(void **state)
{
	static const char *const bodies[] = {
		"{\"name\":\"a\"}",
		"{\"name\":\"b\"}",
		"{\"name\":\"A\"}",
		"{\"name\":\"a\",\"size\":9}",
		"{\"name\":\"a\",\"size\":9.5}",
		"{\"name\":\"a\",\"tag\":[\"9\"]}",
		"{\"name\":\"a\",\"tag\":[\"x\",\"y\"]}",
		"{\"name\":\"a\",\"tag\":[\"y\",\"x\"]}",
		"{\"name\":\"a\",\"tag\":[\"x,y\"]}",
		"{\"name\":\"a\",\"tag\":[\"x\\\",\\\"y\"]}",
		"{\"name\":\"a\",\"flag\":false}",
		"{\"name\":\"a\\\" size:9\"}",
	};
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	struct request *elsewhere;
	char digest[DIGEST_SIZE];

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(bodies); i++) {
		struct request *req = from_json(&things, bodies[i]);

		assert_field_errors(req, "");
		digest_of(req, digest);
		assert_true(g_hash_table_add(seen, g_strdup(digest)));
	}
	/* the same fields sent to another path are another request */
	elsewhere = from_json(&things, bodies[0]);
	elsewhere->path = "/other/things";
	digest_of(elsewhere, digest);
	assert_true(g_hash_table_add(seen, g_strdup(digest)));
}

/* ---- the largest bodies ---- */

/* CPU seconds that this thread takes to check a body. */
static double
seconds_of(struct request *(*check)(const struct route *, const char *), const struct route *route,
	const char *body)
{
	struct timespec from, to;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
	checked_free(check(route, body));
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
	return (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
}

/* `begin`, then `unit` as often as BODY_MAX allows, then `end`. Free with g_free(). */
static char *
repeat(const char *begin, const char *unit, const char *end)
{
	GString *body = g_string_new(begin);

	while (body->len + strlen(unit) + strlen(end) <= BODY_MAX)
		g_string_append(body, unit);
	g_string_append(body, end);
	return g_string_free(body, FALSE);
}

/* No body of 64 KiB takes long: the cost of a byte does not grow with the size of the body. */
static void
test_full_forms_are_cheap(void **state)
{
	static const char *const units[] = { "listing_id=1&quantity=1&", "listing_id=&quantity=&",
		"a=&", "quantity=0&", "listing_id=1&" };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(units); i++) {
		g_autofree char *body = repeat("", units[i], "");
		double seconds = seconds_of(from_form, &orders, body);

		if (seconds > 0.25)
			fail_msg("64 KiB of \"%s\" take %f s", units[i], seconds);
	}
}

static void
test_full_json_is_cheap(void **state)
{
	static const struct {
		const struct route *route;
		const char *begin, *unit, *end;
	} table[] = {
		{ &orders, "{\"items\":[7", ",7", "]}" },
		{ &orders, "{\"items\":[{}", ",{}", "]}" },
		{ &orders, "{\"items\":[{\"a\":1}", ",{\"listing_id\":1,\"quantity\":1}", "]}" },
		{ &things, "{\"name\":\"a\",\"tag\":[\"a\"", ",\"a\"", "]}" },
		{ &things, "{\"name\":\"a\",\"tag\":[[]", ",[]", "]}" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		g_autofree char *body = repeat(table[i].begin, table[i].unit, table[i].end);
		double seconds = seconds_of(from_json, table[i].route, body);

		if (seconds > 0.25)
			fail_msg("64 KiB of \"%s\" take %f s", table[i].unit, seconds);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_items),
		cmocka_unit_test(test_wrong_items),
		cmocka_unit_test(test_array_literals),
		cmocka_unit_test(test_same_digest),
		cmocka_unit_test(test_other_digests),
		cmocka_unit_test(test_full_forms_are_cheap),
		cmocka_unit_test(test_full_json_is_cheap),
	};

	return cmocka_run_group_tests_name("http_lists", tests, NULL, NULL);
}
