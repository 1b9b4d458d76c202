#include <string.h>

#include "base/text.h"
#include "http/request.h"

enum {
	ID_DIGITS_MAX = 18, /* always fits a bigint */
	PATH_SIZE = 60,     /* of one with its ids, mostly; it grows */
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

/* Ids are plain decimal numbers from 1: no sign, no leading zero, nothing else. */
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
path_matches(const char *path, const char *template)
{
	size_t n_ids = 0;

	while (*template != '\0') {
		if (*template == '{') {
			size_t length = strcspn(path, "/");

			if (!is_id(path, length) || n_ids++ == IDS_MAX)
				return false;
			template = strchr(template, '}') + 1;
			path += length;
		} else if (*template ++ != *path++) {
			return false;
		}
	}
	return *path == '\0';
}

/* Remembers the ids of the request's path, which matches the template. */
static void
take_ids(struct request *req, const char *template)
{
	const char *path = req->path;

	while (*template != '\0') {
		if (*template == '{') {
			const char *name_end = strchr(template, '}');
			size_t length = strcspn(path, "/");

			req->id_names[req->n_ids] =
				g_strndup(template + 1, (size_t)(name_end - template - 1));
			req->id_values[req->n_ids++] = g_strndup(path, length);
			template = name_end + 1;
			path += length;
		} else {
			template ++;
			path++;
		}
	}
}

enum err
route_find(const struct site *site, struct request *req)
{
	for (size_t i = 0; i < site->n_routes; i++) {
		const struct route *r = &site->routes[i];

		if (r->method != req->method || !path_matches(req->path, r->path))
			continue;
		req->route = r;
		take_ids(req, r->path);
		return ERR_NONE;
	}
	for (size_t i = 0; i < site->n_routes; i++)
		if (path_matches(req->path, site->routes[i].path))
			return ERR_METHOD_NOT_ALLOWED;
	return ERR_NOT_FOUND;
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
