/*
 * A site of a few routes, one for each thing that the gate treats its own way, and a "market"
 * behind it that notes what it was asked and answers what the test wishes.
 */
#ifndef SHOETOPIA_TEST_SMALL_SITE_H
#define SHOETOPIA_TEST_SMALL_SITE_H

#include "http/handler.h"
#include "transport.h"

#define TOKEN_A "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define TOKEN_B "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA"
#define BEARER "Authorization: Bearer " TOKEN_A "\n"
#define JSON "Content-Type: application/json\n"
#define FORM "Content-Type: application/x-www-form-urlencoded\n"
#define BROWSER "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\n"
#define COOKIE "Cookie: shoetopia_session=" TOKEN_A "\n"
#define SAME_ORIGIN "Sec-Fetch-Site: same-origin\n"

extern const struct site small_site;

/* What the last request came to behind the gate. */
extern struct seen {
	unsigned calls;
	char name[64];     /* of the route */
	char fields[1024]; /* "name=text|..." of all ids and checked fields */
	char session[80], key[80], digest[80], versions[80]; /* "" for none */
} seen;

/* What the market answers; all zero: a plain success. */
extern struct wish {
	enum err err;
	const char *body, *type, *extra, *token;
	bool replayed, forget_cookie;
	const char *viewer;
} wish;

/* Forgets what was seen and wished; a setup function of cmocka. */
int small_site_reset(void **state);

/*
 * Asks the small site; the test fails where the answer lacks what the contract promises of all.
 * Free with talk_free().
 */
struct talk *ask(const char *text);

/* The same, with the body's length given, as it may hold anything. */
struct talk *ask_bytes(const char *head, const char *body, size_t length);

/* The code of a problem's body; "" if it is none. Lives until it is asked again. */
const char *talk_code(const struct talk *talk);

/*
 * Asks, and fails unless the answer has this status and, if it is an error, this code. The body was
 * read to its end, whatever came.
 */
void assert_answer(const char *text, int status, const char *code);

/*
 * Fails unless the answer has this header with this value; NULL: unless it has none of that name.
 */
void assert_header(const struct talk *talk, const char *name, const char *value);

/* Whether the answer's body holds `text`. */
bool talk_holds(const struct talk *talk, const char *text);

#endif
