/*
 * What a handler sees of its request, and the answer that it fills.
 */
#ifndef SHOETOPIA_HTTP_HANDLER_H
#define SHOETOPIA_HTTP_HANDLER_H

#include "http/http.h"

/* ---- the request; texts live as long as it ---- */

/* A checked value: of a field by its name, or of an {id} in the path. NULL if it was left out. */
const char *request_text(const struct request *req, const char *name);

/*
 * Calls `each` for every id and every checked value: as text for PostgreSQL, and as JSON. Passwords
 * are left out: a handler gets those by name.
 */
void request_each(const struct request *req,
	void (*each)(void *to, const char *name, const char *text, const char *json), void *to);

const struct route *request_route(const struct request *req);
const struct site *request_site(const struct request *req);

/* Whether a browser sent it as a form, and gets pages. */
bool request_is_of_browser(const struct request *req);

/* The digest of the session's token; NULL if the request has no well-formed token. */
const char *request_session(const struct request *req);

/*
 * The client's address: the web server's peer, or behind a trusted proxy the one that it forwards
 * (client.h). NULL if the web server reports none.
 */
const char *request_address(const struct request *req);

/*
 * The versions that If-Match names, as an array for PostgreSQL; NULL: any, or the route is not
 * versioned.
 */
const char *request_versions(const struct request *req);

/* The idempotency key, and the digest of the request that it stands for; NULL without a key. */
const char *request_key(const struct request *req);
const char *request_digest(const struct request *req);

/* The body as it was sent, of a route with raw_body; or the file of one that takes a file. */
const GString *request_body(const struct request *req);

/* The media type that the file was sent with, one of the route's; NULL: it was sent by a form. */
const char *request_file_type(const struct request *req);

/* Whether the file is only to be checked; the answer is then sent with 200. */
bool request_is_dry_run(const struct request *req);

/* A header by its CGI variable ("HTTP_ACCEPT"); NULL: there is none, or it is repeated. */
const char *request_header(const struct request *req, const char *name);

/*
 * The address of the site, without a "/" at its end: SHOETOPIA_PUBLIC_URL, else as the request
 * names it; "" if that is no host. Free with g_free().
 */
char *request_site_url(const struct request *req);

/* Whether the response is an HTML page. */
bool request_is_page(const struct request *req);

/* ---- responses that another thread completes ---- */

/*
 * Whether another thread may complete the response: not of a page, not over plain CGI, not on a
 * connection that is closed after it. The gate decides this before it calls the handler.
 */
bool request_can_detach(const struct request *req);

/*
 * The same for another thread that may block, of a page too: always but over plain CGI.
 */
bool request_can_defer(const struct request *req);

/*
 * Prepares the connection for a response by another thread, which requires request_can_detach(), or
 * request_can_defer() if that thread may block.
 * The handler then returns ERR_PENDING, and the other thread calls gate_complete(); or a refusal.
 */
void request_detach(struct request *req);

/* ---- the answer ---- */

#define HTML_TYPE "text/html; charset=utf-8"

struct answer {
	GString *body;    /* JSON of the success, unless `type` says otherwise */
	const char *type; /* media type; NULL: application/json */
	bool by_database; /* given by a statement that decided whether the caller may have it */
	bool replayed;    /* of an earlier request with the same key */
	const char *file_name; /* under which a browser keeps it; NULL */
	/*
	 * Of an answer of any length, whose body is its beginning: appends the next part to `out`,
	 * or returns false if there is none. Called until then, once the part before is sent.
	 * NULL: the body is all.
	 */
	bool (*more)(struct request *req, struct answer *ans, GString *out);
	/* g_free()d with the answer, or NULL: */
	char *extra; /* members to add to a problem, the text of a JSON object */
	char *token; /* of a new session, to be set as the cookie */
	/* Where a form that succeeded leads, below /api; NULL: to the route's redirect. */
	char *page;
	char *cursor;    /* of the next part, for `more` */
	char *elsewhere; /* where it leads instead, on another server: a whole URL */
	/* Of a page: the path below /api that it is followed by after a few seconds; NULL: none. */
	char *again;
	bool forget_cookie;      /* the session has ended */
	int retry_after_seconds; /* of ERR_BUSY and ERR_TOO_MANY_REQUESTS; 0: 1 second */
};

#endif
