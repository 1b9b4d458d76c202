/*
 * A small site for tests: one route for each case that the gate distinguishes, and a handler that
 * records its request and gives the answer that the test sets.
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

enum { FILE_MAX = 100 * 1024 };

extern const struct site small_site;

/* What the handler recorded of the last request. */
extern struct seen {
	unsigned calls;
	char name[64];     /* of the route */
	char fields[1024]; /* "name=text|..." of all ids and checked fields */
	char session[80], key[80], digest[80], versions[80], request[80]; /* "" for none */
} seen;

/* The answer that the handler gives; all zero: a plain success. */
extern struct wish {
	enum err err;
	const char *body, *type, *extra, *token, *elsewhere;
	bool replayed, forget_cookie, by_database;
	const char *viewer;
} wish;

/* Clears both; a setup function of cmocka. */
int small_site_reset(void **state);

/*
 * Sends a request to the small site; the test fails if the response breaks a rule that holds for
 * every response. Free with talk_free().
 */
struct talk *ask(const char *text);

/* The same with a body that may hold any bytes. */
struct talk *ask_bytes(const char *head, const char *body, size_t length);

/* The code of a problem; "" if it is none. Valid until the next call. */
const char *talk_code(const struct talk *talk);

/*
 * Sends a request and fails unless the response has this status and, if it is an error, this code,
 * and the body was read to its end.
 */
void assert_answer(const char *text, int status, const char *code);

/* Fails unless the response has this header with this value; NULL: unless it has no such header. */
void assert_header(const struct talk *talk, const char *name, const char *value);

/* Whether the response's body contains `text`. */
bool talk_holds(const struct talk *talk, const char *text);

#endif
