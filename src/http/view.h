/*
 * What a page is made from, and which links and forms it may show.
 *
 * `row` is an object of a list of the answer, such as one listing of many; NULL outside of a table.
 */
#ifndef SHOETOPIA_HTTP_VIEW_H
#define SHOETOPIA_HTTP_VIEW_H

#include "base/json.h"
#include "http/request.h"

struct view {
	const struct request *req;
	GString *out;
	const struct json *answer;  /* of the request; NULL on the page of a problem */
	const struct json *problem; /* NULL on the page of a success */
	const struct json *errors;  /* the problem's "errors"; NULL */
	const struct json *viewer;  /* the account of the session; NULL: none */
	const struct json *outer;   /* the object around the one that is written; NULL: none */
	bool refill;                /* fill forms with what the request sent */
	const char *key;    /* of a call whose outcome is unknown: its form keeps this key; NULL */
	const char *resume; /* of a page of a 401: what its forms carry (resume.h); NULL */
	unsigned n_inputs;  /* so far; numbers the ids of inputs */
};

/*
 * Puts ids into the path of a route: each {name} from the row, else from the request's path, else
 * from the answer. Free with g_free(); NULL if one is missing.
 */
char *view_path(const struct view *v, const struct json *row, const char *path);

/* The same with the members of the viewer's account. */
char *view_path_of_viewer(const struct view *v, const char *path);

/* Whether the viewer has the right to call this route, as far as the page can know. */
bool view_may_call(const struct view *v, const struct json *row, const struct route *route);

/* Whether to link to this route: by its rights and its hidden_unless. */
bool view_may_link(const struct view *v, const struct json *row, const struct route *route);

/* Whether to show the form of this route: by its shown_on, rights and conditions. */
bool view_may_show_form(const struct view *v, const struct json *row, const struct route *route);

/* Whether a session is all that is missing to show the form of this route on this page. */
bool view_needs_session(const struct view *v, const struct route *route);

/* Whether a member is there, not null and not false. */
bool view_is_set(const struct json *member);

/*
 * What to show for the value of a member of the row, or else of the answer; NULL: itself. See
 * struct wording.
 */
const char *view_words(
	const struct view *v, const struct json *row, const char *name, const char *value);

/* Whether `page` is one of the pages in shown_on: a path, or "401" for the page of that status. */
bool view_is_shown_on(const struct route *route, const char *page);

/* Appends a link to `path` (below /api), with words of our own or with what people typed. */
void view_link(const struct view *v, const char *path, const char *text);
void view_link_typed(const struct view *v, const char *path, const char *text);

#endif
