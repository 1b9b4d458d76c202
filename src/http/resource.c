/* A resource as HTML: its answer as terms and tables, links where an id leads somewhere, and the forms of what one may do next. */
#include <string.h>

#include "http/html.h"

enum { NESTING_MAX = 4 };

bool
view_shows(const struct route *route, const char *page)
{
	for (int i = 0; i < SHOWN_ON_MAX && route->shown_on[i] != NULL; i++)
		if (strcmp(route->shown_on[i], page) == 0)
			return true;
	return false;
}

bool
view_has_need(const struct view *v, const struct json *row, const struct route *route)
{
	const struct json *needed =
		route->hidden_unless == NULL ? NULL : json_get(row, route->hidden_unless);

	if (needed == NULL && route->hidden_unless != NULL)
		needed = json_get(v->answer, route->hidden_unless);
	return needed == NULL || json_kind(needed) != JSON_KIND_NULL;
}

/* ---- links ---- */

void
link_write(const struct view *v, const char *path, const char *text)
{
	g_string_append_printf(v->out, "<a href=\"%s/api%s\">", v->req->prefix, path);
	html_text(v->out, text);
	g_string_append(v->out, "</a>");
}

/* The page of the thing that an id names; NULL if there is none. */
static char *
page_of_id(const struct view *v, const struct json *row, const char *name)
{
	g_autofree char *end = g_strdup_printf("/{%s}", name);

	for (size_t i = 0; i < v->req->site->n_routes; i++) {
		const struct route *r = &v->req->site->routes[i];

		/* What a shop's owner sees of a buyer's order is no way to the order itself, which is the buyer's. */
		if (r->method == GET && g_str_has_suffix(r->path, end) && view_may(v, row, r) &&
			!(v->req->route->who == OWNER && r->who == MEMBER))
			return view_path(v, row, r->path);
	}
	return NULL;
}

/* "shop_id" beside a "shop_name" is not shown by itself: the name is the link. The other of the two names; NULL if it is not there. */
static char *
partner_of(const struct json *row, const char *name, const char *suffix, const char *other)
{
	g_autofree char *partner = NULL;

	if (!g_str_has_suffix(name, suffix))
		return NULL;
	partner = g_strdup_printf("%.*s%s", (int)(strlen(name) - strlen(suffix)), name, other);
	return json_get(row, partner) == NULL ? NULL : g_steal_pointer(&partner);
}

static bool
is_shown_by_name(const struct json *row, const char *name)
{
	g_autofree char *partner = partner_of(row, name, "_id", "_name");

	return partner != NULL;
}

static void
scalar_write(
	const struct view *v, const struct json *row, const char *name, const struct json *value)
{
	g_autofree char *text = html_plain(name, value);
	g_autofree char *named = partner_of(row, name, "_name", "_id");
	const char *id = named != NULL ? named : name;
	g_autofree char *place = g_str_has_suffix(id, "_id") ? page_of_id(v, row, id) : NULL;

	if (place != NULL && text != NULL && *text != '\0')
		link_write(v, place, text);
	else
		html_text(v->out, text == NULL ? "" : text);
}

/* ---- forms ---- */

static bool
form_fits(const struct view *v, const struct route *route, const struct json *row)
{
	const struct json *hinder =
		route->hidden_if == NULL ? NULL : json_get(row, route->hidden_if);

	if (hinder == NULL && route->hidden_if != NULL)
		hinder = json_get(v->answer, route->hidden_if);
	if (json_kind(hinder) != JSON_KIND_NULL &&
		!(json_kind(hinder) == JSON_KIND_BOOL && !json_bool(hinder)))
		return false;
	return route->method != GET && view_shows(route, v->req->route->path) &&
		view_may(v, row, route) && view_has_need(v, row, route);
}

void
forms_write(struct view *v)
{
	for (size_t i = 0; i < v->req->site->n_routes; i++) {
		const struct route *r = &v->req->site->routes[i];
		g_autofree char *path = form_fits(v, r, NULL) ? view_path(v, NULL, r->path) : NULL;

		if (path != NULL)
			form_write(v, r, path, NULL);
	}
}

/* Where the form of a row goes, if this route has one there: one whose path, or one of whose fields, is known by the row alone. */
static char *
row_form_path(const struct view *v, const struct route *route, const struct json *row)
{
	g_autofree char *whole = NULL;

	if (!form_fits(v, route, row))
		return NULL;
	for (const struct field *f = route->fields; f != NULL && f->kind != FIELD_END; f++)
		if (f->hidden_from_row && json_get(row, f->name) != NULL)
			return view_path(v, row, route->path);
	whole = view_path(v, NULL, route->path);
	return whole == NULL ? view_path(v, row, route->path) : NULL;
}

static void
row_forms_write(struct view *v, const struct json *row)
{
	for (size_t i = 0; i < v->req->site->n_routes; i++) {
		const struct route *r = &v->req->site->routes[i];
		g_autofree char *path = row_form_path(v, r, row);

		if (path != NULL)
			form_write(v, r, path, row);
	}
}

static bool
has_row_form(const struct view *v, const struct json *row)
{
	for (size_t i = 0; i < v->req->site->n_routes; i++) {
		g_autofree char *path = row_form_path(v, &v->req->site->routes[i], row);

		if (path != NULL)
			return true;
	}
	return false;
}

/* Whether any row of a table has forms of its own: not every one needs to. */
static bool
has_row_forms(const struct view *v, const struct json *rows)
{
	for (size_t i = 0; i < json_count(rows); i++)
		if (has_row_form(v, json_at(rows, i)))
			return true;
	return false;
}

/* ---- the resource ---- */

static void object_write(struct view *v, const struct json *object, int depth);

static void
table_write(struct view *v, const char *caption, const struct json *rows, int depth)
{
	const struct json *first = json_at(rows, 0);
	bool forms = depth == 1 && has_row_forms(v, rows);

	g_string_append(v->out, "<div class=\"table\"");
	if (depth == 1) { /* one that is wider than the page can be scrolled by keyboard, too */
		g_string_append(v->out, " tabindex=\"0\" role=\"region\" aria-label=\"");
		html_text(v->out, caption);
		g_string_append_c(v->out, '"');
	}
	g_string_append(v->out, "><table><thead><tr>");
	for (void *it = json_first(first); it != NULL; it = json_next(first, it)) {
		g_autofree char *label = html_label(json_name(it));

		if (is_shown_by_name(first, json_name(it)))
			continue;
		g_string_append(v->out, "<th scope=\"col\">");
		html_text(v->out, label);
		g_string_append(v->out, "</th>");
	}
	g_string_append(v->out,
		forms ? "<th scope=\"col\">Next</th></tr></thead><tbody>" : "</tr></thead><tbody>");
	for (size_t i = 0; i < json_count(rows); i++) {
		const struct json *row = json_at(rows, i);

		g_string_append(v->out, "<tr>");
		for (void *it = json_first(first); it != NULL; it = json_next(first, it)) {
			const struct json *cell = json_get(row, json_name(it));
			g_autofree char *label = html_label(json_name(it));

			if (is_shown_by_name(first, json_name(it)))
				continue;
			g_string_append(v->out, "<td data-label=\"");
			html_text(v->out, label);
			g_string_append(v->out, "\">");
			if (json_kind(cell) == JSON_KIND_ARRAY && json_count(cell) > 0 &&
				depth < NESTING_MAX)
				table_write(v, label, cell, depth + 1);
			else if (json_kind(cell) == JSON_KIND_OBJECT && depth < NESTING_MAX)
				object_write(v, cell, depth + 1);
			else
				scalar_write(v, row, json_name(it), cell);
			g_string_append(v->out, "</td>");
		}
		if (forms) {
			g_string_append(v->out, "<td>");
			row_forms_write(v, row);
			g_string_append(v->out, "</td>");
		}
		g_string_append(v->out, "</tr>");
	}
	g_string_append(v->out, "</tbody></table></div>");
}

static void
lists_write(struct view *v, const struct json *object, int depth)
{
	for (void *it = json_first(object); it != NULL; it = json_next(object, it)) {
		const struct json *member = json_value(it);
		g_autofree char *label = NULL;

		if (json_kind(member) != JSON_KIND_ARRAY)
			continue;
		label = html_label(json_name(it));
		g_string_append(v->out, "<h2>");
		html_text(v->out, label);
		g_string_append(v->out, "</h2>");
		if (json_count(member) == 0)
			g_string_append(v->out, "<p class=\"hint\">Nothing here yet.</p>");
		else
			table_write(v, label, member, depth);
	}
}

/* The members of an object: scalars as a list of terms, objects within, then its lists as tables. */
static void
object_write(struct view *v, const struct json *object, int depth)
{
	bool open = false;

	for (void *it = json_first(object); it != NULL; it = json_next(object, it)) {
		enum json_kind kind = json_kind(json_value(it));
		g_autofree char *label = NULL;

		if (kind == JSON_KIND_ARRAY || strcmp(json_name(it), "facets") == 0 ||
			strcmp(json_name(it), "next") == 0 ||
			is_shown_by_name(object, json_name(it)))
			continue;
		if (!open)
			g_string_append(v->out, "<dl>");
		open = true;
		label = html_label(json_name(it));
		g_string_append(v->out, "<dt>");
		html_text(v->out, label);
		g_string_append(v->out, "</dt><dd>");
		if (kind == JSON_KIND_OBJECT && depth < NESTING_MAX)
			object_write(v, json_value(it), depth + 1);
		else
			scalar_write(v, object, json_name(it), json_value(it));
		g_string_append(v->out, "</dd>");
	}
	if (open)
		g_string_append(v->out, "</dl>");
	lists_write(v, object, depth);
}

void
resource_write(struct view *v)
{
	object_write(v, v->answer, 1);
}
