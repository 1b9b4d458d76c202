#include "http/resource.h"

#include <string.h>

#include "http/form.h"
#include "http/html.h"
#include "http/picture.h"

enum {
	NESTING_MAX = 4 /* of objects and tables; what is deeper is left out */
};

/* The label of a member. Free with g_free(). */
static char *
label_of(const char *name)
{
	return strcmp(name, "thumb_url") == 0 ? g_strdup("Picture") : html_label(name);
}

/* ---- scalars and links ---- */

/* The page of the thing that an id names; NULL if there is none. */
static const struct route *
page_of_id(const struct view *v, const struct json *row, const char *name)
{
	g_autofree char *end = g_strdup_printf("/{%s}", name);

	for (size_t i = 0; i < v->req->site->n_routes; i++) {
		const struct route *r = &v->req->site->routes[i];

		/* owners and admins see ids of orders whose pages only their buyers may see */
		if (r->method == GET && g_str_has_suffix(r->path, end) &&
			view_may_call(v, row, r) &&
			!(r->who == MEMBER &&
				(v->req->route->who == OWNER || v->req->route->who == ADMIN)))
			return r;
	}
	return NULL;
}

/*
 * The name with `other` in place of its suffix, as "shop_name" for "shop_id", if the row has such a
 * member; else NULL. Free with g_free().
 */
static char *
counterpart_of(const struct json *row, const char *name, const char *suffix, const char *other)
{
	g_autofree char *counterpart = NULL;

	if (!g_str_has_suffix(name, suffix))
		return NULL;
	counterpart = g_strdup_printf("%.*s%s", (int)(strlen(name) - strlen(suffix)), name, other);
	return json_get(row, counterpart) == NULL ? NULL : g_steal_pointer(&counterpart);
}

/* Whether this is an id that is not shown, because the name beside it is shown as the link. */
static bool
is_shown_by_name(const struct json *row, const char *name)
{
	g_autofree char *counterpart = counterpart_of(row, name, "_id", "_name");

	return counterpart != NULL;
}

/* Whether this is the whole thing beside its id, whose link leads to the page with all of it. */
static bool
is_behind_link(const struct json *row, const char *name)
{
	g_autofree char *id = g_strconcat(name, "_id", NULL);

	return json_kind(json_get(row, name)) == JSON_KIND_OBJECT && json_get(row, id) != NULL;
}

/*
 * Whether a member of the object names what `id` is of. A "name" in an object that does not begin
 * with that id is of something else: an account has its own name and a shop_id.
 */
static bool
is_name_of(const struct json *object, const char *member, const char *id)
{
	void *first = json_first(object);

	return strcmp(member, "name") != 0 || (first != NULL && strcmp(json_name(first), id) == 0);
}

/* The names that the object has, separated by blanks. Free with g_free(); NULL: none. */
static char *
names_of(const struct json *object, const struct route *page, const char *id)
{
	g_auto(GStrv) members = g_strsplit(page->named_by, " ", -1);
	g_autoptr(GString) out = g_string_new(NULL);

	for (char **name = members; *name != NULL; name++) {
		const struct json *member = json_get(object, *name);
		g_autofree char *text = json_plain(member);

		if (json_kind(member) != JSON_KIND_NULL && is_name_of(object, *name, id))
			g_string_append_printf(out, "%s%s", out->len > 0 ? " " : "", text);
	}
	return out->len > 0 ? g_strdup(out->str) : NULL;
}

char *
resource_name(const struct view *v)
{
	void *first = json_first(v->answer);

	if (v->req->route->named_by == NULL || first == NULL)
		return NULL;
	return names_of(v->answer, v->req->route, json_name(first));
}

/*
 * The name of the thing that an id is of: the row has it, or the object in the row that is called
 * like the id: "listing" for "listing_id". Free with g_free(); NULL: neither has one.
 */
static char *
thing_name(const struct json *row, const char *id, const struct route *page)
{
	g_autofree char *object = g_strndup(id, strlen(id) - strlen("_id"));
	char *names = page->named_by == NULL ? NULL : names_of(row, page, id);

	if (names == NULL && page->named_by != NULL)
		names = names_of(json_get(row, object), page, id);
	return names;
}

/* A picture of the row's thing; of that of the page, if the row names none. */
static void
photo_write(const struct view *v, const struct json *row, const struct json *picture)
{
	void *first = json_first(row);
	const char *id = first == NULL ? "" : json_name(first);
	const struct route *page = g_str_has_suffix(id, "_id") ? page_of_id(v, row, id) : NULL;
	g_autofree char *name = page == NULL ? NULL : thing_name(row, id, page);
	g_autofree char *name_of_page = resource_name(v);

	picture_write(v, picture, name != NULL ? name : name_of_page);
}

/*
 * A link from an id to its page. The text of one without a name is what it is, "Order 7"; so is
 * that of the page's own thing, whose name stands beside it.
 */
static void
id_write(const struct view *v, const struct json *row, const char *id, const struct route *page,
	const char *number)
{
	g_autofree char *path = view_path(v, row, page->path);
	g_autofree char *name = page == v->req->route ? NULL : thing_name(row, id, page);
	g_autofree char *label = html_label(id);
	g_autofree char *words = g_strdup_printf("%s %s", label, number);

	if (path == NULL)
		html_text(v->out, number);
	else if (name != NULL)
		view_link_typed(v, path, name);
	else
		view_link(v, path, words);
}

/* A member called shop_name is the link to the page of shop_id. */
static void
scalar_write(
	const struct view *v, const struct json *row, const char *name, const struct json *value)
{
	g_autofree char *text = html_plain(name, value);
	g_autofree char *counterpart = counterpart_of(row, name, "_name", "_id");
	const char *id = counterpart != NULL ? counterpart : name;
	const struct route *page = g_str_has_suffix(id, "_id") ? page_of_id(v, row, id) : NULL;
	g_autofree char *path = page == NULL ? NULL : view_path(v, row, page->path);
	bool typed = json_kind(value) == JSON_KIND_TEXT && !g_str_has_suffix(name, "_at");

	if (picture_is_one(row) && strcmp(name, "thumb_url") == 0) {
		photo_write(v, row, row);
		return;
	}
	const char *words = text == NULL ? NULL : view_words(v, row, name, text);

	if (text == NULL || *text == '\0')
		return;
	if (words != NULL)
		html_text(v->out, words);
	else if (path != NULL && counterpart == NULL)
		id_write(v, row, id, page, text);
	else if (path != NULL)
		view_link_typed(v, path, text);
	else
		(typed ? html_typed : html_text)(v->out, text);
}

/* ---- forms in rows ---- */

/*
 * The path to which the form of this route in this row is sent; NULL if the row has no such form.
 * A form stands in a row if the row, and not the page, completes its path or one of its fields.
 * Free with g_free().
 */
static char *
row_form_path(const struct view *v, const struct route *route, const struct json *row)
{
	g_autofree char *page_path = NULL;

	if (!view_may_show_form(v, row, route))
		return NULL;
	for (const struct field *f = route->fields; f != NULL && f->kind != FIELD_END; f++)
		if (f->hidden_from_row && json_get(row, f->name) != NULL)
			return view_path(v, row, route->path);
	page_path = view_path(v, NULL, route->path);
	return page_path == NULL ? view_path(v, row, route->path) : NULL;
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

/* Whether any row of a table has a form, so that the table needs a column for them. */
static bool
has_row_forms(const struct view *v, const struct json *rows)
{
	for (const struct json *row = json_first_element(rows); row != NULL;
		row = json_next_element(row))
		if (has_row_form(v, row))
			return true;
	return false;
}

/* ---- tables ---- */

static void object_write(struct view *v, const struct json *object, int depth);
static void table_write(struct view *v, const char *caption, const struct json *rows, int depth);

/* The outermost tables can be scrolled by keyboard if they are wider than the page. */
static void
table_begin(const struct view *v, const char *caption, int depth)
{
	g_string_append(v->out, "<div class=\"table\"");
	if (depth == 1) {
		g_string_append(v->out, " tabindex=\"0\" role=\"region\"");
		html_attribute(v->out, "aria-label", caption);
	}
	g_string_append(v->out, "><table>");
}

/* The columns are the members of the first row. */
static void
table_head_write(const struct view *v, const struct json *first, bool forms)
{
	g_string_append(v->out, "<thead><tr>");
	for (void *it = json_first(first); it != NULL; it = json_next(first, it)) {
		g_autofree char *label = label_of(json_name(it));

		if (!is_shown_by_name(first, json_name(it)) &&
			!is_behind_link(first, json_name(it)) &&
			!picture_shows(first, json_name(it)))
			html_element(v->out, "th scope=\"col\"", label);
	}
	if (forms)
		g_string_append(v->out, "<th scope=\"col\">Next</th>");
	g_string_append(v->out, "</tr></thead>");
}

static void
cell_write(struct view *v, const struct json *row, const char *name, int depth)
{
	const struct json *cell = json_get(row, name);
	enum json_kind kind = json_kind(cell);
	g_autofree char *label = label_of(name);
	const struct json *outer = v->outer;

	g_string_append(v->out, "<td");
	html_attribute(v->out, "data-label", label);
	g_string_append_c(v->out, '>');
	if (kind == JSON_KIND_ARRAY || kind == JSON_KIND_OBJECT)
		v->outer = row;
	if (kind == JSON_KIND_ARRAY && picture_is_one(json_first_element(cell)))
		photo_write(v, row, json_first_element(cell));
	else if (kind == JSON_KIND_OBJECT && picture_is_one(cell))
		photo_write(v, row, cell);
	else if (kind == JSON_KIND_ARRAY && json_first_element(cell) != NULL && depth < NESTING_MAX)
		table_write(v, label, cell, depth + 1);
	else if (kind == JSON_KIND_OBJECT && depth < NESTING_MAX)
		object_write(v, cell, depth + 1);
	else
		scalar_write(v, row, name, cell);
	v->outer = outer;
	g_string_append(v->out, "</td>");
}

static void
row_write(struct view *v, const struct json *first, const struct json *row, bool forms, int depth)
{
	g_string_append(v->out, "<tr>");
	for (void *it = json_first(first); it != NULL; it = json_next(first, it))
		if (!is_shown_by_name(first, json_name(it)) &&
			!is_behind_link(first, json_name(it)) &&
			!picture_shows(first, json_name(it)))
			cell_write(v, row, json_name(it), depth);
	if (forms) {
		g_string_append(v->out, "<td>");
		row_forms_write(v, row);
		g_string_append(v->out, "</td>");
	}
	g_string_append(v->out, "</tr>");
}

static void
table_write(struct view *v, const char *caption, const struct json *rows, int depth)
{
	const struct json *first = json_first_element(rows);
	bool forms = depth == 1 && has_row_forms(v, rows);

	table_begin(v, caption, depth);
	table_head_write(v, first, forms);
	g_string_append(v->out, "<tbody>");
	for (const struct json *row = first; row != NULL; row = json_next_element(row))
		row_write(v, first, row, forms, depth);
	g_string_append(v->out, "</tbody></table></div>");
}

/* ---- objects ---- */

/* The lists of an object, each as a table with its heading. */
static void
lists_write(struct view *v, const struct json *object, int depth)
{
	for (void *it = json_first(object); it != NULL; it = json_next(object, it)) {
		const struct json *list = json_value(it);
		g_autofree char *label = NULL;

		if (json_kind(list) != JSON_KIND_ARRAY)
			continue;
		label = html_label(json_name(it));
		html_element(v->out, "h2", label);
		if (json_first_element(list) == NULL)
			html_element(v->out, "p class=\"hint\"", "Nothing here yet.");
		else
			table_write(v, label, list, depth);
	}
}

/*
 * Whether the member is a term of the description list. Facets are not shown, the cursor and what
 * was understood of a search are links (page.c), a token is in the form of the page.
 */
static bool
is_term(const struct json *object, void *member)
{
	const char *name = json_name(member);

	return json_kind(json_value(member)) != JSON_KIND_ARRAY && strcmp(name, "facets") != 0 &&
		strcmp(name, "next") != 0 && strcmp(name, "token") != 0 &&
		strcmp(name, "understood") != 0 && !is_shown_by_name(object, name) &&
		!picture_shows(object, name);
}

/* An object: scalars and inner objects as a description list, then its lists as tables. */
static void
object_write(struct view *v, const struct json *object, int depth)
{
	const struct json *outer = v->outer;
	bool open = false;

	for (void *it = json_first(object); it != NULL; it = json_next(object, it)) {
		const struct json *value = json_value(it);
		g_autofree char *label = NULL;

		if (!is_term(object, it))
			continue;
		if (!open)
			g_string_append(v->out, "<dl>");
		open = true;
		label = label_of(json_name(it));
		html_element(v->out, "dt", label);
		g_string_append(v->out, "<dd>");
		v->outer = json_kind(value) == JSON_KIND_OBJECT ? object : outer;
		if (json_kind(value) == JSON_KIND_OBJECT && depth < NESTING_MAX)
			object_write(v, value, depth + 1);
		else
			scalar_write(v, object, json_name(it), value);
		v->outer = outer;
		g_string_append(v->out, "</dd>");
	}
	if (open)
		g_string_append(v->out, "</dl>");
	v->outer = object;
	lists_write(v, object, depth);
	v->outer = outer;
}

void
resource_links_write(const struct view *v, const struct json *object)
{
	for (void *it = json_first(object); it != NULL; it = json_next(object, it)) {
		const char *name = json_name(it);
		const struct route *page =
			g_str_has_suffix(name, "_id") ? page_of_id(v, object, name) : NULL;
		g_autofree char *number = page == NULL ? NULL : json_plain(json_value(it));

		if (page != NULL) {
			id_write(v, object, name, page, number);
			g_string_append(v->out, ": ");
		}
	}
}

void
resource_write(struct view *v)
{
	object_write(v, v->answer, 1);
}
