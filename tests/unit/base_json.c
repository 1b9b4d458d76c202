/* base/json: which untrusted input is accepted, how the rest is refused, and what C writes. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "unit.h"

static struct json *
parse(const char *text, size_t length)
{
	enum json_fault fault;
	const char *why = NULL;
	struct json *root = json_parse(text, length, &fault, &why);

	if (root == NULL)
		fail_msg("%s was refused: %s", text, why);
	assert_int_equal(fault, JSON_OK);
	return root;
}

static struct json *
parse_text(const char *text)
{
	return parse(text, strlen(text));
}

static void
assert_refused(const char *text, size_t length, enum json_fault wanted)
{
	enum json_fault fault = JSON_OK;
	const char *why = NULL;
	JSON_AUTO struct json *root = json_parse(text, length, &fault, &why);

	if (root != NULL)
		fail_msg("%s was accepted", text);
	if (fault != wanted)
		fail_msg("%s is fault %d, not %d", text, (int)fault, (int)wanted);
	assert_non_null(why);
	assert_true(strlen(why) > 0);
}

static void
test_not_json(void **state)
{
	static const char *const texts[] = {
		"", " ", "{", "}", "{]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "[1,]", "{a:1}",
		"{'a':1}", "{\"a\":01}", "{\"a\":+1}", "{\"a\":.5}", "{\"a\":1.}", "{\"a\":0x1}",
		"{\"a\":NaN}", "{\"a\":Infinity}", "nul", "True", "{}x", "{} {}", "[] ,", "\"a",
		"\"\\x\"", "\"\\u12\"", "// no\n{}", "{\"a\":1 /* no */}", "a=1&b=2", "<xml/>",
		"\xef\xbb\xbf{}", "{\"a\":\"\n\"}", "{\"a\":\"\x01\"}", "\"\\ud800\"",
		"\"\\udc00x\"", "\"\\ud800\\u0041\"", /* half of a surrogate pair */
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
		assert_refused(texts[i], strlen(texts[i]), JSON_BROKEN);
	assert_refused("{}\0", 3, JSON_BROKEN);
	assert_refused("{\0}", 3, JSON_BROKEN);
}

static void
test_refused(void **state)
{
	static const char *const texts[] = {
		"{\"a\":1,\"a\":1}",         /* twice, even if alike */
		"{\"a\":1,\"\\u0061\":2}",   /* the same name with an escape */
		"{\"b\":{\"a\":1,\"a\":2}}", /* further down */
		"{\"a\":\"\\u0000\"}",
		"{\"a\\u0000b\":1}", /* NUL */
		"{\"a\":\"\xff\"}",
		"{\"\xc3\":1}", /* not UTF-8 */
		"\"\xed\xa0\x80\"",
		"\"\xc0\xaf\"",
		"\"\xf5\x80\x80\x80\"", /* a surrogate, overlong, beyond Unicode */
		"{\"a\":1e999}",
		"{\"a\":99999999999999999999}",
		"[-99999999999999999999]",
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
		assert_refused(texts[i], strlen(texts[i]), JSON_REFUSED);
}

/* `depth` arrays and objects in turn around a number. */
static char *
nested(int depth)
{
	GString *out = g_string_new(NULL);

	for (int i = 0; i < depth; i++)
		g_string_append(out, i % 2 == 0 ? "{\"a\":" : "[");
	g_string_append_c(out, '1');
	for (int i = depth - 1; i >= 0; i--)
		g_string_append_c(out, i % 2 == 0 ? '}' : ']');
	return g_string_free(out, FALSE);
}

static void
test_depth(void **state)
{
	static const int good[] = { 0, 1, 31, 32 };
	static const int bad[] = { 33, 34, 100, 1000, 2047, 2048, 2049, 30000 };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(good); i++) {
		g_autofree char *text = nested(good[i]);

		json_free(parse_text(text));
	}
	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autofree char *text = nested(bad[i]);

		assert_refused(text, strlen(text), JSON_REFUSED);
	}
}

static void
test_int64(void **state)
{
	static const struct {
		const char *text;
		int64_t number;
	} good[] = {
		{ "0", 0 },
		{ "-0", 0 },
		{ "-0.0", 0 },
		{ "7", 7 },
		{ "-7", -7 },
		{ "1.0", 1 },
		{ "1e3", 1000 },
		{ "19.99e2", 1999 },
		{ "1500E-2", 15 },
		{ "9007199254740992", INT64_C(9007199254740992) },
		{ "-9007199254740992", -INT64_C(9007199254740992) },
	};
	static const char *const bad[] = { "0.5", "19.99", "1e-9", "9007199254740993",
		"-9007199254740993", "9223372036854775807", "1e300", "-1e16", "\"1\"", "true",
		"null", "[1]", "{}" };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(good); i++) {
		JSON_AUTO struct json *root = parse_text(good[i].text);
		int64_t number = 42;

		assert_true(json_int64(root, &number));
		assert_true(number == good[i].number);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
		JSON_AUTO struct json *root = parse_text(bad[i]);
		int64_t number = 42;

		if (json_int64(root, &number))
			fail_msg("%s is taken for an integer", bad[i]);
		assert_int_equal(number, 42); /* left as it was */
	}
}

static void
test_plain(void **state)
{
	static const struct {
		const char *json, *plain;
	} table[] = {
		{ "\"as it is\"", "as it is" },
		{ "\"\"", "" },
		{ "9.5", "9.5" },
		{ "9.50", "9.5" },
		{ "10.0", "10" },
		{ "true", "true" },
		{ "false", "false" },
		{ "null", "" },
		{ "-3", "-3" },
		{ "[]", NULL },
		{ "{}", NULL },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		JSON_AUTO struct json *root = parse_text(table[i].json);
		g_autofree char *plain = json_plain(root);

		if (table[i].plain == NULL)
			assert_null(plain);
		else
			assert_string_equal(plain, table[i].plain);
	}
}

/* An array is a list: tests alone ask for an element by its index. */
static const struct json *
json_at(const struct json *array, size_t i)
{
	const struct json *element = json_first_element(array);

	while (element != NULL && i-- > 0)
		element = json_next_element(element);
	return element;
}

static void
test_reading(void **state)
{
	JSON_AUTO struct json *root =
		parse_text("{\"z\":[1,\"two\",null],\"a\":true,\"A\":false,\"n\":{\"m\":1.5}}");
	const char *const names[] = { "z", "a", "A", "n" };
	size_t n = 0;

	(void)state;
	assert_int_equal(json_kind(root), JSON_KIND_OBJECT);
	for (void *it = json_first(root); it != NULL; it = json_next(root, it))
		assert_string_equal(json_name(it), names[n++]); /* in the order of the text */
	assert_int_equal(n, 4);
	assert_int_equal(json_count(json_get(root, "z")), 3);
	assert_string_equal(json_text(json_at(json_get(root, "z"), 1)), "two");
	assert_int_equal(json_kind(json_at(json_get(root, "z"), 2)), JSON_KIND_NULL);
	assert_true(json_bool(json_get(root, "a")));
	assert_false(json_bool(json_get(root, "A"))); /* names are case-sensitive */
	assert_true(json_number(json_get(json_get(root, "n"), "m")) == 1.5);

	/* Missing members and values of another kind. */
	assert_null(json_get(root, "Z"));
	assert_null(json_get(json_get(root, "z"), "a"));
	assert_null(json_get(NULL, "a"));
	assert_null(json_at(json_get(root, "z"), 3));
	assert_null(json_at(root, 0));
	assert_int_equal(json_count(root), 0);
	assert_int_equal(json_count(NULL), 0);
	assert_null(json_text(json_get(root, "a")));
	assert_null(json_text(NULL));
	assert_null(json_first(json_get(root, "z")));
	assert_null(json_first(NULL));
	assert_null(json_first_element(root));
	assert_null(json_first_element(NULL));
	assert_int_equal(json_kind(NULL), JSON_KIND_NULL);
	json_free(NULL);
}

/*
 * A number is written as the kind that it was read as, and so that the same double is read again.
 */
static void
test_numbers_written(void **state)
{
	static const struct {
		const char *json, *dumped;
	} table[] = {
		{ "9.5", "9.5" },
		{ "1e3", "1000.0" },
		{ "10.0", "10.0" },
		{ "-0", "0" },
		{ "-0.0", "-0.0" },
		{ "0.1", "0.10000000000000001" },
		{ "1E+300", "1.0000000000000001e300" },
		{ "1e-9", "1.0000000000000001e-9" },
		{ "9007199254740992", "9007199254740992" },
		{ "9007199254740993", "9007199254740993" },
		{ "-9223372036854775808", "-9223372036854775808" },
		/* cJSON reads 63 characters of a number. */
		{ "[1,0.00000000000000000000000000000000000000000000000000000000000000125,2]",
			"[1,1.25e-63,2]" },
		{ "{\"a\":[1,2.0,{\"b\":3.0}],\"c\":9007199254740993}",
			"{\"a\":[1,2.0,{\"b\":3.0}],\"c\":9007199254740993}" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		JSON_AUTO struct json *root = parse_text(table[i].json);
		g_autofree char *dumped = json_dump(root);

		assert_string_equal(dumped, table[i].dumped);
	}
}

/* An object of about `size` bytes with short names. */
static GString *
object_of(size_t size)
{
	GString *object = g_string_new("{\"n\":0");

	for (size_t i = 0; object->len < size; i++)
		g_string_append_printf(object, ",\"%zx\":1", i);
	return g_string_append_c(object, '}');
}

/* The least CPU time of some runs. */
static double
seconds_to_parse(const GString *text)
{
	struct timespec from, to;
	double least = 1e9, seconds;

	for (int i = 0; i < 7; i++) {
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
		json_free(parse(text->str, text->len));
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
		seconds = (double)(to.tv_sec - from.tv_sec) +
			(double)(to.tv_nsec - from.tv_nsec) / 1e9;
		least = MIN(least, seconds);
	}
	return least;
}

/*
 * Many names take O(n log n): four times as many take less than eight times as long; 16 if
 * quadratic.
 */
static void
test_many_names(void **state)
{
	GString *large = object_of(64 << 10), *small = object_of(4 << 10);
	double ratio = seconds_to_parse(large) / seconds_to_parse(small);

	(void)state;
	if (ratio > 40)
		fail_msg("16 times the text took %.1f times as long", ratio);
	g_string_truncate(large, large->len - 1);
	g_string_append(large, ",\"n\":1}");
	assert_refused(large->str, large->len, JSON_REFUSED);
	g_string_free(large, TRUE);
	g_string_free(small, TRUE);
}

static void
test_many_elements(void **state)
{
	enum { ELEMENTS = 32000 };
	GString *array = g_string_new("[1");
	struct json *root;
	int64_t sum = 0, number;

	(void)state;
	for (int i = 1; i < ELEMENTS; i++)
		g_string_append(array, ",1");
	g_string_append_c(array, ']');
	root = parse_text(array->str);
	for (const struct json *e = json_first_element(root); e != NULL; e = json_next_element(e)) {
		assert_true(json_int64(e, &number));
		sum += number;
	}
	assert_int_equal(sum, ELEMENTS);
	assert_int_equal(json_count(root), ELEMENTS);
	json_free(root);
	g_string_free(array, TRUE);
}

static void
test_writing(void **state)
{
	static const char *const texts[] = { "", "plain", "\"", "\\", "a\"b\\c",
		"\n\r\t\b\f\x01\x1f\x7f", "Zoë 靴 👟", "</script>", "\xe2\x80\xa8" };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autofree char *quoted = json_quote(texts[i]);
		JSON_AUTO struct json *back = parse_text(quoted);
		g_autofree char *dumped = json_dump(back);
		JSON_AUTO struct json *again = parse_text(dumped);

		assert_string_equal(json_text(back), texts[i]);
		assert_string_equal(json_text(again), texts[i]);
	}
}

static void
test_has_text(void **state)
{
	struct json *root = parse_text("[\"shop_id\",7,null,\"name\",\"\"]");

	(void)state;
	assert_true(json_has_text(root, "shop_id"));
	assert_false(json_has_text(root, "shop"));
	assert_false(json_has_text(root, "7"));
	assert_false(json_has_text(NULL, "shop_id"));
	json_free(root);
}

static void
test_object_with(void **state)
{
	static const struct {
		const char *object, *whole;
	} table[] = {
		{ NULL, "{\"n\":\"a\\\"b\"}" },
		{ "{}", "{\"n\":\"a\\\"b\"}" },
		{ "{ }", "{ \"n\":\"a\\\"b\"}" },
		{ "{\"x\":1}", "{\"x\":1,\"n\":\"a\\\"b\"}" },
		{ "{\"x\":{\"y\":\"}\"}}", "{\"x\":{\"y\":\"}\"},\"n\":\"a\\\"b\"}" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		g_autofree char *whole = json_object_with(table[i].object, "n", "a\"b");

		assert_string_equal(whole, table[i].whole);
		json_free(parse_text(whole));
	}
}

/* A member is found by its name at any depth, but not inside the text of a string. */
static void
test_scan(void **state)
{
	static const struct {
		const char *text, *number;
	} table[] = {
		{ "{\"id\":7}", "7" },
		{ "{\"id\" : 7, \"n\":8}", "7" },
		{ "{\"a\":{\"id\":12345678901234567890}}", "12345678901234567890" },
		{ "{\"x\":\"\\\"id\\\":5\",\"id\":7}", "7" },
		{ "{\"x\":\"id\",\"id\":7}", "7" },
		{ "{\"id\":null,\"a\":[{\"id\":7}]}", "7" },
		{ "{\"id\":\"7\"}", NULL },
		{ "{\"id\":-7}", NULL },
		{ "{\"my_id\":7,\"id_of\":8}", NULL },
		{ "{\"id\"", NULL },
		{ "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		g_autofree char *number = json_scan_number(table[i].text, "id");

		if (g_strcmp0(number, table[i].number) != 0)
			fail_msg("%s: %s", table[i].text, number);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_not_json),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_int64),
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_reading),
		cmocka_unit_test(test_numbers_written),
		cmocka_unit_test(test_many_names),
		cmocka_unit_test(test_many_elements),
		cmocka_unit_test(test_writing),
		cmocka_unit_test(test_has_text),
		cmocka_unit_test(test_object_with),
		cmocka_unit_test(test_scan),
	};

	return cmocka_run_group_tests_name("base_json", tests, NULL, NULL);
}
