/*
 * The plain HTML pages: the frame with its menu, a resource (resource.c) with its forms (form.c), or a problem with the form again. All of
 * it comes from the tables of routes and fields; no page is written by hand.
 */
#include <stdlib.h>
#include <string.h>

#include "http/html.h"
#include "http/page.h"
#include "http/pairs.h"

void
html_text(GString *out, const char *text)
{
	g_autofree char *escaped = g_markup_escape_text(text, -1);

	g_string_append(out, escaped);
}

char *
html_label(const char *name)
{
	char *label = g_strdup(name);
	char *suffix;

	g_strdelimit(label, "_", ' ');
	suffix = strrchr(label, ' ');
	if (suffix != NULL &&
		(strcmp(suffix, " id") == 0 || strcmp(suffix, " name") == 0 ||
			strcmp(suffix, " cents") == 0 || strcmp(suffix, " at") == 0))
		*suffix = '\0';
	label[0] = g_ascii_toupper(label[0]);
	return label;
}

char *
html_plain(const char *name, const struct json *value)
{
	int64_t cents;

	if (g_str_has_suffix(name, "_cents") && json_int64(value, &cents)) {
		uint64_t size = cents < 0 ? (uint64_t)-cents : (uint64_t)cents;

		return g_strdup_printf("%s$%" G_GUINT64_FORMAT ".%02u", cents < 0 ? "-" : "",
			size / 100, (unsigned)(size % 100));
	}
	if (json_kind(value) == JSON_KIND_BOOL)
		return g_strdup(json_bool(value) ? "yes" : "no");
	/* 2026-12-24T18:00:00.000Z */
	if (g_str_has_suffix(name, "_at") && json_text(value) != NULL &&
		strlen(json_text(value)) > 16)
		return g_strdup_printf("%.10s %.5s UTC", json_text(value), json_text(value) + 11);
	return json_plain(value);
}

/* ---- what the page knows ---- */

struct around {
	const struct view *view;
	const struct json *row;
};

static char *
look_around(const void *with, const char *name)
{
	const struct around *a = with;
	const struct json *member = json_get(a->row, name);
	const char *id = member == NULL ? request_path_id(a->view->req, name) : NULL;

	if (id != NULL)
		return g_strdup(id);
	if (member == NULL)
		member = json_get(a->view->answer, name);
	return member == NULL ? NULL : json_plain(member);
}

static char *
look_at_viewer(const void *with, const char *name)
{
	const struct json *member = json_get(((const struct view *)with)->viewer, name);

	return member == NULL ? NULL : json_plain(member);
}

char *
view_path(const struct view *v, const struct json *row, const char *path)
{
	const struct around around = { .view = v, .row = row };

	return route_path(path, look_around, &around);
}

bool
view_may(const struct view *v, const struct json *row, const struct route *route)
{
	const struct around around = { .view = v, .row = row };
	const char *role = json_text(json_get(v->viewer, "role"));
	g_autofree char *shop = NULL;
	g_autofree char *own = NULL;

	switch (route->who) {
	case ANYONE:
		return true;
	case MEMBER:
		return v->viewer != NULL;
	case ADMIN:
		return role != NULL && strcmp(role, "admin") == 0;
	case OWNER:
		shop = look_around(&around, "shop_id");
		own = look_at_viewer(v, "shop_id");
		return shop != NULL && own != NULL && strcmp(shop, own) == 0;
	default:
		return false;
	}
}

/* "More": the same address with the next cursor. */
static void
pager_write(const struct view *v)
{
	const char *next = json_text(json_get(v->answer, "next"));
	g_autofree char *cursor = NULL;

	if (next == NULL)
		return;
	g_string_append_printf(v->out, "<ul class=\"pager\"><li><a rel=\"next\" href=\"%s/api%s?",
		v->req->prefix, v->req->path);
	for (guint i = 0; i < v->req->pairs->len; i++) {
		const struct pair *pair = &g_array_index(v->req->pairs, struct pair, i);
		g_autofree char *text = g_uri_escape_string(pair->text, NULL, FALSE);

		if (strcmp(pair->name, "cursor") != 0 && *text != '\0')
			g_string_append_printf(v->out, "%s=%s&amp;", pair->name, text);
	}
	cursor = g_uri_escape_string(next, NULL, FALSE);
	g_string_append_printf(v->out, "cursor=%s\">More</a></li></ul>", cursor);
}

/* Links to what lies below this page: its routes with one more word. */
static void
neighbours_write(const struct view *v)
{
	const char *here = v->req->route->path;
	size_t length = strlen(here);
	bool open = false;

	for (size_t i = 0; i < v->req->site->n_routes; i++) {
		const struct route *r = &v->req->site->routes[i];
		g_autofree char *path = NULL;

		if (r->method != GET || strncmp(r->path, here, length) != 0 ||
			r->path[length] != '/' || strchr(r->path + length, '{') != NULL ||
			!view_may(v, NULL, r) || !view_has_need(v, NULL, r) ||
			(path = view_path(v, NULL, r->path)) == NULL)
			continue;
		g_string_append(v->out, open ? "<li>" : "<ul class=\"links\"><li>");
		link_write(v, path, r->summary);
		g_string_append(v->out, "</li>");
		open = true;
	}
	if (open)
		g_string_append(v->out, "</ul>");
}

/* ---- the frame of every page ---- */

static void
menu_write(const struct view *v)
{
	const char *name = json_text(json_get(v->viewer, "name"));

	g_string_append(v->out, "<nav aria-label=\"Main\"><ul>");
	for (size_t i = 0; i < v->req->site->n_routes; i++) {
		const struct route *r = &v->req->site->routes[i];
		g_autofree char *path =
			r->menu == NULL ? NULL : route_path(r->path, look_at_viewer, v);

		if (path == NULL || r->method != GET || (r->who == MEMBER && v->viewer == NULL) ||
			(r->who == ADMIN && !view_may(v, NULL, r)))
			continue;
		g_string_append(v->out, "<li>");
		link_write(v, path, r->menu);
		g_string_append(v->out, "</li>");
	}
	if (name == NULL) {
		g_string_append(v->out, "<li>");
		link_write(v, "/account", "Sign in");
		g_string_append(v->out, "</li>");
	}
	g_string_append(v->out, "</ul></nav>");
}

static void
frame_begin(const struct view *v, const char *title)
{
	g_string_append(v->out,
		"<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>");
	html_text(v->out, title);
	g_string_append(v->out,
		" - Shoetopia</title><link rel=\"stylesheet\" href=\"/plain.css\"><link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\">"
		"</head><body class=\"plain\"><a class=\"skip\" href=\"#main\">Skip to the content</a><header>");
	g_string_append_printf(v->out, "<a class=\"brand\" href=\"%s/api/listings\">Shoetopia</a>",
		v->req->prefix);
	menu_write(v);
	g_string_append(v->out, "</header><main id=\"main\"><h1>");
	html_text(v->out, title);
	g_string_append(v->out, "</h1>");
}

static void
frame_end(const struct view *v)
{
	g_string_append(v->out, "</main></body></html>\n");
}

void
page_success(const struct request *req, const char *answer, GString *out)
{
	enum json_fault fault;
	const char *why;
	g_autofree char *viewer_text = req->site->viewer(req);
	JSON_AUTO struct json *viewer = viewer_text == NULL
		? NULL
		: json_parse(viewer_text, strlen(viewer_text), &fault, &why);
	JSON_AUTO struct json *root = json_parse(answer, strlen(answer), &fault, &why);
	struct view v = { .req = req, .out = out, .answer = root, .viewer = viewer };

	frame_begin(&v, req->route->summary);
	form_filter(&v, req->route);
	resource_write(&v);
	pager_write(&v);
	neighbours_write(&v);
	forms_write(&v);
	frame_end(&v);
}

/* Whether the form that follows shows what is wrong with this field beside its input. */
static bool
has_input(const struct request *req, const char *name)
{
	for (const struct field *f = req->route == NULL ? NULL : req->route->fields;
		f != NULL && f->kind != FIELD_END; f++) {
		if (f->kind == FIELD_ITEMS && pairs_get(req->pairs, f->of[0].name) != NULL)
			for (const struct field *of = f->of + 1; of->kind != FIELD_END;
				of++) /* the first of them is hidden */
				if (strcmp(of->name, name) == 0)
					return true;
		if (f->kind != FIELD_ITEMS && strcmp(f->name, name) == 0)
			return !f->hidden_from_row && (req->form || !f->api_only);
	}
	return false;
}

/* What the problem says that belongs to no input of the form. */
static void
other_errors_write(const struct view *v)
{
	for (size_t i = 0; i < json_count(v->errors); i++) {
		const struct json *error = json_at(v->errors, i);
		const char *field = json_text(json_get(error, "field"));
		const char *message = json_text(json_get(error, "message"));
		bool shown = field != NULL && has_input(v->req, field);

		if (shown || message == NULL)
			continue;
		g_string_append(v->out, "<p class=\"error\">");
		if (field != NULL) {
			html_text(v->out, field);
			g_string_append(v->out, ": ");
		}
		html_text(v->out, message);
		g_string_append(v->out, "</p>");
	}
}

/* The forms by which one gets a session. */
static void
sign_in_write(struct view *v, const struct route *but)
{
	bool typed = v->typed;

	v->typed = false;
	for (size_t i = 0; i < v->req->site->n_routes; i++) {
		const struct route *r = &v->req->site->routes[i];

		if (r != but && view_shows(r, "401"))
			form_write(v, r, r->path, NULL);
	}
	v->typed = typed;
}

void
page_problem(const struct request *req, enum err e, const char *problem, GString *out)
{
	enum json_fault fault;
	const char *why;
	JSON_AUTO struct json *root = json_parse(problem, strlen(problem), &fault, &why);
	g_autofree char *viewer_text = e == ERR_BUSY ? NULL : req->site->viewer(req);
	JSON_AUTO struct json *viewer = viewer_text == NULL
		? NULL
		: json_parse(viewer_text, strlen(viewer_text), &fault, &why);
	struct view v = { .req = req,
		.out = out,
		.problem = root,
		.errors = json_get(root, "errors"),
		.viewer = viewer,
		.typed = true };
	const char *title = json_text(json_get(root, "title"));
	const char *detail = json_text(json_get(root, "detail"));

	if (e == ERR_BUSY || e == ERR_FAULT)
		v.key = req->key;
	frame_begin(&v, title == NULL ? "Error" : title);
	g_string_append(out, "<p class=\"problem\" role=\"alert\">");
	html_text(out, detail == NULL ? "" : detail);
	g_string_append(out, "</p>");
	other_errors_write(&v);
	if (req->form && req->route != NULL)
		form_write(&v, req->route, req->path, NULL);
	else if (req->route != NULL && e == ERR_INVALID)
		form_filter(&v, req->route);
	if (e == ERR_UNAUTHENTICATED)
		sign_in_write(&v, req->route);
	frame_end(&v);
}
