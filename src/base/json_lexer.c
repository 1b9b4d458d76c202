#include "base/json_lexer.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

enum { NUMBER_LENGTH_MAX = 63 }; /* of a number that cJSON reads */

/*
 * The first byte that is not valid UTF-8; NULL if there is none. GLib stops at a NUL too, where the
 * check stops anyway.
 */
static const char *
invalid_utf8(const char *text, size_t length)
{
	const char *end;

	if (g_utf8_validate_len(text, length, &end) || *end == '\0')
		return NULL;
	return end;
}

void
json_lexer_init(struct json_lexer *l, const char *text, size_t length)
{
	*l = (struct json_lexer){
		.text = text,
		.end = text + length,
		.at = text,
		.not_utf8 = invalid_utf8(text, length),
	};
}

/*
 * Reports a fault that was found when the bytes up to `read` had been read, that one included.
 * Invalid UTF-8 among them came first.
 */
static enum json_token
fail(struct json_lexer *l, const char *read, enum json_why why)
{
	bool is_utf8 = l->not_utf8 == NULL || l->not_utf8 > read;

	l->why = is_utf8 ? why : JSON_WHY_NOT_UTF8;
	return JSON_TOKEN_FAULT;
}

/*
 * The byte at `p`; NUL at the end. A NUL of the text is a byte that is valid nowhere, so the two
 * need no difference.
 */
static char
byte_at(const struct json_lexer *l, const char *p)
{
	return p < l->end ? *p : '\0';
}

static const char *
digits_end(const struct json_lexer *l, const char *p)
{
	while (p < l->end && g_ascii_isdigit(*p))
		p++;
	return p;
}

/* ---- strings ---- */

/*
 * The value of the four hexadecimal digits at `p`; -1 if they are none. *read is the last byte that
 * was read.
 */
static int
hex4(const char *p, const char *end, const char **read)
{
	int value = 0;

	for (int i = 0; i < 4; i++) {
		int digit = p + i < end ? g_ascii_xdigit_value(p[i]) : -1;

		*read = p + i;
		if (digit < 0)
			return -1;
		value = value * 16 + digit;
	}
	return value;
}

/*
 * Takes the escape behind the backslash at `p` and gives its end; NULL with *read at the byte that
 * is no escape. *high says whether the escape just before it was the first half of a surrogate
 * pair, and *is_half becomes true for a half without the other.
 */
static const char *
escape_end(struct json_lexer *l, const char *p, const char **read, bool *high, bool *is_half)
{
	int value;

	*read = p + 1;
	if (byte_at(l, p + 1) != 'u') {
		*is_half |= *high;
		*high = false;
		return byte_at(l, p + 1) != '\0' && strchr("\"\\/bfnrt", p[1]) != NULL ? p + 2
										       : NULL;
	}
	value = hex4(p + 2, l->end, read);
	if (value < 0)
		return NULL;
	l->has_nul |= value == 0;
	if (value >= 0xdc00 && value <= 0xdfff) {
		*is_half |= !*high;
		*high = false;
	} else {
		*is_half |= *high;
		*high = value >= 0xd800 && value <= 0xdbff;
	}
	return p + 6;
}

/*
 * The bytes of a string that are taken as they are: all but control characters, the quote and the
 * backslash.
 */
static bool
is_plain(char byte)
{
	return (unsigned char)byte >= 0x20 && byte != '"' && byte != '\\';
}

static enum json_token
take_string(struct json_lexer *l)
{
	const char *p = l->at + 1, *read = p;
	bool high = false, is_half = false;

	l->string = p;
	l->has_escapes = l->has_nul = false;
	for (;;) {
		const char *plain = p;

		while (p < l->end && is_plain(*p))
			p++;
		if (p > plain) {
			is_half |= high;
			high = false;
		}
		if (byte_at(l, p) != '\\')
			break;
		l->has_escapes = true;
		p = escape_end(l, p, &read, &high, &is_half);
		if (p == NULL)
			return fail(l, read, JSON_WHY_BROKEN);
	}
	if (byte_at(l, p) != '"' || (l->not_utf8 != NULL && l->not_utf8 < p) || high || is_half)
		return fail(l, p, JSON_WHY_BROKEN);
	l->string_length = (size_t)(p - l->string);
	l->at = p + 1;
	return JSON_TOKEN_STRING;
}

/* ---- numbers ---- */

/* The end of the number at l->at; NULL with *read at the byte that cannot be. */
static const char *
number_end(const struct json_lexer *l, bool *is_integer, const char **read)
{
	const char *p = l->at, *digits;

	*is_integer = true;
	if (*p == '-')
		p++;
	digits = p;
	p = byte_at(l, p) == '0' ? p + 1 : digits_end(l, p);
	*read = p;
	if (p == digits || (*digits == '0' && g_ascii_isdigit(byte_at(l, p))))
		return NULL;
	if (byte_at(l, p) == '.') {
		*is_integer = false;
		digits = p + 1;
		p = *read = digits_end(l, digits);
		if (p == digits)
			return NULL;
	}
	if (byte_at(l, p) == 'e' || byte_at(l, p) == 'E') {
		*is_integer = false;
		digits = p + 1;
		if (byte_at(l, digits) == '+' || byte_at(l, digits) == '-')
			digits++;
		p = *read = digits_end(l, digits);
		if (p == digits)
			return NULL;
	}
	return p;
}

/*
 * Whether the number is out of range; if not, *needs_text says whether its double alone does not
 * tell all about it.
 */
static bool
number_overflows(const char *start, size_t length, bool is_integer, bool *needs_text)
{
	const gint64 limit = INT64_C(1) << 53;
	char few[NUMBER_LENGTH_MAX + 1];
	g_autofree char *many = length < sizeof few ? NULL : g_strndup(start, length);
	const char *text = many != NULL ? many : memcpy(few, start, length);
	gint64 integer;
	double real;

	if (many == NULL)
		few[length] = '\0';
	errno = 0;
	if (is_integer) {
		integer = g_ascii_strtoll(text, NULL, 10);
		*needs_text = integer > limit || integer < -limit || integer == 0;
		return errno == ERANGE;
	}
	real = g_ascii_strtod(text, NULL);
	*needs_text = trunc(real) == real || many != NULL;
	return errno == ERANGE && fabs(real) == HUGE_VAL;
}

static enum json_token
take_number(struct json_lexer *l)
{
	const char *read = l->at;
	struct json_number number = { l->n_numbers, (size_t)(l->at - l->text), 0 };
	bool is_integer, needs_text = false;
	const char *end = number_end(l, &is_integer, &read);

	if (l->not_utf8 == read) /* the byte behind it is read as well */
		return fail(l, read, JSON_WHY_BROKEN);
	if (end == NULL)
		return JSON_TOKEN_INVALID;
	number.length = (size_t)(end - l->at);
	/* An integer of up to 15 digits is below 2^53, and needs no second look but for -0. */
	if (!is_integer || number.length > 15 || (*l->at == '-' && l->at[1] == '0')) {
		if (number_overflows(l->at, number.length, is_integer, &needs_text))
			return fail(l, end, JSON_WHY_TOO_LARGE);
	}
	if (needs_text) {
		if (l->numbers == NULL)
			l->numbers = g_array_new(FALSE, FALSE, sizeof number);
		g_array_append_val(l->numbers, number);
	}
	l->n_numbers++;
	l->at = end;
	return JSON_TOKEN_NUMBER;
}

/* ---- tokens ---- */

static enum json_token
take_literal(struct json_lexer *l)
{
	static const char *const literals[] = { "true", "false", "null" };
	const char *start = l->at, *p = start;
	size_t length;

	while (p < l->end && g_ascii_isalpha(*p))
		p++;
	if (l->not_utf8 == p)
		return fail(l, p, JSON_WHY_BROKEN);
	length = (size_t)(p - start);
	for (size_t i = 0; i < G_N_ELEMENTS(literals); i++)
		if (length == strlen(literals[i]) && memcmp(start, literals[i], length) == 0) {
			l->at = p;
			return JSON_TOKEN_LITERAL;
		}
	return JSON_TOKEN_INVALID;
}

enum json_token
json_lexer_next(struct json_lexer *l)
{
	while (l->at < l->end &&
		(*l->at == ' ' || *l->at == '\n' || *l->at == '\t' || *l->at == '\r'))
		l->at++;
	if (l->at == l->end)
		return JSON_TOKEN_END;
	switch (*l->at) {
	case '{':
	case '}':
	case '[':
	case ']':
	case ':':
	case ',':
		return (enum json_token) * l->at++;
	case '"':
		return take_string(l);
	default:
		if (*l->at == '-' || g_ascii_isdigit(*l->at))
			return take_number(l);
		if (g_ascii_isalpha(*l->at))
			return take_literal(l);
		return l->not_utf8 == l->at ? fail(l, l->at, JSON_WHY_BROKEN) : JSON_TOKEN_INVALID;
	}
}

size_t
json_string_decode(const char *string, size_t length, char *out)
{
	static const char letters[] = "bfnrt", meant[] = "\b\f\n\r\t";
	const char *end = string + length, *read;
	char *to = out;

	while (string < end) {
		const char *letter;
		gunichar value, low;

		if (*string != '\\') {
			*to++ = *string++;
		} else if (string[1] != 'u') {
			letter = strchr(letters, string[1]);
			*to++ = letter == NULL ? string[1] : meant[letter - letters];
			string += 2;
		} else {
			value = (gunichar)hex4(string + 2, end, &read);
			string += 6;
			if (value >= 0xd800 && value <= 0xdbff) {
				low = (gunichar)hex4(string + 2, end, &read);
				value = 0x10000 + ((value - 0xd800) << 10) + (low - 0xdc00);
				string += 6;
			}
			to += g_unichar_to_utf8(value, to);
		}
	}
	return (size_t)(to - out);
}
