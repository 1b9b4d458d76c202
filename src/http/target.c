#include "http/target.h"

#include <stdlib.h>
#include <string.h>

/* The rest of a path that begins with PREFIX/api; NULL if it does not. */
static const char *
below_api(const char *path, const char *prefix)
{
	size_t length = strlen(prefix);

	if (strncmp(path, prefix, length) != 0 || strncmp(path + length, "/api/", 5) != 0)
		return NULL;
	return path + length + 4;
}

/*
 * RFC 3986, 2.3: percent-encoded letters, digits and -._~ are equal to the characters themselves.
 * All other escapes are kept.
 */
static void
decode_unreserved(char *path)
{
	char *out = path;

	for (const char *p = path; *p != '\0'; p++) {
		if (*p == '%' && g_ascii_isxdigit(p[1]) && g_ascii_isxdigit(p[2])) {
			char c = (char)(g_ascii_xdigit_value(p[1]) * 16 +
				g_ascii_xdigit_value(p[2]));

			if (g_ascii_isalnum(c) || (c != '\0' && strchr("-._~", c) != NULL)) {
				*out++ = c;
				p += 2;
				continue;
			}
		}
		*out++ = *p;
	}
	*out = '\0';
}

/*
 * Whether the name of a script can be the prefix of all URLs that we write: a plain path, not
 * "//host".
 */
static bool
is_plain_path(const char *path)
{
	for (const char *p = path; *p != '\0'; p++)
		if (!g_ascii_isalnum(*p) && strchr("-._~/", *p) == NULL)
			return false;
	return path[0] == '/' && path[1] != '/';
}

/* The path below /api if SCRIPT_NAME is its prefix, as with plain CGI; NULL. */
static const char *
below_script(struct request *req)
{
	const char *script = request_param_or_empty(req, "SCRIPT_NAME");
	const char *below = is_plain_path(script) ? below_api(req->target, script) : NULL;

	if (below != NULL)
		req->prefix = script;
	return below;
}

/* The path from the root of the site, if it is that of one of the site's `root`; NULL. */
static const char *
path_at_root(const struct request *req)
{
	const struct route *route;
	struct path_ids ids = { .n = 0 };
	const char *path = req->target + strlen(req->prefix);
	enum err e;

	if (!g_str_has_prefix(req->target, req->prefix))
		return NULL;
	e = route_find_root(req->site, GET, path, &route, &ids);
	path_ids_clear(&ids);
	return e == ERR_NONE ? path : NULL;
}

bool
target_read(struct request *req)
{
	const char *set = getenv("SHOETOPIA_PREFIX");
	const char *uri = request_param(req, "REQUEST_URI");
	const char *below;
	char *mark;

	if (uri != NULL && *uri != '\0') {
		req->target = g_strdup(uri);
	} else {
		const char *info = request_param_or_empty(req, "PATH_INFO");
		const char *query = request_param_or_empty(req, "QUERY_STRING");

		req->target = g_strconcat(request_param_or_empty(req, "SCRIPT_NAME"), info,
			*query != '\0' ? "?" : "", query, NULL);
	}
	mark = strchr(req->target, '?');
	if (mark != NULL) {
		*mark = '\0';
		req->query = mark + 1;
	}
	decode_unreserved(req->target);
	if (set != NULL)
		req->prefix = set;
	below = below_api(req->target, req->prefix);
	if (below == NULL && set == NULL)
		below = below_script(req);
	if (below == NULL) {
		below = path_at_root(req);
		req->at_root = below != NULL;
	}
	if (below != NULL)
		req->path = below;
	return below != NULL;
}
