/* Appending to a GString, with and without reallocation, and the digits of integers. */
#include "base/text.h"
#include "unit.h"

static void
test_pieces(void **state)
{
	(void)state;
	for (gsize size = 1; size < 40; size++) {
		g_autoptr(GString) text = g_string_sized_new(size);

		for (int i = 0; i < 20; i++) {
			text_add(text, "shoe");
			text_add(text, "");
			text_add_bytes(text, "s, not this", 1);
			assert_int_equal(text->len, (i + 1) * 5);
			assert_int_equal(strlen(text->str), text->len);
			assert_true(g_str_has_suffix(text->str, "shoes"));
		}
	}
}

static void
test_bytes(void **state)
{
	g_autoptr(GString) text = g_string_new(NULL);

	(void)state;
	text_add_bytes(text, "a\0b", 3);
	assert_int_equal(text->len, 3);
	assert_memory_equal(text->str, "a\0b", 4);
}

static void
test_integers(void **state)
{
	static const int64_t numbers[] = { 0, 1, 9, 10, 11, 99, 100, 12345678901, -1, -10,
		INT64_MAX, INT64_MIN };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++) {
		char buffer[INTEGER_SIZE];
		g_autofree char *printed = g_strdup_printf("%" G_GINT64_FORMAT, numbers[i]);

		assert_string_equal(text_of_integer(numbers[i], buffer), printed);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_integers),
	};

	return cmocka_run_group_tests_name("base_text", tests, NULL, NULL);
}
