/*
 * Characters that cannot be seen. Two texts that differ in them alone look the same, so a text of
 * one line holds none of them, but for those inside an emoji. market.fold and market.email_key
 * (schema/migrations) leave the same characters out where names are compared.
 */
#ifndef SHOETOPIA_BASE_UNICODE_H
#define SHOETOPIA_BASE_UNICODE_H

#include <glib.h>
#include <stdbool.h>

/*
 * Whether nothing is shown for it: Unicode's Default_Ignorable_Code_Point, to which the controls of
 * direction belong, and a few more. Blanks are none of these.
 */
bool unicode_is_invisible(gunichar c);

/* Whether Unicode has it as an emoji, or keeps the code point for one. */
bool unicode_is_pictograph(gunichar c);

/*
 * Whether the text (UTF-8) has an invisible character, or a separator of lines or paragraphs. Not
 * counted are the joiner between two pictographs and the variation selector of a pictograph or of a
 * keycap, which make one emoji.
 */
bool unicode_has_invisible(const char *text);

/*
 * The normal forms C and D of a text: a letter with an accent is one character where there is such
 * a character, or a letter and an accent. Text that is not UTF-8 is copied. Free with g_free().
 */
char *unicode_compose(const char *text);
char *unicode_decompose(const char *text);

#endif
