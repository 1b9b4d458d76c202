/*
 * HTTP as the market sees it: what may be asked (routes and fields), who may ask, and what an answer looks like, all as tables.
 *
 * The tables are read by one gate (gate.c), which checks every request the same way before a handler sees it, and by what is made from
 * them: the JSON problem, the plain HTML pages and forms, the OpenAPI document, the list of --routes.
 *
 * What it is not: it knows no database. A route names its statement by a number that only the market's handlers understand.
 */
#ifndef SHOETOPIA_HTTP_HTTP_H
#define SHOETOPIA_HTTP_HTTP_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum {
	BODY_MAX = 64 * 1024, /* bytes of a request body */
	IDS_MAX = 4,          /* {ids} in a path */
	FIELDS_MAX = 24,      /* fields of a route */
	SHOWN_ON_MAX = 3,     /* pages that show a route's form */
};

/* ---- fields: the input of a request ---- */

enum field_kind {
	FIELD_END = 0, /* ends a table */
	FIELD_TEXT,    /* one line, trimmed; min and max count characters */
	FIELD_LINES,   /* like FIELD_TEXT, but of several lines */
	FIELD_EMAIL,
	FIELD_PASSWORD,   /* not trimmed, and never sent back */
	FIELD_CHOICE,     /* exactly one of `choices` */
	FIELD_INTEGER,    /* from min to max */
	FIELD_HALF_STEPS, /* a number from min to max in steps of 0.5 */
	FIELD_BOOL,       /* true or false; in forms also 1 and 0 */
	FIELD_TIME,       /* RFC 3339 */
	FIELD_COUNTRY,    /* two letters of ISO 3166 */
	FIELD_ITEMS,      /* a list of objects with the fields `of`; a form repeats those fields */
};

struct field {
	const char *name;
	enum field_kind kind;
	int64_t min, max;
	const char *const *choices; /* NULL-terminated */
	const struct field *of;     /* FIELD_ITEMS */
	bool optional;
	bool repeated; /* a list: an array in JSON; a form or query repeats the field */
	bool not_zero; /* FIELD_INTEGER */
	unsigned at_least, at_most; /* elements of a list (repeated, or FIELD_ITEMS) */
	const char *default_value;  /* used if the field is left out; NULL: none */
	const char *or_field;       /* may be left out if the field of this name is given; NULL */

	/* HTML only. */
	const char *label; /* NULL: made from the name */
	const char *hint;  /* below the input; NULL */
	bool api_only;     /* no input for it on a page */
	/* A hidden input filled from the row's member of this name; the form is rendered once per
	 * row. */
	bool hidden_from_row;
	/* For a list of ids: a hidden input filled from the member of that name of the page's
	 * answer; NULL: none. */
	const char *hidden_from_page;
};

/* ---- schemas of answers: for OpenAPI, and for the test that checks real answers ---- */

enum member_kind {
	MEMBER_END = 0, /* ends a table */
	IS_ID,
	IS_INTEGER,
	IS_NUMBER,
	IS_TEXT,
	IS_TIME,
	IS_BOOL,
	IS_OBJECT, /* of schema `of` */
	IS_LIST,   /* of objects of schema `of` */
	IS_COUNTS, /* an object of objects of integers: facets */
};

struct member {
	const char *name;
	enum member_kind kind;
	const struct answer_schema *of;
	bool nullable;
	bool optional; /* may be missing */
};

struct answer_schema {
	const char *name;
	const struct member *members;
};

/* ---- routes ---- */

enum method { METHOD_NONE = 0, GET, POST, PUT, PATCH, DELETE };

/* Who may. Zero denies, so that a row without it is no open door; it is refused at start. */
enum who {
	WHO_UNSET = 0,
	ANYONE, /* with a session or without */
	MEMBER, /* a session */
	OWNER, /* the session of the shop's owner: {shop_id} in the path, or what is named there knows its shop */
	ADMIN,    /* the session of an admin */
	OPERATOR, /* whoever calls from this machine itself */
};

enum cache { NO_STORE = 0, PUBLIC_IF_ANONYMOUS, PUBLIC };
enum keyed { KEY_MAY = 0, KEY_MUST };

struct request;
struct answer;

struct route {
	enum method method;
	const char *path; /* below /api: "/shops/{shop_id}" */
	enum who who;
	const struct field
		*fields; /* NULL: none. GET reads them from the query, others from the body */
	int status;      /* of the success */
	/*
	 * Answers a checked request: a refusal, or ERR_NONE with `ans` filled. It may block, since it is called after the thread gave up the event
	 * loop (see `nonblocking`). A handler that called request_detach() may also return ERR_PENDING: another thread then calls gate_complete(),
	 * perhaps before the handler returns, so it must not touch the request any more.
	 */
	enum err (*handler)(struct request *req, struct answer *ans);
	int statement; /* that the handler calls, a number of the market's; 0: none */
	const char *
		summary; /* "List a shoe": title of the page, label of the button, summary in OpenAPI */
	const char *name; /* operationId: "create_listing" */
	const struct answer_schema
		*answer_schema; /* of the success; NULL: no content, or not JSON */
	enum cache cache;
	enum keyed key; /* POST of a session: may, or must carry an Idempotency-Key */
	const char
		*redirect; /* where a browser form goes on to; {ids} from the path and the answer */
	const char *shown_on[SHOWN_ON_MAX]; /* pages that show this route's form: their paths */
	const char *
		hidden_if; /* no form where this member of the row, or else of the page's answer, is there: neither null nor false */
	const char *
		hidden_unless; /* no form, and no link, where this member of the row, or else of the page's answer, is null */
	/*
	 * The handler does not block where request_can_detach() is true: it submits its call and returns ERR_PENDING or a refusal. It is then called
	 * by the leader itself, on the event loop, which saves a change of threads for each request of a crowd.
	 */
	bool nonblocking;
	bool versioned; /* its answer has a "version": GET gives it as the ETag, a change has to bring it as If-Match */
	const char *menu;         /* its name in the menu of every page; NULL: not in it */
	const enum err *refusals; /* that only this route gives; ends with ERR_NONE; for OpenAPI */
};

/* ---- the site: all of it in one value ---- */

struct site {
	const struct route *routes;
	size_t n_routes;
	/* Who looks at a page: a JSON object of the session's account ("name", "role", "shop_id"), to be freed with g_free(); NULL: nobody. */
	char *(*viewer)(const struct request *req);
	/* What has to be done though nobody asks: called twice a second, from a thread of its own; by plain CGI once, before its request. True:
	 * there may be more of it, so it is called again at once. NULL: there is no such thing. */
	bool (*tick)(void);
};

#endif
