/* The table of sizes, and what the pages of shoes make from it. */
#include "market/size.h"

#include <glib.h>
#include <string.h>

#include "base/json.h"
#include "http/money.h"
#include "market/shoe_head.h"
#include "unit.h"

static void
test_sizes(void **state)
{
	static const struct {
		enum size_unit unit;
		const char *audience, *us, *words;
	} table[] = {
		{ SIZE_US, "men", "9", "US 9" },
		{ SIZE_EU, "men", "9", "EU 42.5" },
		{ SIZE_UK, "men", "9", "UK 8" },
		{ SIZE_CM, "men", "9", "27 cm" },
		{ SIZE_EU, "unisex", "9", "EU 42.5" },
		{ SIZE_EU, "youth", "1", "EU 32" },
		{ SIZE_EU, "women", "8.5", "EU 40" },
		{ SIZE_UK, "women", "1", "UK 12 K" },
		{ SIZE_CM, "women", "20", "36.5 cm" },
		{ SIZE_EU, "men", "20", "EU 54.5" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		g_autofree char *words = size_words(table[i].unit, table[i].audience, table[i].us);

		assert_string_equal(words, table[i].words);
	}
}

/* A size from 1 to 20 in halves is there for each audience, and a longer foot has a larger one. */
static void
test_each_size_is_there(void **state)
{
	static const char *const audiences[] = { "men", "women" };

	(void)state;
	for (size_t a = 0; a < G_N_ELEMENTS(audiences); a++) {
		double before[SIZE_UNITS] = { 0 };

		for (int halves = 2; halves <= 40; halves++) {
			g_autofree char *us = halves % 2 == 0 ? g_strdup_printf("%d", halves / 2)
							      : g_strdup_printf("%d.5", halves / 2);
			double eu = g_ascii_strtod(size_in(SIZE_EU, audiences[a], us), NULL);
			double cm = g_ascii_strtod(size_in(SIZE_CM, audiences[a], us), NULL);

			if (eu <= before[SIZE_EU] || cm <= before[SIZE_CM] || eu < 30 || cm > 40)
				fail_msg("%s US %s is EU %g, %g cm", audiences[a], us, eu, cm);
			before[SIZE_EU] = eu;
			before[SIZE_CM] = cm;
		}
	}
}

static void
test_units(void **state)
{
	(void)state;
	for (int unit = 0; unit < SIZE_UNITS; unit++)
		assert_int_equal(size_unit_of(size_unit_names[unit]), unit);
	assert_int_equal(size_unit_of(NULL), SIZE_US);
	assert_int_equal(size_unit_of("inch"), SIZE_US);
}

static void
test_money(void **state)
{
	static const struct {
		int64_t cents;
		const char *words;
	} table[] = { { 0, "$0.00" }, { 5, "$0.05" }, { 99999, "$999.99" }, { 100000, "$1,000.00" },
		{ 10000000, "$100,000.00" }, { 123456789, "$1,234,567.89" } };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		g_autofree char *words = money_words(table[i].cents);

		assert_string_equal(words, table[i].words);
	}
}

/* JSON-LD is JSON, whatever is in the names, and nothing in it ends its element. */
static void
test_json_ld(void **state)
{
	static const char text[] =
		"{\"shoe_id\":7,\"brand\":\"</script><script>alert(1)//\","
		"\"style\":\"\\\"\\\\ <!-- & \\u2028\",\"color\":\"red\",\"offers\":0,\"shops\":0,"
		"\"sizes\":[],\"shown\":[]}";
	enum json_fault fault;
	const char *why;
	JSON_AUTO struct json *shoe = json_parse(text, sizeof text - 1, &fault, &why);
	g_autofree char *head = shoe_head_markup(shoe, NULL, "https://shoes.example");
	const char *ld = strstr(head, "ld+json\">");
	const char *end = ld == NULL ? NULL : strstr(ld, "</script>");
	JSON_AUTO struct json *root = NULL;
	g_autofree char *name = NULL;

	(void)state;
	assert_non_null(end);
	ld += strlen("ld+json\">");
	root = json_parse(ld, (size_t)(end - ld), &fault, &why);
	assert_non_null(root);
	name = g_strdup_printf(
		"%s %s", json_text(json_get(shoe, "brand")), json_text(json_get(shoe, "style")));
	assert_string_equal(json_text(json_get(root, "name")), name);
	assert_string_equal(json_text(json_get(root, "url")), "https://shoes.example/shoes/7");
	assert_null(memchr(ld, '<', (size_t)(end - ld)));
	assert_string_equal(end, "</script>\n");
}

/* Not all who preview links read WebP. */
static void
test_photo(void **state)
{
	static const char text[] =
		"{\"shoe_id\":7,\"photo\":{\"url\":\"/api/photos/ab/page.webp\"}}";
	enum json_fault fault;
	const char *why;
	JSON_AUTO struct json *shoe = json_parse(text, sizeof text - 1, &fault, &why);
	g_autofree char *head =
		shoe_head_markup(shoe, json_get(shoe, "photo"), "https://shoes.example");

	(void)state;
	assert_non_null(strstr(head,
		"<meta property=\"og:image\" "
		"content=\"https://shoes.example/api/photos/ab/page.jpg\">"));
	assert_non_null(strstr(head, "\"image\":\"https://shoes.example/api/photos/ab/page.jpg\""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_each_size_is_there),
		cmocka_unit_test(test_units),
		cmocka_unit_test(test_money),
		cmocka_unit_test(test_json_ld),
		cmocka_unit_test(test_photo),
	};

	return cmocka_run_group_tests_name("market_size", tests, NULL, NULL);
}
