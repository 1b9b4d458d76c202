/*
 * The inside of a request, for the http room alone.
 */
#ifndef SHOETOPIA_HTTP_REQUEST_H
#define SHOETOPIA_HTTP_REQUEST_H

#include "base/secret.h"
#include "http/field.h"
#include "http/http.h"
#include "http/transport.h"

/* What is wrong with a field. */
struct field_error {
	char *field;
	char *message;
};

struct request {
	const struct site *site;
	const struct transport *x;
	const struct route *route; /* NULL until found */
	enum method method;
	bool head;
	bool form; /* the body is a browser form */
	bool html; /* the answer should be a page */
	bool by_cookie;
	char id[RANDOM_ID_SIZE];
	char *target;       /* what was asked for; path and query are parts of it */
	const char *prefix; /* before /api: "" or "/cgi-bin/shoetopia" */
	const char *path;   /* below /api: "/shops/7" */
	const char *query;  /* what follows the "?"; "" */
	char *id_names[IDS_MAX];
	char *id_values[IDS_MAX];
	size_t n_ids;
	GArray *pairs; /* of struct pair: what a query or a form brought */
	struct value values[FIELDS_MAX];
	GArray *field_errors;      /* of struct field_error */
	char session[DIGEST_SIZE]; /* "" : none */
	const char *key;           /* in a header, or in a pair */
	char digest[DIGEST_SIZE];
	char *versions; /* that If-Match names; see request_versions() */
	GString *body;
	bool can_detach; /* see request_can_detach() */
	bool may_block;  /* before_blocking was called */
	struct answer ans;
};

/* A request that has come by `x`; nothing of it is checked yet. */
struct request *request_new(const struct site *site, const struct transport *x);

/* Frees it with its answer, and wipes what may be secret. */
void request_free(struct request *req);

/* To be called before anything that may block; gives up leadership the first time. */
void request_before_blocking(struct request *req);

/* Whether the web server took it by HTTPS. */
bool request_is_https(const struct request *req);

/* Adds a field_error, unless there are many already; copies both texts. */
void request_add_error(struct request *req, const char *field, const char *message);

/* The value of an {id} of the path by its name; NULL. */
const char *request_path_id(const struct request *req, const char *name);

/* ---- route.c ---- */

/* Finds the route of a path and method. Fills the request's ids. ERR_NOT_FOUND, or ERR_METHOD_NOT_ALLOWED: see route_methods(). */
enum err route_find(const struct site *site, struct request *req);

/* Appends the methods that a path knows: "GET, HEAD, POST". */
void route_methods(const struct site *site, const char *path, GString *out);

enum method method_of(const char *name);
const char *method_name(enum method m);

/* Puts ids into a path: each {name} by `look(with, name)`, which answers a text to be freed or NULL. NULL if one was not to be had. */
char *route_path(
	const char *path, char *(*look)(const void *with, const char *name), const void *with);

/* ---- version.c ---- */

/* Reads If-Match (in a form, the field "version") where the route wants it; ERR_VERSION_MISSING, but what is wrong with fields goes first. */
enum err version_check(struct request *req);

/* The ETag of a success; NULL if it has none. Free with g_free(). */
char *version_tag(const struct request *req, const struct answer *ans);

/* ---- reply.c ---- */

/* A request has come; it is under way until its answer is sent. */
void reply_begin(void);

/* Sends the answer of a success or a refusal, as JSON or as a page; once. */
void reply_send(struct request *req, enum err e, const char *detail);

#endif
