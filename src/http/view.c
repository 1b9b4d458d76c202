#include "http/view.h"

#include <string.h>

#include "http/html.h"

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

	switch (route->who) {
	case ANYONE:
		return true;
	case MEMBER:
		return v->viewer != NULL;
	case ADMIN:
		return role != NULL && strcmp(role, "admin") == 0;
	case OWNER:
		return is_own_shop(v, row);
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

/* Whether it is there, not null and not false. */
static bool
is_set(const struct json *member)
{
	enum json_kind kind = json_kind(member);

	return kind == JSON_KIND_BOOL ? json_bool(member) : kind != JSON_KIND_NULL;
}

bool
view_may_link(const struct view *v, const struct json *row, const struct route *route)
{
	g_auto(GStrv) names =
		g_strsplit(route->hidden_unless != NULL ? route->hidden_unless : "", " ", -1);

	for (char **name = names; *name != NULL; name++) {
		const struct json *member = find_member(v, row, *name);

		if (member != NULL && !is_set(member))
			return false;
	}
	return view_may_call(v, row, route);
}

bool
view_may_show_form(const struct view *v, const struct json *row, const struct route *route)
{
	return !is_set(find_member(v, row, route->hidden_if)) && route->method != GET &&
		view_is_shown_on(route, v->req->route->path) && view_may_link(v, row, route);
}

bool
view_is_shown_on(const struct route *route, const char *page)
{
	for (int i = 0; i < SHOWN_ON_MAX && route->shown_on[i] != NULL; i++)
		if (strcmp(route->shown_on[i], page) == 0)
			return true;
	return false;
}

void
view_link(const struct view *v, const char *path, const char *text)
{
	g_string_append_printf(v->out, "<a href=\"%s/api%s\">", v->req->prefix, path);
	html_text(v->out, text);
	g_string_append(v->out, "</a>");
}
