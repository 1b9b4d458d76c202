/*
 * The tables that describe a site: its routes, their fields, who may use them, and the schemas of
 * their answers.
 *
 * The gate (gate.c) checks every request against them before it calls the handler. The plain HTML
 * pages and their forms, the OpenAPI document and --routes are made from the same tables.
 *
 * HTTP knows no database: a route names its statement by a number that only the market's handlers
 * understand.
 */
#ifndef SHOETOPIA_HTTP_HTTP_H
#define SHOETOPIA_HTTP_HTTP_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum {
	BODY_MAX = 64 * 1024,      /* bytes of a request body */
	RAW_BODY_MAX = 256 * 1024, /* of a route that takes it as it is */
	IDS_MAX = 4,               /* {ids} in a path */
	FIELDS_MAX = 24,           /* fields of a route */
	SHOWN_ON_MAX = 3,          /* pages that show a route's form */
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
	FIELD_MONEY,      /* cents from min to max; its name ends in _cents: see money.h */
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
	const char *const *choices;      /* NULL-terminated */
	const char *const *choice_words; /* what the input shows for each; NULL: itself */
	const struct field *of;          /* FIELD_ITEMS */
	bool optional;
	bool repeated;     /* a list: an array in JSON; a form or query repeats the field */
	bool not_zero;     /* FIELD_INTEGER */
	bool new_password; /* FIELD_PASSWORD: none of the most common ones */
	unsigned at_least, at_most; /* elements of a list (repeated, or FIELD_ITEMS) */
	const char *default_value;  /* used if the field is left out; NULL: none */
	const char *or_field;       /* may be left out if the field of this name is given; NULL */
	/*
	 * Of a change: the empty text takes away what is there. A form sends it by an input that is
	 * left empty; without this, such an input means that the field was left out.
	 */
	bool empty_clears;
	/* FIELD_MONEY of a change: may be left out, but not sent by an input that is empty. */
	bool never_empty;

	/* HTML only. */
	const char *label; /* NULL: made from the name */
	const char *hint;  /* below the input; NULL */
	/* One more sentence of the hint, which settings decide; it may return NULL. NULL: none. */
	const char *(*note)(void);
	const char *blank; /* FIELD_CHOICE, optional: the label of no choice; NULL: "any" */
	bool fresh;        /* empty also in a form that changes something which has such a value */
	bool api_only;     /* no input for it on a page */
	/* A hidden input filled from the row's member of this name; the form is rendered once per
	 * row. */
	bool hidden_from_row;
	/* For a list of ids: a hidden input filled from the member of that name of the page's
	 * answer; NULL: none. */
	const char *hidden_from_page;
	/*
	 * FIELD_MONEY: the most that a form may spend. A hidden input filled with what the page
	 * shows: the member of this name of its answer, or that of a sale (sale_price_cents for
	 * price_cents) where there is one; after a refusal, the problem's member. NULL: an input.
	 */
	const char *expects;
	/*
	 * For a repeated field of a form that writes a list anew: the list of the page's answer,
	 * and the member of its objects, that fill its inputs. No form where the page has only a
	 * part of the list. NULL: none.
	 */
	const char *listed_in, *listed_member;
	/*
	 * FIELD_CHOICE: for each choice a member of the row, or else of the page's answer; while
	 * that is null or false, the input does not offer it. NULL: all are offered.
	 */
	const char *const *choices_while;
	/* No input while this member of the row, or else of the answer, is null or false. */
	const char *input_while;
	const char *initial; /* what the input of a new thing holds at first; NULL: nothing */
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

/*
 * What a form needs so that it can succeed: a member of the row, or else of the answer; or a member
 * of an object, or of each object of a list, which must not be empty. Where the page has no such
 * member or list, it is met.
 */
struct condition {
	const char *list;         /* or an object; NULL: the row or the answer itself */
	const char *member;       /* NULL: only that the list is not empty */
	const char *const *texts; /* one of these; NULL: anything but 0, null and false */
};

enum method { METHOD_NONE = 0, GET, POST, PUT, PATCH, DELETE };

/* Who may use a route. Zero denies; a row without it is refused at start. */
enum who {
	WHO_UNSET = 0,
	ANYONE,   /* with a session or without */
	MEMBER,   /* any session */
	OWNER,    /* the session of the owner of the shop in the path, or of the resource's shop */
	ADMIN,    /* the session of an admin */
	OPERATOR, /* a client on this host, without a session */
};

/* FOR_EVER: what is at this address never changes. */
enum cache { NO_STORE = 0, PUBLIC_IF_ANONYMOUS, PUBLIC, PUBLIC_FOR_AN_HOUR, FOR_EVER };
/* KEY_OF_FORM: an anonymous write, which a form may repeat with the key that it was served with. */
enum keyed { KEY_MAY = 0, KEY_MUST, KEY_NEVER, KEY_OF_FORM };

struct request;
struct answer;

/*
 * A body that is a file: sent as it is, with one of these media types, or as the only file of a
 * form (multipart/form-data), where a browser chooses the type by the file's name.
 */
struct file_body {
	const char *const *types; /* NULL-terminated */
	size_t size_max;          /* bytes of the file */
	const char *field;        /* its name in a form */
	const char *label;        /* HTML only, as in struct field */
	const char *hint;
	const char *too_large; /* the sentence of a refusal */
	/*
	 * With ?dry_run=1, or such a field of the form, the file is only checked: see
	 * request_is_dry_run().
	 */
	bool can_be_checked;
};

struct route {
	enum method method;
	const char *path; /* below /api: "/shops/{shop_id}" */
	enum who who;
	const struct field *fields; /* of the query for GET, else of the body; NULL: none */
	int status;                 /* of the success */
	/*
	 * Answers a checked request: returns a refusal, or ERR_NONE with `ans` filled. It may
	 * block, unless the route is marked nonblocking. After request_detach() it may also return
	 * ERR_PENDING: another thread then calls gate_complete(), perhaps before the handler
	 * returns, so the handler must not use the request any more.
	 */
	enum err (*handler)(struct request *req, struct answer *ans);
	int statement;       /* that the handler calls, by the market's numbers; 0: none */
	const char *summary; /* "List a shoe": title, label of the button, summary in OpenAPI */
	const char *name;    /* operationId: "create_listing" */
	const struct answer_schema *answer_schema; /* NULL: no content, or not JSON */
	const char *answer_type; /* the media type of what is not JSON, for OpenAPI; NULL: any */
	enum cache cache;
	/*
	 * Whether a write of a session may or must have an Idempotency-Key; KEY_NEVER: it is
	 * ignored, since the request can be repeated without harm. See route_takes_key().
	 */
	enum keyed key;
	/*
	 * Pages: where a browser is redirected after the form; {ids} are from the path and the
	 * answer.
	 */
	const char *redirect;
	const char *shown_on[SHOWN_ON_MAX]; /* pages that show the form, by their paths */
	/*
	 * No form if this member of the row, or else of the answer, is there, not null and not
	 * false.
	 */
	const char *hidden_if;
	/*
	 * No form and no link if one of these members (separated by blanks) of the row, or else of
	 * the answer, is null or false.
	 */
	const char *hidden_unless;
	const struct condition *shown_while; /* no form unless all are met; ends with zeros; NULL */
	/*
	 * Where request_can_detach() is true, the handler does not block: it submits its call and
	 * returns ERR_PENDING or a refusal. The leader then calls it without releasing leadership,
	 * which saves a change of threads for each request.
	 */
	bool nonblocking;
	/* The same where request_can_defer() is true: of pages too. */
	bool deferred;
	/*
	 * The answer has a "version": GET sends it as the ETag, changes must send it as If-Match.
	 */
	bool versioned;
	/*
	 * Its handler gets the JSON body as it was sent (request_body()), which nothing checks: it
	 * is signed. It has no fields.
	 */
	bool raw_body;
	/* Its body is a file; only size and type are checked. It has no fields. NULL: it is not. */
	const struct file_body *file;
	/*
	 * It ends the session of the request. A form for which the session is over already
	 * succeeds.
	 */
	bool ends_session;
	/*
	 * Of a page of one thing: the members that name it, separated by blanks, in a link from a
	 * row that has them. NULL: the link is the word and the number of its id, "Order 7".
	 */
	const char *named_by;
	/*
	 * Its page's address, or its form, has a token that stands for an account: no page that is
	 * linked gets to know the address. Browsers then do not say from which origin the form is;
	 * the token is what a page of another origin does not have.
	 */
	bool no_referrer;
	const char *menu; /* its name in the menu of every page; NULL: not in it */
	bool admins_too;  /* of OWNER: pages of admins link it, its statement answers them */
	/* A guest is shown its form too; it is carried out after signing in: see resume.h. */
	bool guests;
	/* The owner of the shop of the page or row is not shown its form. */
	bool not_for_owner;
	const enum err *refusals; /* of this route alone, ends with ERR_NONE; for OpenAPI */
};

/* ---- the site ---- */

/*
 * What pages show for a value of a member, where the object, or else the one around it, has another
 * member `when` that is `is`.
 */
struct wording {
	const char *member, *value, *when, *is, *words;
};

struct site {
	const struct route *routes;
	size_t n_routes;
	const struct wording *wordings; /* ends with a NULL member; NULL: none */
	/*
	 * Pages and files beside /api, such as /robots.txt: GET alone, their paths begin at the
	 * root of the site. No part of the contract, so not of OpenAPI. They ignore parameters that
	 * they do not know: links of others have some of their own.
	 */
	const struct route *root;
	size_t n_root;
	/*
	 * Returns the account of the session for the head of a page, as a JSON object ("name",
	 * "role", "shop_id"); NULL: no session. Free with g_free().
	 */
	char *(*viewer)(const struct request *req);
	/*
	 * The background task: called twice a second by a thread of its own, or by plain CGI once
	 * before its request. True: there may be more to do, so it is called again at once. NULL:
	 * there is none.
	 */
	bool (*background_tick)(void);
	/*
	 * The database decides on the callers of all guarded routes: a success that no such
	 * statement gave (struct answer) is not sent but is a fault.
	 */
	bool guarded_by_database;
};

#endif
