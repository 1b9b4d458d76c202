/* Invisible characters, compared with the properties that PCRE has; emoji; normal forms. */
#include "base/unicode.h"
#include "unit.h"

enum {
	CODE_POINTS = 0x110000,
	SURROGATE_FIRST = 0xd800,
	SURROGATE_LAST = 0xdfff,
};

/* Fails unless is_so() is true of the characters that match the pattern, and of no others. */
static void
compare_with_pattern(const char *pattern, bool (*is_so)(gunichar c))
{
	g_autoptr(GRegex) regex = g_regex_new(pattern, 0, 0, NULL);

	assert_non_null(regex);
	for (gunichar c = 1; c < CODE_POINTS; c++) {
		char text[8] = { 0 };

		if (c >= SURROGATE_FIRST && c <= SURROGATE_LAST)
			continue;
		g_unichar_to_utf8(c, text);
		if (g_regex_match(regex, text, 0, NULL) != is_so(c))
			fail_msg("U+%04X: %d", (unsigned)c, is_so(c));
	}
}

static void
test_properties(void **state)
{
	(void)state;
	compare_with_pattern("^[\\p{Default_Ignorable_Code_Point}\\x{fff9}-\\x{fffc}\\x{16fe4}"
			     "\\x{1d159}]",
		unicode_is_invisible);
	compare_with_pattern("^\\p{Extended_Pictographic}", unicode_is_pictograph);
}

/* Every control of direction is among them. */
static void
test_bidi_controls(void **state)
{
	g_autoptr(GRegex) regex = g_regex_new("^\\p{Bidi_Control}", 0, 0, NULL);
	unsigned n = 0;

	(void)state;
	for (gunichar c = 1; c < SURROGATE_FIRST; c++) {
		char text[8] = { 0 };

		g_unichar_to_utf8(c, text);
		if (!g_regex_match(regex, text, 0, NULL))
			continue;
		n++;
		assert_true(unicode_is_invisible(c));
	}
	assert_int_equal(n, 12);
}

static const char *const visible_texts[] = {
	"",
	"Nike",
	"Brûlée",
	"Bru\u0302le\u0301e",
	"Air  Max",
	"\u00a0\u2003\u3000",
	"שלום",
	"سلام",
	"靴",
	"👟",
	"❤",
	"❤\ufe0f",
	"❤\ufe0e",
	"☂\ufe0f!",
	"1\ufe0f\u20e3",
	"#\ufe0f\u20e3",
	"©\ufe0f",
	"👩\u200d💻",                     /* technician */
	"👩🏽\u200d💻",           /* with a skin tone */
	"🏳\ufe0f\u200d🌈",         /* rainbow flag */
	"👨\u200d👩\u200d👧\u200d👦 Shoes", /* family */
	"🕵🏻\u200d♂\ufe0f",
	"🇨🇭",
};

static const char *const invisible_texts[] = {
	"Ni\u200bke",
	"Nike\ufeff",
	"\u00adNike",
	"Ni\u2060ke",
	"Nike\ufe0f",
	"Ni\u034fke",
	"Nike\u202e",
	"Nike\u3164",
	"Ni\u115fke",
	"Nike\uffa0",
	"Ni\u17b4ke",
	"Nike\u180e",
	"Ni\u200cke",
	"Ni\u200dke",
	"\u200eNike",
	"Nike\u200f",
	"Ni\u061cke",
	"Ni\u2066ke\u2069",
	"Nike\U000e0041",
	"Nike\U000e0100",
	"Air\u2028Max",
	"Nike\ufff9",
	"Nike\ufffc",
	"Nike\ufffc\ufffb",
	"Nike\U0001d159",
	"Nike 1\ufe0f",
	"1\ufe0e",
	"👟\u200d",
	"\u200d👟",
	"👟\u200dNike",
	"Nike\u200d👟",
	"❤\ufe0f\ufe0f",
	"❤\ufe01",
	"\ufe0f",
	"👟\u200b",
	"👩\u200d\u200d💻",
	"👟\u200d❤\u202e",
};

static void
test_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(visible_texts); i++)
		if (unicode_has_invisible(visible_texts[i]))
			fail_msg("refused: %s", visible_texts[i]);
	for (size_t i = 0; i < G_N_ELEMENTS(invisible_texts); i++)
		if (!unicode_has_invisible(invisible_texts[i]))
			fail_msg("accepted: text %zu", i);
}

static void
check_forms(const char *text, const char *composed, const char *decomposed)
{
	g_autofree char *c = unicode_compose(text);
	g_autofree char *d = unicode_decompose(text);

	assert_string_equal(c, composed);
	assert_string_equal(d, decomposed);
}

static void
test_forms(void **state)
{
	(void)state;
	check_forms("shoe", "shoe", "shoe");
	check_forms("sh\u00f6e", "sh\u00f6e", "sho\u0308e");
	check_forms("sho\u0308e", "sh\u00f6e", "sho\u0308e");
	check_forms("\u212b", "\u00c5", "A\u030a");
	check_forms("sh\xffoe", "sh\xffoe", "sh\xffoe");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_properties),
		cmocka_unit_test(test_bidi_controls),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_forms),
	};

	return cmocka_run_group_tests_name("base_unicode", tests, NULL, NULL);
}
