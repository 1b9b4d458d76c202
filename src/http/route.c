#include "http/route.h"

#include <string.h>

#include "base/text.h"

enum {
	ID_DIGITS_MAX = 18, /* always fits a bigint */
	WORD_MAX = 80,
	PATH_SIZE = 60, /* bytes, initially: enough for most paths with their ids */
};

static const char *const method_names[] = {
	[METHOD_NONE] = "",
	[GET] = "GET",
	[POST] = "POST",
	[PUT] = "PUT",
	[PATCH] = "PATCH",
	[DELETE] = "DELETE",
};

enum method
method_of(const char *name)
{
	for (int m = GET; m <= DELETE; m++)
		if (strcmp(method_names[m], name) == 0)
			return (enum method)m;
	return METHOD_NONE;
}

const char *
method_name(enum method m)
{
	return method_names[m];
}

bool
route_takes_key(const struct route *route)
{
	return route->method != GET && route->who > ANYONE && route->who < OPERATOR &&
		route->key != KEY_NEVER;
}

bool
route_form_has_key(const struct route *route)
{
	return route_takes_key(route) || route->key == KEY_OF_FORM;
}

const char *
who_name(enum who who)
{
	static const char *const names[] = {
		[WHO_UNSET] = "unset",
		[ANYONE] = "anyone",
		[MEMBER] = "member",
		[OWNER] = "owner",
		[ADMIN] = "admin",
		[OPERATOR] = "operator",
	};

	return names[who];
}

/* Ids are decimal numbers from 1: no sign, no leading zero. */
static bool
is_id(const char *text, size_t length)
{
	if (length == 0 || length > ID_DIGITS_MAX || text[0] == '0')
		return false;
	for (size_t i = 0; i < length; i++)
		if (!g_ascii_isdigit(text[i]))
			return false;
	return true;
}

static bool
is_word(const char *text, size_t length)
{
	if (length == 0 || length > WORD_MAX)
		return false;
	for (size_t i = 0; i < length; i++)
		if (!g_ascii_islower(text[i]) && !g_ascii_isdigit(text[i]) && text[i] != '-' &&
			text[i] != '.')
			return false;
	return true;
}

static bool
name_is_of_number(const char *name, size_t length)
{
	return length > 3 && strncmp(name + length - 3, "_id", 3) == 0;
}

bool
path_id_is_number(const char *name)
{
	return name_is_of_number(name, strlen(name));
}

static bool
path_matches(const char *path, const char *template)
{
	size_t n_ids = 0;

	while (*template != '\0') {
		if (*template == '{') {
			size_t length = strcspn(path, "/");
			const char *end = strchr(template, '}');
			bool is_number =
				name_is_of_number(template + 1, (size_t)(end - template - 1));

			if (!(is_number ? is_id : is_word)(path, length) || n_ids++ == IDS_MAX)
				return false;
			template = end + 1;
			path += length;
		} else if (*template ++ != *path++) {
			return false;
		}
	}
	return *path == '\0';
}

/* Copies the ids of a path that matches the template. */
static void
read_ids(const char *path, const char *template, struct path_ids *ids)
{
	while (*template != '\0') {
		if (*template == '{') {
			const char *name_end = strchr(template, '}');
			size_t length = strcspn(path, "/");

			ids->names[ids->n] =
				g_strndup(template + 1, (size_t)(name_end - template - 1));
			ids->values[ids->n++] = g_strndup(path, length);
			template = name_end + 1;
			path += length;
		} else {
			template ++;
			path++;
		}
	}
}

const char *
path_id(const struct path_ids *ids, const char *name)
{
	for (size_t i = 0; i < ids->n; i++)
		if (strcmp(ids->names[i], name) == 0)
			return ids->values[i];
	return NULL;
}

void
path_ids_clear(struct path_ids *ids)
{
	for (size_t i = 0; i < ids->n; i++) {
		g_free(ids->names[i]);
		g_free(ids->values[i]);
	}
	*ids = (struct path_ids){ .n = 0 };
}

static enum err
find(const struct route *routes, size_t n, enum method method, const char *path,
	const struct route **out, struct path_ids *ids)
{
	for (size_t i = 0; i < n; i++) {
		if (routes[i].method != method || !path_matches(path, routes[i].path))
			continue;
		*out = &routes[i];
		read_ids(path, routes[i].path, ids);
		return ERR_NONE;
	}
	for (size_t i = 0; i < n; i++)
		if (path_matches(path, routes[i].path))
			return ERR_METHOD_NOT_ALLOWED;
	return ERR_NOT_FOUND;
}

enum err
route_find(const struct site *site, enum method method, const char *path, const struct route **out,
	struct path_ids *ids)
{
	return find(site->routes, site->n_routes, method, path, out, ids);
}

enum err
route_find_root(const struct site *site, enum method method, const char *path,
	const struct route **out, struct path_ids *ids)
{
	return find(site->root, site->n_root, method, path, out, ids);
}

void
route_methods(const struct site *site, const char *path, GString *out)
{
	const char *between = "";

	for (size_t i = 0; i < site->n_routes; i++) {
		const struct route *r = &site->routes[i];

		if (!path_matches(path, r->path))
			continue;
		g_string_append_printf(out, "%s%s%s", between, method_name(r->method),
			r->method == GET ? ", HEAD" : "");
		between = ", ";
	}
}

char *
route_path(const char *path, char *(*look)(const void *with, const char *name), const void *with)
{
	g_autoptr(GString) out = g_string_sized_new(PATH_SIZE);

	for (;;) {
		size_t plain = strcspn(path, "{");
		const char *end;
		g_autofree char *name = NULL;
		g_autofree char *text = NULL;

		text_add_bytes(out, path, plain);
		path += plain;
		if (*path == '\0')
			break;
		end = strchr(path, '}');
		name = g_strndup(path + 1, (size_t)(end - path - 1));
		text = look(with, name);
		if (text == NULL || *text == '\0')
			return NULL;
		text_add(out, text);
		path = end + 1;
	}
	return g_string_free(g_steal_pointer(&out), FALSE);
}
