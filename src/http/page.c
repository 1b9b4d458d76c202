#include "http/page.h"

#include <inttypes.h>
#include <string.h>

#include "http/form.h"
#include "http/frame.h"
#include "http/html.h"
#include "http/pairs.h"
#include "http/resource.h"
#include "http/resume.h"

/* ---- header and footer ---- */

/* Whether the menu has this route. Pages of members are hidden without a session. */
static bool
is_in_menu(const struct view *v, const struct route *route)
{
	if (route->menu == NULL || route->method != GET)
		return false;
	if (route->who == MEMBER || route->who == ADMIN)
		return view_may_call(v, NULL, route);
	return true;
}

static void
menu_item_write(const struct view *v, const char *path, const char *text)
{
	g_string_append(v->out, "<li>");
	view_link(v, path, text);
	g_string_append(v->out, "</li>");
}

/* Whether a session was sent that is over. Unknown while the server is busy: see page_problem(). */
static bool
session_is_over(const struct view *v)
{
	const char *code = json_text(json_get(v->problem, "code"));

	return *v->req->session != '\0' && v->viewer == NULL &&
		(code == NULL || strcmp(code, "busy") != 0);
}

static void
menu_write(const struct view *v)
{
	g_string_append(v->out, "<nav aria-label=\"Main\"><ul>");
	for (size_t i = 0; i < v->req->site->n_routes; i++) {
		const struct route *r = &v->req->site->routes[i];
		g_autofree char *path = is_in_menu(v, r) ? view_path_of_viewer(v, r->path) : NULL;

		if (path != NULL)
			menu_item_write(v, path, r->menu);
	}
	if (json_text(json_get(v->viewer, "name")) == NULL)
		menu_item_write(v, SIGN_IN_PAGE,
			session_is_over(v) ? "Your session is over: sign in again" : "Sign in");
	g_string_append(v->out, "</ul></nav>");
}

/* `typed`: what the page is about, as people named it, in the place of the title; NULL */
static void
header_write(const struct view *v, const char *title, const char *typed)
{
	g_string_append(v->out,
		"<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>");
	html_text(v->out, typed == NULL ? title : typed);
	g_string_append(v->out,
		" - Shoetopia</title><link rel=\"stylesheet\" href=\"/plain.css\">"
		"<link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\">"
		"</head><body class=\"plain\">"
		"<a class=\"skip\" href=\"#main\">Skip to the content</a><header>");
	g_string_append_printf(v->out, "<a class=\"brand\" href=\"%s/api/listings\">Shoetopia</a>",
		v->req->prefix);
	menu_write(v);
	g_string_append(v->out, "</header><main id=\"main\">");
	g_string_append(v->out, "<h1>");
	if (typed == NULL)
		html_text(v->out, title);
	else
		html_typed(v->out, typed);
	g_string_append(v->out, "</h1>");
}

static void
footer_write(const struct view *v)
{
	g_string_append(v->out, "</main></body></html>\n");
}

/* ---- the page of a success ---- */

/*
 * The address of this page, but for the value of one parameter, which is left out if it is empty.
 * The cursor is of this page alone.
 */
static void
changed_address_write(const struct view *v, const char *name, const char *value)
{
	g_autofree char *text = g_uri_escape_string(value, NULL, FALSE);
	const char *separator = "?";

	g_string_append_printf(v->out, "%s/api%s", v->req->prefix, v->req->path);
	for (guint i = 0; i < v->req->pairs->len; i++) {
		const struct pair *pair = &g_array_index(v->req->pairs, struct pair, i);
		g_autofree char *kept = g_uri_escape_string(pair->text, NULL, FALSE);

		if (*kept == '\0' || strcmp(pair->name, "cursor") == 0 ||
			strcmp(pair->name, name) == 0)
			continue;
		g_string_append_printf(v->out, "%s%s=%s", separator, pair->name, kept);
		separator = "&amp;";
	}
	if (*text != '\0')
		g_string_append_printf(v->out, "%s%s=%s", separator, name, text);
}

/* "More": the same address with the next cursor. */
static void
next_link_write(const struct view *v)
{
	const char *next = json_text(json_get(v->answer, "next"));

	if (next == NULL)
		return;
	g_string_append(v->out, "<ul class=\"pager\"><li><a rel=\"next\" href=\"");
	changed_address_write(v, "cursor", next);
	g_string_append(v->out, "\">More</a></li></ul>");
}

/* The filters that words of q were understood as, each with a link to the page without them. */
static void
understood_write(const struct view *v)
{
	const struct json *filter =
		json_first_element(json_get(json_get(v->answer, "understood"), "filters"));

	if (filter == NULL)
		return;
	g_string_append(v->out, "<ul class=\"understood\" aria-label=\"Filters in your words\">");
	for (; filter != NULL; filter = json_next_element(filter)) {
		g_autofree char *label = html_label(json_text(json_get(filter, "field")));
		g_autofree char *text =
			g_strdup_printf("%s: %s", label, json_text(json_get(filter, "value")));
		g_autofree char *remove = g_strconcat("Remove ", text, NULL);

		g_string_append(v->out, "<li>");
		html_text(v->out, text);
		g_string_append(v->out, " <a href=\"");
		changed_address_write(v, "q", json_text(json_get(filter, "rest")));
		g_string_append_c(v->out, '"');
		html_attribute(v->out, "aria-label", remove);
		g_string_append(v->out, ">Remove</a></li>");
	}
	g_string_append(v->out, "</ul>");
}

/* Whether the path has that of the page and more segments, none of them an id. */
static bool
is_below(const char *path, const char *page)
{
	size_t length = strlen(page);

	return strncmp(path, page, length) == 0 && path[length] == '/' &&
		strchr(path + length, '{') == NULL;
}

/* Links to the pages below this one. */
static void
links_below_write(const struct view *v)
{
	bool open = false;

	for (size_t i = 0; i < v->req->site->n_routes; i++) {
		const struct route *r = &v->req->site->routes[i];
		g_autofree char *path = NULL;

		if (r->method == GET && is_below(r->path, v->req->route->path) &&
			view_may_link(v, NULL, r))
			path = view_path(v, NULL, r->path);
		if (path == NULL)
			continue;
		if (!open)
			g_string_append(v->out, "<ul class=\"links\">");
		open = true;
		menu_item_write(v, path, r->summary);
	}
	if (open)
		g_string_append(v->out, "</ul>");
}

/* Whether a row has to give the value of a field, so that the form stands in rows alone. */
static bool
needs_row(const struct route *route)
{
	for (const struct field *f = route->fields; f != NULL && f->kind != FIELD_END; f++)
		if (f->hidden_from_row && !f->optional)
			return true;
	return false;
}

/* The forms of the whole page: those whose path and fields need nothing from a row. */
static void
page_forms_write(struct view *v)
{
	for (size_t i = 0; i < v->req->site->n_routes; i++) {
		const struct route *r = &v->req->site->routes[i];
		g_autofree char *path = !needs_row(r) && view_may_show_form(v, NULL, r)
			? view_path(v, NULL, r->path)
			: NULL;

		if (path != NULL)
			form_write(v, r, path, NULL);
	}
}

/* What a guest could do on this page with a session, and the way to one. */
static void
sign_in_note_write(const struct view *v)
{
	const char *between = " for more: ";
	bool open = false;

	for (size_t i = 0; i < v->req->site->n_routes; i++) {
		const struct route *r = &v->req->site->routes[i];

		if (!view_needs_session(v, r))
			continue;
		if (!open) {
			g_string_append(v->out, "<p class=\"hint\">");
			view_link(v, SIGN_IN_PAGE, "Sign in");
		}
		open = true;
		g_string_append(v->out, between);
		html_text(v->out, r->summary);
		between = ", ";
	}
	if (open)
		g_string_append(v->out, ".</p>");
}

/* JSON of our own making; NULL for NULL. */
static struct json *
parse(const char *text)
{
	enum json_fault fault;
	const char *why;

	return text == NULL ? NULL : json_parse(text, strlen(text), &fault, &why);
}

/* The page will ask again; who reads it may stop that. */
static void
again_write(const struct view *v)
{
	if (v->req->ans.again == NULL)
		return;
	g_string_append_printf(v->out,
		"<p class=\"notice\" role=\"status\">This is not settled yet. The page asks again "
		"by itself in %d seconds. ",
		PAGE_AGAIN_SECONDS);
	view_link(v, v->req->path, "Stop asking");
	g_string_append(v->out, "</p>");
}

void
page_success(const struct request *req, const char *answer, GString *out)
{
	g_autofree char *viewer_text = req->site->viewer(req);
	JSON_AUTO struct json *viewer = parse(viewer_text);
	JSON_AUTO struct json *root = parse(answer);
	struct view v = { .req = req, .out = out, .answer = root, .viewer = viewer };
	g_autofree char *name = resource_name(&v);

	header_write(&v, req->route->summary, name);
	again_write(&v);
	form_write_filter(&v, req->route);
	understood_write(&v);
	resource_write(&v);
	next_link_write(&v);
	links_below_write(&v);
	page_forms_write(&v);
	sign_in_note_write(&v);
	footer_write(&v);
}

/* ---- the page of a problem ---- */

/* The errors that are not shown at an input of the form. */
static void
other_errors_write(const struct view *v)
{
	for (const struct json *error = json_first_element(v->errors); error != NULL;
		error = json_next_element(error)) {
		const char *field = json_text(json_get(error, "field"));
		const char *message = json_text(json_get(error, "message"));
		int64_t line;

		if (message == NULL || (field != NULL && form_has_input(v->req, field)))
			continue;
		g_string_append(v->out, "<p class=\"error\">");
		resource_links_write(v, error);
		if (json_int64(json_get(error, "line"), &line))
			g_string_append_printf(v->out, "Line %" PRId64 ", ", line);
		if (field != NULL) {
			html_text(v->out, field);
			g_string_append(v->out, ": ");
		}
		html_text(v->out, message);
		g_string_append(v->out, "</p>");
	}
}

/* The prices that a refusal says, such as the new total_cents of price_changed. */
static void
prices_write(const struct view *v)
{
	bool open = false;

	for (void *it = json_first(v->problem); it != NULL; it = json_next(v->problem, it)) {
		g_autofree char *label = html_label(json_name(it));
		g_autofree char *price = html_plain(json_name(it), json_value(it));

		if (!g_str_has_suffix(json_name(it), "_cents") || price == NULL)
			continue;
		g_string_append(v->out, open ? "<dt>" : "<dl><dt>");
		open = true;
		html_text(v->out, label);
		g_string_append(v->out, "</dt>");
		html_element(v->out, "dd", price);
	}
	if (open)
		g_string_append(v->out, "</dl>");
}

/* What is done once the guest has signed in. */
static void
resumed_note_write(const struct view *v, const struct route *route)
{
	g_string_append(v->out, "<p class=\"notice\">Sign in or sign up, and this is done: ");
	html_text(v->out, route->summary);
	g_string_append(v->out, ".</p>");
}

/* The forms that start a session, empty; but for `served`, which the page has already. */
static void
sign_in_forms_write(struct view *v, const struct route *served)
{
	v->refill = false;
	for (size_t i = 0; i < v->req->site->n_routes; i++) {
		const struct route *r = &v->req->site->routes[i];

		if (r != served && view_is_shown_on(r, "401"))
			form_write(v, r, r->path, NULL);
	}
}

/* At the root of the site a problem looks like its pages there. */
static void
root_problem_write(GString *out, const struct json *problem)
{
	const char *title = json_text(json_get(problem, "title"));
	const char *detail = json_text(json_get(problem, "detail"));

	frame_begin(out, title == NULL ? "Error" : title,
		"<meta name=\"robots\" content=\"noindex\">\n", "/js/not_found.js");
	g_string_append(out, "<div class=\"empty\">");
	html_element(out, "h1", title == NULL ? "Error" : title);
	html_element(out, "p", detail == NULL ? "" : detail);
	g_string_append(
		out, "<p class=\"row\"><a class=\"button\" href=\"/\">Find shoes</a></p></div>\n");
	frame_end(out);
}

void
page_problem(const struct request *req, enum err e, const char *problem, GString *out)
{
	/* finding the viewer takes the database, which may be what is busy */
	g_autofree char *viewer_text = e == ERR_BUSY ? NULL : req->site->viewer(req);
	JSON_AUTO struct json *viewer = parse(viewer_text);
	JSON_AUTO struct json *root = parse(problem);
	g_autofree char *resume = resume_text(req);
	const struct route *resumed = resume_route(req, resume);
	const char *title = json_text(json_get(root, "title"));
	const char *detail = json_text(json_get(root, "detail"));
	struct view v = { .req = req,
		.out = out,
		.problem = root,
		.errors = json_get(root, "errors"),
		.viewer = viewer,
		.refill = true,
		.resume = resume,
		.key = e == ERR_BUSY || e == ERR_FAULT ? req->key : NULL };

	if (req->at_root) {
		root_problem_write(out, root);
		return;
	}
	header_write(&v, title == NULL ? "Error" : title, NULL);
	html_element(out, "p class=\"problem\" role=\"alert\"", detail == NULL ? "" : detail);
	other_errors_write(&v);
	prices_write(&v);
	if (resumed != NULL)
		resumed_note_write(&v, resumed);
	if (req->form && req->route != NULL && resumed != req->route)
		form_write(&v, req->route, req->path, NULL);
	else if (req->route != NULL && e == ERR_INVALID)
		form_write_filter(&v, req->route);
	if (e == ERR_UNAUTHENTICATED)
		sign_in_forms_write(&v, req->route);
	footer_write(&v);
}
