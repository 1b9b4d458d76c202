#include <string.h>

#include "http/request.h"

enum { ID_DIGITS_MAX = 18 }; /* always fits a bigint */

static const char *const method_names[] = {
	[METHOD_NONE] = "", [GET] = "GET", [POST] = "POST", [PUT] = "PUT", [PATCH] = "PATCH", [DELETE] = "DELETE",
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

static void
ids_clear(struct request *req)
{
	for (size_t i = 0; i < req->n_ids; i++) {
		g_clear_pointer(&req->id_names[i], g_free);
		g_clear_pointer(&req->id_values[i], g_free);
	}
	req->n_ids = 0;
}

/* Whether `path` is one of the template's; remembers its ids. */
static bool
path_matches(struct request *req, const char *template)
{
	const char *t = template;
	const char *p = req->path;

	ids_clear(req);
	while (*t != '\0') {
		if (*t == '{') {
			const char *name_end = strchr(t, '}');
			size_t length = strcspn(p, "/");

			if (!is_id(p, length) || req->n_ids == IDS_MAX)
				return false;
			req->id_names[req->n_ids] = g_strndup(t + 1, (size_t)(name_end - t - 1));
			req->id_values[req->n_ids++] = g_strndup(p, length);
			t = name_end + 1;
			p += length;
		} else if (*t++ != *p++) {
			return false;
		}
	}
	return *p == '\0';
}

enum err
route_find(const struct site *site, struct request *req, GString *allowed)
{
	for (size_t i = 0; i < site->n_routes; i++) {
		const struct route *r = &site->routes[i];

		if (r->method != req->method || !path_matches(req, r->path))
			continue;
		req->route = r;
		return ERR_NONE;
	}
	for (size_t i = 0; i < site->n_routes; i++) {
		const struct route *r = &site->routes[i];

		if (path_matches(req, r->path))
			g_string_append_printf(allowed, "%s%s%s", allowed->len > 0 ? ", " : "", method_name(r->method), r->method == GET ? ", HEAD" : "");
	}
	return allowed->len > 0 ? ERR_METHOD_NOT_ALLOWED : ERR_NOT_FOUND;
}

char *
route_path(const char *path, char *(*look)(const void *with, const char *name), const void *with)
{
	g_autoptr(GString) out = g_string_new(NULL);

	for (const char *p = path; *p != '\0';) {
		const char *end;
		g_autofree char *name = NULL;
		g_autofree char *text = NULL;

		if (*p != '{') {
			g_string_append_c(out, *p++);
			continue;
		}
		end = strchr(p, '}');
		name = g_strndup(p + 1, (size_t)(end - p - 1));
		text = look(with, name);
		if (text == NULL || *text == '\0')
			return NULL;
		g_string_append(out, text);
		p = end + 1;
	}
	return g_string_free(g_steal_pointer(&out), FALSE);
}
