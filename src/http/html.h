/*
 * HTML for the plain pages: page.c lays out, resource.c shows an answer, form.c makes forms out of the routes' fields. For the http room alone.
 */
#ifndef SHOETOPIA_HTTP_HTML_H
#define SHOETOPIA_HTTP_HTML_H

#include "base/json.h"
#include "http/request.h"

/* What a page is made from. */
struct view {
	const struct request *req;
	GString *out;
	const struct json *answer;  /* the resource; NULL on a problem's page */
	const struct json *errors;  /* the problem's "errors"; NULL */
	const struct json *problem; /* NULL on the page of a success */
	const struct json *viewer;  /* who looks; NULL: nobody */
	bool typed;                 /* fill the form with what was typed */
	const char *
		key; /* of a call whose outcome nobody knows: the form again is the same call; NULL */
	bool filter;       /* the form at hand filters; all of it is optional */
	unsigned nth;      /* which of the values of a repeated field is at hand; from 0 */
	bool edits;        /* the form at hand changes something that exists */
	unsigned n_inputs; /* makes the ids of inputs unique */
};

/* Appends text with its markup characters escaped. */
void html_text(GString *out, const char *text);

/* "promotion_tier" as a person reads it: "Promotion tier". Free with g_free(). */
char *html_label(const char *name);

/* A scalar member as a person reads it: cents as dollars, times to the minute. NULL for objects and arrays. Free with g_free(). */
char *html_plain(const char *name, const struct json *value);

/* The ids around a place on the page fill the path of another route: those of the row, of the path, of the resource, of the viewer's own. NULL: not all are known. */
char *view_path(const struct view *v, const struct json *row, const char *path);

/* Whether whoever looks may call this route, as far as a page can tell. */
bool view_may(const struct view *v, const struct json *row, const struct route *route);

/* Whether the form of a route belongs on the page of that path. */
bool view_shows(const struct route *route, const char *page);

/* Whether the row, or else the page's answer, has what the route needs, or neither speaks of it. */
bool view_has_need(const struct view *v, const struct json *row, const struct route *route);

/* Appends a link to `path` (below /api). */
void link_write(const struct view *v, const char *path, const char *text);

/* Appends the page's own answer, with the forms of its rows. */
void resource_write(struct view *v);

/* Appends the forms of the whole page: those whose path needs nothing from a row. */
void forms_write(struct view *v);

/* Appends the form of one route, sent to `path` (below /api). */
void form_write(
	struct view *v, const struct route *route, const char *path, const struct json *row);

/* Appends the form that filters the page's own list. */
void form_filter(struct view *v, const struct route *route);

#endif
