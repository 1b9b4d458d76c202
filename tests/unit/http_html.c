/* Pieces of HTML: escaping, labels, and values as people read them. */
#include "http/html.h"

#include <string.h>

#include "base/json.h"
#include "unit.h"

static void
test_escaping(void **state)
{
	g_autoptr(GString) out = g_string_new(NULL);

	(void)state;
	html_element(out, "p class=\"hint\"", "a<b>&\"'");
	html_attribute(out, "value", "\"><b>");
	html_hidden(out, "name", "&");
	assert_string_equal(out->str,
		"<p class=\"hint\">a&lt;b&gt;&amp;&quot;&apos;</p> value=\"&quot;&gt;&lt;b&gt;\""
		"<input type=\"hidden\" name=\"name\" value=\"&amp;\">");
}

static void
test_labels(void **state)
{
	static const char *const table[][2] = { { "promotion_tier", "Promotion tier" },
		{ "total_cents", "Total" }, { "shop_id", "Shop" }, { "name", "Name" },
		{ "sale_price_cents", "Sale price" }, { "", "" } };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		g_autofree char *label = html_label(table[i][0]);

		assert_string_equal(label, table[i][1]);
	}
}

static void
test_values(void **state)
{
	static const struct {
		const char *name, *json, *text; /* NULL: not a scalar */
	} table[] = {
		{ "total_cents", "-1999", "-$19.99" },
		{ "total_cents", "5", "$0.05" },
		{ "total_cents", "9007199254740992", "$90071992547409.92" },
		{ "total_cents", "1.5", "1.5" },
		{ "total_cents", "\"7\"", "7" },
		{ "quantity", "7", "7" },
		{ "verified", "true", "yes" },
		{ "verified", "false", "no" },
		{ "ends_at", "\"2026-12-24T18:00:05.000Z\"", "2026-12-24 18:00 UTC" },
		{ "ends_at", "\"2026-12-24T18:00\"", "2026-12-24T18:00" },
		{ "ends_at", "null", "" },
		{ "name", "\"a<b\"", "a<b" },
		{ "sale", "{}", NULL },
		{ "items", "[]", NULL },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		enum json_fault fault;
		const char *why;
		JSON_AUTO struct json *value =
			json_parse(table[i].json, strlen(table[i].json), &fault, &why);
		g_autofree char *text = html_plain(table[i].name, value);

		assert_non_null(value);
		if (g_strcmp0(text, table[i].text) != 0)
			fail_msg("%s %s is shown as %s", table[i].name, table[i].json, text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_escaping),
		cmocka_unit_test(test_labels),
		cmocka_unit_test(test_values),
	};

	return cmocka_run_group_tests_name("http_html", tests, NULL, NULL);
}
