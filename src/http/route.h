/*
 * Finds the route of a method and a path, and makes paths from templates with {ids}.
 */
#ifndef SHOETOPIA_HTTP_ROUTE_H
#define SHOETOPIA_HTTP_ROUTE_H

#include "http/http.h"

/*
 * The {ids} of a path in order; zero it before the first use. One whose name ends in _id is a
 * decimal number from 1; any other is a word of lower-case letters, digits, "-" and ".".
 */
struct path_ids {
	char *names[IDS_MAX];
	char *values[IDS_MAX];
	size_t n;
};

/* The value of the id of this name; NULL if there is none. */
const char *path_id(const struct path_ids *ids, const char *name);

/* Whether the id of this name is a number. */
bool path_id_is_number(const char *name);

/* Frees what it holds and zeroes it. */
void path_ids_clear(struct path_ids *ids);

/*
 * Finds the route of a method and a path below /api, and fills `out` and `ids`. ERR_NOT_FOUND if no
 * route has this path, ERR_METHOD_NOT_ALLOWED if only other methods have it: see route_methods().
 */
enum err route_find(const struct site *site, enum method method, const char *path,
	const struct route **out, struct path_ids *ids);

/* The same for a path from the root of the site, among the site's `root`. */
enum err route_find_root(const struct site *site, enum method method, const char *path,
	const struct route **out, struct path_ids *ids);

/* Appends the methods of a path below /api: "GET, HEAD, POST". */
void route_methods(const struct site *site, const char *path, GString *out);

/* METHOD_NONE for a name that is no method of ours. */
enum method method_of(const char *name);
const char *method_name(enum method m);

/* "anyone", "member", "owner", "admin", "operator". */
const char *who_name(enum who who);

/* Whether it is a write of a session that may have an Idempotency-Key, and then happens once. */
bool route_takes_key(const struct route *route);

/* Whether its form has a hidden key: each of those, and where it is KEY_OF_FORM. */
bool route_form_has_key(const struct route *route);

/*
 * Replaces each {name} in `path` by the text that `look(with, name)` returns, which is g_free()d.
 * NULL if one of them is NULL or empty. Free with g_free().
 */
char *route_path(
	const char *path, char *(*look)(const void *with, const char *name), const void *with);

#endif
