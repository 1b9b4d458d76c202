/* Name and text pairs: what can be decoded, and finding them by name. */
#include "http/pairs.h"

#include <string.h>

#include "unit.h"

static void
test_decode(void **state)
{
	static const struct {
		const char *text, *decoded; /* as name=text|name=text; NULL: cannot be */
	} table[] = {
		{ "", "" },
		{ "a=1", "a=1" },
		{ "a=1&b=2", "a=1|b=2" },
		{ "a=1&a=2&a=", "a=1|a=2|a=" },
		{ "a=b=c", "a=b=c" },
		{ "a=x+y%20z%2B", "a=x y z+" },
		{ "%61=%C3%A9", "a=é" },
		{ "a=%26%3D", "a=&=" },
		{ "a=1;b=2", "a=1;b=2" },
		{ "=1", "=1" },
		{ "a=%", NULL },
		{ "a=%4", NULL },
		{ "a=%zz", NULL },
		{ "a=%00", NULL },
		{ "%00=a", NULL },
		{ "a=%ff", NULL },
		{ "a=%C3", NULL },
		{ "a=%ED%A0%80", NULL },
		{ "a=\xff", NULL },
		{ "\xc3=a", NULL },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		GArray *pairs = pairs_new();
		g_autoptr(GString) found = g_string_new(NULL);
		bool success = pairs_decode(table[i].text, strlen(table[i].text), pairs);

		if (success != (table[i].decoded != NULL))
			fail_msg("\"%s\" %s", table[i].text,
				success ? "was decoded" : "was not decoded");
		for (guint n = 0; n < pairs->len; n++) {
			const struct pair *pair = &g_array_index(pairs, struct pair, n);

			g_string_append_printf(
				found, "%s%s=%s", n > 0 ? "|" : "", pair->name, pair->text);
		}
		if (success)
			assert_string_equal(found->str, table[i].decoded);
		pairs_free(pairs);
	}
}

static void
test_nul(void **state)
{
	GArray *pairs = pairs_new();

	(void)state;
	assert_false(pairs_decode("a=1\0b", 5, pairs));
	assert_int_equal(pairs->len, 0);
	pairs_free(pairs);
}

static void
test_names(void **state)
{
	static const char text[] = "a=1&b=&a=2&A=3";
	GArray *pairs = pairs_new();
	GPtrArray *texts;

	(void)state;
	assert_true(pairs_decode(text, strlen(text), pairs));
	assert_string_equal(pairs_get(pairs, "a"), "1");
	assert_string_equal(pairs_get(pairs, "b"), "");
	assert_null(pairs_get(pairs, "c"));
	texts = pairs_texts(pairs, "a");
	assert_int_equal(texts->len, 2);
	assert_string_equal(g_ptr_array_index(texts, 0), "1");
	assert_string_equal(g_ptr_array_index(texts, 1), "2");
	g_ptr_array_unref(texts);
	texts = pairs_texts(pairs, "c");
	assert_int_equal(texts->len, 0);
	g_ptr_array_unref(texts);
	pairs_free(pairs);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decode),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests_name("http_pairs", tests, NULL, NULL);
}
