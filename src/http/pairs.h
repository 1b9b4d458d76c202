/*
 * Name and text pairs of an application/x-www-form-urlencoded query or body.
 *
 * They are kept in order in a GArray of struct pair, since a name may repeat. Texts are UTF-8
 * without NUL. Pairs may hold passwords: pairs_free() wipes the texts.
 */
#ifndef SHOETOPIA_HTTP_PAIRS_H
#define SHOETOPIA_HTTP_PAIRS_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

struct pair {
	char *name;
	char *text;
};

/* An empty array of pairs; free it with pairs_free(). */
GArray *pairs_new(void);

/* Wipes the texts and frees the array with all that it holds. */
void pairs_free(GArray *pairs);

/*
 * Decodes "a=1&b=2" and appends its pairs. False if it cannot be decoded (bad %, NUL, bad UTF-8);
 * the pairs before the fault are appended even then.
 */
bool pairs_decode(const char *text, size_t length, GArray *pairs);

/* The first pair of this name; NULL if there is none. Lives as long as the pairs. */
const struct pair *pairs_find(const GArray *pairs, const char *name);

/* The first text of this name; NULL if there is none. Lives as long as the pairs. */
const char *pairs_get(const GArray *pairs, const char *name);

/* The texts of this name in order, not copied; free the array with g_ptr_array_unref(). */
GPtrArray *pairs_texts(const GArray *pairs, const char *name);

#endif
