#include "http/route_table.h"

#include <string.h>

#include "http/route.h"

static size_t
count_fields(const struct route *r)
{
	size_t n = 0;

	for (const struct field *f = r->fields; f != NULL && f->kind != FIELD_END; f++)
		n++;
	return n;
}

/* What is wrong with a route, as the end of a sentence; NULL: nothing. */
static const char *
route_fault(const struct route *r)
{
	if (r->who == WHO_UNSET)
		return "does not say who may";
	if (r->method == METHOD_NONE || r->path == NULL || r->path[0] != '/' ||
		r->summary == NULL || r->name == NULL)
		return "lacks its method, path, summary or name";
	if (r->handler == NULL)
		return "has no handler";
	if (r->status < 200 || r->status > 299)
		return "does not say the status of its success";
	if (r->who == OWNER && strchr(r->path, '{') == NULL)
		return "is for a shop's owner, but names nothing that has a shop";
	if (r->versioned && r->method == POST)
		return "is versioned, but changes nothing that has a version";
	if (count_fields(r) > FIELDS_MAX)
		return "has too many fields";
	if (r->nonblocking && r->statement == 0)
		return "is nonblocking, but calls no statement";
	return NULL;
}

static bool
lacks_schema(const struct route *r)
{
	/* what is kept for ever is a file, not JSON */
	return (r->status == 204) != (r->answer_schema == NULL) && r->statement != 0 &&
		r->cache != FOR_EVER && r->answer_type == NULL;
}

char *
site_fault(const struct site *site)
{
	for (size_t i = 0; i < site->n_routes; i++) {
		const struct route *r = &site->routes[i];
		const char *fault =
			lacks_schema(r) ? "needs the schema of its answer" : route_fault(r);

		if (fault != NULL)
			return g_strdup_printf(
				"route %zu (%s) %s", i, r->path == NULL ? "?" : r->path, fault);
	}
	for (size_t i = 0; i < site->n_root; i++) {
		const struct route *r = &site->root[i];
		const char *fault = r->method != GET || r->who != ANYONE
			? "is at the root, but not GET for anyone"
			: route_fault(r);

		if (fault != NULL)
			return g_strdup_printf("route %s %s", r->path, fault);
	}
	return NULL;
}

static void
route_append(GString *out, const char *base, const struct route *r)
{
	g_autofree char *path = g_strconcat(base, r->path, NULL);

	g_string_append_printf(out, "%-6s %-56s %-8s %s\n", method_name(r->method), path,
		who_name(r->who), r->name);
}

char *
site_routes(const struct site *site)
{
	GString *out = g_string_new(NULL);

	for (size_t i = 0; i < site->n_routes; i++)
		route_append(out, "/api", &site->routes[i]);
	for (size_t i = 0; i < site->n_root; i++)
		route_append(out, "", &site->root[i]);
	return g_string_free(out, FALSE);
}
