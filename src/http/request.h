/*
 * The data of a request, for the HTTP layer alone; handlers see it through handler.h.
 */
#ifndef SHOETOPIA_HTTP_REQUEST_H
#define SHOETOPIA_HTTP_REQUEST_H

#include "base/secret.h"
#include "http/client.h"
#include "http/field.h"
#include "http/handler.h"
#include "http/route.h"
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
	enum method method;        /* HEAD is GET with `head` */
	bool head;
	bool at_root;          /* `path` is of one of the site's `root`, not below /api */
	bool form;             /* the body is a form that a browser sent */
	bool html;             /* the response is an HTML page */
	const char *file_type; /* see request_file_type() */
	bool dry_run;          /* see request_is_dry_run() */
	bool by_cookie;        /* the token is that of the cookie */
	struct client client;
	char id[RANDOM_ID_SIZE];
	char *target;       /* the request's URI without its query; path and query point into it */
	const char *prefix; /* before /api: "" or "/cgi-bin/shoetopia" */
	const char *path;   /* below /api: "/shops/7" */
	const char *query;  /* after the "?"; "" */
	struct path_ids ids;
	GArray *pairs;                   /* of struct pair: of the query or form */
	struct value values[FIELDS_MAX]; /* in the order of the route's fields */
	GArray *field_errors;            /* of struct field_error */
	char session[DIGEST_SIZE];       /* digest of the token; "": none */
	const char *key;                 /* points into a header or a pair; NULL: none */
	char digest[DIGEST_SIZE];        /* of the request, if it has a key */
	char *versions;                  /* see request_versions() */
	GString *body;
	bool can_detach; /* see request_can_detach() */
	bool may_block;  /* before_blocking was called */
	bool resumed; /* its session was started just now: any response has the cookie (resume.h) */
	int64_t begun; /* of stats_request_begun() */
	struct answer ans;
};

/* A request that was received by `x`; nothing of it is checked yet. */
struct request *request_new(const struct site *site, const struct transport *x);

/* Wipes what may be secret, and frees the request with its answer. */
void request_free(struct request *req);

/* Must be called before this thread may block; gives up leadership the first time. */
void request_before_blocking(struct request *req);

/* A CGI variable; NULL, or "", if it is not set. */
const char *request_param(const struct request *req, const char *name);
const char *request_param_or_empty(const struct request *req, const char *name);

/* Whether the web server sent the variable more than once, as nginx does with some headers. */
bool request_param_is_repeated(const struct request *req, const char *name);

/* Whether the client sent it over HTTPS: to the web server, or to a trusted proxy. */
bool request_is_https(const struct request *req);

/* The name of the session's cookie: browsers hold that of HTTPS to Secure, Path=/ and the host. */
const char *request_cookie(const struct request *req);

/* Whether the browser states that the request comes from a page of this origin. */
bool request_is_same_origin(const struct request *req);

/* Whether the browser states where it comes from, and it is not this origin. Programs do not. */
bool request_is_cross_origin(const struct request *req);

/* Adds a field error, unless there are many already; copies both texts. */
void request_add_error(struct request *req, const char *field, const char *message);

#endif
