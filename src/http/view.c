#include "http/view.h"

#include <string.h>

#include "http/html.h"
#include "http/pairs.h"

/* Where view_path() looks for ids. */
struct scope {
	const struct view *view;
	const struct json *row;
};

static char *
find_id(const void *with, const char *name)
{
	const struct scope *scope = with;
	const struct json *member = json_get(scope->row, name);
	const char *id = member == NULL ? path_id(&scope->view->req->ids, name) : NULL;

	if (id != NULL)
		return g_strdup(id);
	if (member == NULL)
		member = json_get(scope->view->answer, name);
	return member == NULL ? NULL : json_plain(member);
}

static char *
find_id_of_viewer(const void *with, const char *name)
{
	const struct view *v = with;
	const struct json *member = json_get(v->viewer, name);

	return member == NULL ? NULL : json_plain(member);
}

char *
view_path(const struct view *v, const struct json *row, const char *path)
{
	const struct scope scope = { .view = v, .row = row };

	return route_path(path, find_id, &scope);
}

char *
view_path_of_viewer(const struct view *v, const char *path)
{
	return route_path(path, find_id_of_viewer, v);
}

static bool
is_own_shop(const struct view *v, const struct json *row)
{
	const struct scope scope = { .view = v, .row = row };
	g_autofree char *shop = find_id(&scope, "shop_id");
	g_autofree char *own = find_id_of_viewer(v, "shop_id");

	return shop != NULL && own != NULL && strcmp(shop, own) == 0;
}

bool
view_may_call(const struct view *v, const struct json *row, const struct route *route)
{
	const char *role = json_text(json_get(v->viewer, "role"));
	bool is_admin = role != NULL && strcmp(role, "admin") == 0;

	switch (route->who) {
	case ANYONE:
		return true;
	case MEMBER:
		return v->viewer != NULL || route->guests;
	case ADMIN:
		return is_admin;
	case OWNER:
		return is_own_shop(v, row) || (route->admins_too && is_admin);
	default:
		return false;
	}
}

/* The member of the row, or else of the answer; NULL if neither has it, or for the name NULL. */
static const struct json *
find_member(const struct view *v, const struct json *row, const char *name)
{
	const struct json *member = name == NULL ? NULL : json_get(row, name);

	return member != NULL || name == NULL ? member : json_get(v->answer, name);
}

static bool
is_text(const struct json *member, const char *text)
{
	const char *is = json_text(member);

	return is != NULL && strcmp(is, text) == 0;
}

const char *
view_words(const struct view *v, const struct json *row, const char *name, const char *value)
{
	for (const struct wording *w = v->req->site->wordings; w != NULL && w->member != NULL; w++)
		if (strcmp(w->member, name) == 0 && strcmp(w->value, value) == 0 &&
			(is_text(json_get(row, w->when), w->is) ||
				is_text(json_get(v->outer, w->when), w->is) ||
				is_text(json_get(v->answer, w->when), w->is)))
			return w->words;
	return NULL;
}

bool
view_is_set(const struct json *member)
{
	enum json_kind kind = json_kind(member);

	return kind == JSON_KIND_BOOL ? json_bool(member) : kind != JSON_KIND_NULL;
}

/* Whether no member in hidden_unless is null or false. */
static bool
is_not_hidden(const struct view *v, const struct json *row, const struct route *route)
{
	g_auto(GStrv) names =
		g_strsplit(route->hidden_unless != NULL ? route->hidden_unless : "", " ", -1);

	for (char **name = names; *name != NULL; name++) {
		const struct json *member = find_member(v, row, *name);

		if (member != NULL && !view_is_set(member))
			return false;
	}
	return true;
}

bool
view_may_link(const struct view *v, const struct json *row, const struct route *route)
{
	return is_not_hidden(v, row, route) && view_may_call(v, row, route);
}

/* Whether a member is there and not 0, null or false, or has one of the condition's texts. */
static bool
is_met_by(const struct condition *condition, const struct json *member)
{
	const char *text = json_text(member);
	int64_t number;

	if (condition->texts != NULL)
		return text != NULL && g_strv_contains(condition->texts, text);
	return view_is_set(member) && !(json_int64(member, &number) && number == 0);
}

static bool
is_met(const struct view *v, const struct json *row, const struct condition *condition)
{
	const struct json *found =
		find_member(v, row, condition->list != NULL ? condition->list : condition->member);

	if (condition->list == NULL || found == NULL)
		return found == NULL || is_met_by(condition, found);
	if (json_kind(found) == JSON_KIND_OBJECT)
		return is_met_by(condition, json_get(found, condition->member));
	for (const struct json *one = json_first_element(found); one != NULL;
		one = json_next_element(one))
		if (condition->member != NULL &&
			!is_met_by(condition, json_get(one, condition->member)))
			return false;
	return json_first_element(found) != NULL;
}

static bool
all_are_met(const struct view *v, const struct json *row, const struct condition *conditions)
{
	for (const struct condition *c = conditions;
		c != NULL && (c->list != NULL || c->member != NULL); c++)
		if (!is_met(v, row, c))
			return false;
	return true;
}

/* Whether the form writes a list anew of which the page has only a part. */
static bool
is_partial(const struct view *v, const struct route *route)
{
	const char *cursor = pairs_get(v->req->pairs, "cursor");
	bool whole =
		(cursor == NULL || *cursor == '\0') && !view_is_set(json_get(v->answer, "next"));

	for (const struct field *f = route->fields; f != NULL && f->kind != FIELD_END; f++)
		if (f->listed_in != NULL && !whole)
			return true;
	return false;
}

/* Whether this page has the form of this route, for whom may call it. */
static bool
is_offered(const struct view *v, const struct json *row, const struct route *route)
{
	return route->method != GET && view_is_shown_on(route, v->req->route->path) &&
		!view_is_set(find_member(v, row, route->hidden_if)) &&
		is_not_hidden(v, row, route) && all_are_met(v, row, route->shown_while) &&
		!is_partial(v, route) && !(route->not_for_owner && is_own_shop(v, row));
}

bool
view_may_show_form(const struct view *v, const struct json *row, const struct route *route)
{
	return is_offered(v, row, route) && view_may_call(v, row, route);
}

bool
view_needs_session(const struct view *v, const struct route *route)
{
	return v->viewer == NULL && route->who == MEMBER && !route->guests &&
		is_offered(v, NULL, route);
}

bool
view_is_shown_on(const struct route *route, const char *page)
{
	for (int i = 0; i < SHOWN_ON_MAX && route->shown_on[i] != NULL; i++)
		if (strcmp(route->shown_on[i], page) == 0)
			return true;
	return false;
}

static void
link_begin(const struct view *v, const char *path)
{
	g_string_append_printf(v->out, "<a href=\"%s/api%s\">", v->req->prefix, path);
}

void
view_link(const struct view *v, const char *path, const char *text)
{
	link_begin(v, path);
	html_text(v->out, text);
	g_string_append(v->out, "</a>");
}

void
view_link_typed(const struct view *v, const char *path, const char *text)
{
	link_begin(v, path);
	html_typed(v->out, text);
	g_string_append(v->out, "</a>");
}
