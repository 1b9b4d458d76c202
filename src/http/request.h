/*
 * The inside of a request, for the http room alone.
 */
#ifndef SHOETOPIA_HTTP_REQUEST_H
#define SHOETOPIA_HTTP_REQUEST_H

#include "base/secret.h"
#include "http/http.h"
#include "http/transport.h"

/* One name and its text, as a query or a form gives it; names may repeat. */
struct pair {
	char *name;
	char *text;
};

/* A field's checked value. */
struct value {
	char *text; /* as PostgreSQL reads it; NULL: left out */
	char *json; /* the same memory where both are written alike */
};

/* Frees what it holds and zeroes it; in field.c. */
void value_clear(struct value *value);

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
	struct answer ans;
};

/* A request that has come by `x`; nothing of it is checked yet. */
struct request *request_new(const struct site *site, const struct transport *x);

/* Frees it with its answer, and wipes what may be secret. */
void request_free(struct request *req);

/* Whether the web server took it by HTTPS. */
bool request_is_https(const struct request *req);

/* Adds a field_error, unless there are many already; copies both texts. */
void request_add_error(struct request *req, const char *field, const char *message);

/* The first text of a pair with this name; NULL. */
const char *request_pair(const struct request *req, const char *name);

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

/* ---- input.c ---- */

/* Decodes "a=1&b=2" and appends its pairs. False: not decodable (bad %, NUL, bad UTF-8). */
bool input_pairs(const char *text, size_t length, GArray *pairs);

/* Checks the query, or the body of a form, or a JSON body against the route's fields; leaves values and field_errors. ERR_NONE even with field_errors. */
enum err input_check(struct request *req, const char *body, size_t length, const char **detail);

/* Hands a digest of the route, its ids and all checked values to `out`. */
void input_digest(const struct request *req, char out[static DIGEST_SIZE]);

/* ---- version.c ---- */

/* Reads If-Match (in a form, the field "version") where the route wants it; ERR_VERSION_MISSING, but what is wrong with fields goes first. */
enum err version_check(struct request *req);

/* The ETag of a success; NULL if it has none. Free with g_free(). */
char *version_tag(const struct request *req, const struct answer *ans);

/* ---- field.c ---- */

struct json;

/*
 * Checks one text of a query or a form; answers NULL and fills `out`, or a sentence that says what is wrong (lives for ever) and leaves it.
 * A field of one value only: lists are taken apart by the caller.
 */
const char *field_check(const struct field *field, const char *text, struct value *out);

/*
 * What is wrong with a field, with numbers in it. Made once and kept for ever, so that nobody frees it: only for what the tables of fields say, never for
 * what a client sent.
 */
const char *field_sentence(const char *format, ...) G_GNUC_PRINTF(1, 2);

/* The same for a JSON value, whose type must be the field's. */
const char *field_check_json(
	const struct field *field, const struct json *value, struct value *out);

/* ---- reply.c ---- */

/* A request has come; it is under way until its answer is sent. */
void reply_begin(void);

/* Sends the answer of a success or a refusal, as JSON or as a page; once. */
void reply_send(struct request *req, enum err e, const char *detail);

/* ---- page.c ---- */

/* The page of a success: the JSON `answer` as HTML with its links and forms. */
void page_resource(const struct request *req, const char *answer, GString *out);

/* The page of a refusal: for a form that was sent, the form again. `problem` is the JSON problem. */
void page_problem(const struct request *req, enum err e, const char *problem, GString *out);

#endif
