#include "base/unicode.h"

enum {
	TEXT_STYLE = 0xfe0e, /* variation selectors of emoji: shown as a letter, as a picture */
	EMOJI_STYLE = 0xfe0f,
	JOINER = 0x200d,
	LINE_SEPARATOR = 0x2028,
	PARAGRAPH_SEPARATOR = 0x2029,
	KEYCAP = 0x20e3, /* after a digit, # or *, and the selector */
	SKIN_FIRST = 0x1f3fb,
	SKIN_LAST = 0x1f3ff,
};

struct range {
	gunichar first, last;
};

/*
 * Default_Ignorable_Code_Point of Unicode's DerivedCoreProperties.txt, version 15, and what is not
 * shown either: the marks of interlinear annotation, the place of an object, the Khitan filler and
 * the null notehead.
 */
static const struct range invisible[] = {
	/* clang-format off */
	{ 0x00ad, 0x00ad }, { 0x034f, 0x034f }, { 0x061c, 0x061c }, { 0x115f, 0x1160 },
	{ 0x17b4, 0x17b5 }, { 0x180b, 0x180f }, { 0x200b, 0x200f }, { 0x202a, 0x202e },
	{ 0x2060, 0x206f }, { 0x3164, 0x3164 }, { 0xfe00, 0xfe0f }, { 0xfeff, 0xfeff },
	{ 0xffa0, 0xffa0 }, { 0xfff0, 0xfffc }, { 0x16fe4, 0x16fe4 }, { 0x1bca0, 0x1bca3 },
	{ 0x1d159, 0x1d159 }, { 0x1d173, 0x1d17a }, { 0xe0000, 0xe0fff },
	/* clang-format on */
};

/* Extended_Pictographic of Unicode's emoji-data.txt, version 15. */
static const struct range pictographs[] = {
	/* clang-format off */
	{ 0x00a9, 0x00a9 }, { 0x00ae, 0x00ae }, { 0x203c, 0x203c }, { 0x2049, 0x2049 },
	{ 0x2122, 0x2122 }, { 0x2139, 0x2139 }, { 0x2194, 0x2199 }, { 0x21a9, 0x21aa },
	{ 0x231a, 0x231b }, { 0x2328, 0x2328 }, { 0x2388, 0x2388 }, { 0x23cf, 0x23cf },
	{ 0x23e9, 0x23f3 }, { 0x23f8, 0x23fa }, { 0x24c2, 0x24c2 }, { 0x25aa, 0x25ab },
	{ 0x25b6, 0x25b6 }, { 0x25c0, 0x25c0 }, { 0x25fb, 0x25fe }, { 0x2600, 0x2605 },
	{ 0x2607, 0x2612 }, { 0x2614, 0x2685 }, { 0x2690, 0x2705 }, { 0x2708, 0x2712 },
	{ 0x2714, 0x2714 }, { 0x2716, 0x2716 }, { 0x271d, 0x271d }, { 0x2721, 0x2721 },
	{ 0x2728, 0x2728 }, { 0x2733, 0x2734 }, { 0x2744, 0x2744 }, { 0x2747, 0x2747 },
	{ 0x274c, 0x274c }, { 0x274e, 0x274e }, { 0x2753, 0x2755 }, { 0x2757, 0x2757 },
	{ 0x2763, 0x2767 }, { 0x2795, 0x2797 }, { 0x27a1, 0x27a1 }, { 0x27b0, 0x27b0 },
	{ 0x27bf, 0x27bf }, { 0x2934, 0x2935 }, { 0x2b05, 0x2b07 }, { 0x2b1b, 0x2b1c },
	{ 0x2b50, 0x2b50 }, { 0x2b55, 0x2b55 }, { 0x3030, 0x3030 }, { 0x303d, 0x303d },
	{ 0x3297, 0x3297 }, { 0x3299, 0x3299 }, { 0x1f000, 0x1f0ff }, { 0x1f10d, 0x1f10f },
	{ 0x1f12f, 0x1f12f }, { 0x1f16c, 0x1f171 }, { 0x1f17e, 0x1f17f }, { 0x1f18e, 0x1f18e },
	{ 0x1f191, 0x1f19a }, { 0x1f1ad, 0x1f1e5 }, { 0x1f201, 0x1f20f }, { 0x1f21a, 0x1f21a },
	{ 0x1f22f, 0x1f22f }, { 0x1f232, 0x1f23a }, { 0x1f23c, 0x1f23f }, { 0x1f249, 0x1f3fa },
	{ 0x1f400, 0x1f53d }, { 0x1f546, 0x1f64f }, { 0x1f680, 0x1f6ff }, { 0x1f774, 0x1f77f },
	{ 0x1f7d5, 0x1f7ff }, { 0x1f80c, 0x1f80f }, { 0x1f848, 0x1f84f }, { 0x1f85a, 0x1f85f },
	{ 0x1f888, 0x1f88f }, { 0x1f8ae, 0x1f8ff }, { 0x1f90c, 0x1f93a }, { 0x1f93c, 0x1f945 },
	{ 0x1f947, 0x1faff }, { 0x1fc00, 0x1fffd },
	/* clang-format on */
};

/* Whether one of the sorted ranges has it. */
static bool
is_in(gunichar c, const struct range *ranges, size_t n)
{
	size_t low = 0;

	while (low < n) {
		size_t middle = low + (n - low) / 2;

		if (c < ranges[middle].first)
			n = middle;
		else if (c > ranges[middle].last)
			low = middle + 1;
		else
			return true;
	}
	return false;
}

bool
unicode_is_invisible(gunichar c)
{
	return c >= invisible[0].first && is_in(c, invisible, G_N_ELEMENTS(invisible));
}

bool
unicode_is_pictograph(gunichar c)
{
	return is_in(c, pictographs, G_N_ELEMENTS(pictographs));
}

static bool
is_keycap_base(gunichar c)
{
	return (c >= '0' && c <= '9') || c == '#' || c == '*';
}

/* Whether `c` is part of an emoji; before and after: the characters beside it, 0 at the ends. */
static bool
is_part_of_emoji(gunichar before, gunichar c, gunichar after)
{
	if (c == TEXT_STYLE || c == EMOJI_STYLE)
		return unicode_is_pictograph(before) || (is_keycap_base(before) && after == KEYCAP);
	if (c == JOINER)
		return (unicode_is_pictograph(before) || before == EMOJI_STYLE ||
			       (before >= SKIN_FIRST && before <= SKIN_LAST)) &&
			unicode_is_pictograph(after);
	return false;
}

bool
unicode_has_invisible(const char *text)
{
	gunichar before = 0;

	for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);

		if (c == LINE_SEPARATOR || c == PARAGRAPH_SEPARATOR)
			return true;
		if (unicode_is_invisible(c) &&
			!is_part_of_emoji(before, c, g_utf8_get_char(g_utf8_next_char(p))))
			return true;
		before = c;
	}
	return false;
}

static char *
normalize(const char *text, GNormalizeMode mode)
{
	char *normal = g_utf8_normalize(text, -1, mode);

	if (normal == NULL)
		normal = g_strdup(text);
	return normal;
}

char *
unicode_compose(const char *text)
{
	return normalize(text, G_NORMALIZE_NFC);
}

char *
unicode_decompose(const char *text)
{
	return normalize(text, G_NORMALIZE_NFD);
}
