/*
 * The tokens of JSON text, strictly by RFC 8259: UTF-8, no raw control characters in strings, no
 * 01, +1, 1. or .5, no half of a surrogate pair, no number that is beyond int64_t (an integer) or
 * double. Used by json_check.c alone.
 */
#ifndef SHOETOPIA_BASE_JSON_LEXER_H
#define SHOETOPIA_BASE_JSON_LEXER_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

enum json_token {
	JSON_TOKEN_END,
	JSON_TOKEN_STRING,
	JSON_TOKEN_NUMBER,
	JSON_TOKEN_LITERAL,
	JSON_TOKEN_INVALID, /* no token begins like this */
	JSON_TOKEN_FAULT,   /* `why` says which */
	/* and '{' '}' '[' ']' ':' ',' by their character codes, which are greater */
};

enum json_why {
	JSON_WHY_BROKEN, /* it is not JSON */
	JSON_WHY_NOT_UTF8,
	JSON_WHY_NUL,
	JSON_WHY_TOO_LARGE,
	JSON_WHY_TOO_DEEP,
	JSON_WHY_DUPLICATE,
};

/* A number whose value as a double is not sufficient. */
struct json_number {
	size_t index; /* among the numbers of the text, from 0 */
	size_t start; /* offset in the text */
	size_t length;
};

struct json_lexer {
	const char *text, *end;
	const char *at;       /* the first byte after the last token */
	const char *not_utf8; /* the first byte that is not valid UTF-8; NULL: there is none */
	enum json_why why;    /* of a fault */

	/* The last token, if it was a string: the bytes between its quotes. */
	const char *string;
	size_t string_length;
	bool has_escapes, has_nul;

	/*
	 * struct json_number in order of the text; NULL if there are none, which is the usual case.
	 * These are integers beyond 2^53, -0, numbers with a fraction or an exponent whose value is
	 * an integer (1.0, 1e3), and those that are longer than cJSON reads.
	 */
	GArray *numbers;
	size_t n_numbers; /* of all numbers so far */
};

/*
 * The lexer owns nothing but `numbers`, which the caller frees with g_array_unref(). `text` must
 * outlive it.
 */
void json_lexer_init(struct json_lexer *lexer, const char *text, size_t length);

/*
 * Takes the next token. Of several faults in one token the first in the order of the text is
 * reported.
 */
enum json_token json_lexer_next(struct json_lexer *lexer);

/*
 * Decodes the escapes of a string token into UTF-8. `out` has space for `length` bytes; returns how
 * many were written.
 */
size_t json_string_decode(const char *string, size_t length, char *out);

#endif
