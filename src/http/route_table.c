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
	if ((r->status == 204) != (r->answer_schema == NULL) && r->statement != 0)
		return "needs the schema of its answer";
	return NULL;
}

char *
site_fault(const struct site *site)
{
	for (size_t i = 0; i < site->n_routes; i++) {
		const struct route *r = &site->routes[i];
		const char *fault = route_fault(r);

		if (fault != NULL)
			return g_strdup_printf(
				"route %zu (%s) %s", i, r->path == NULL ? "?" : r->path, fault);
	}
	return NULL;
}

char *
site_routes(const struct site *site)
{
	GString *out = g_string_new(NULL);

	for (size_t i = 0; i < site->n_routes; i++) {
		const struct route *r = &site->routes[i];

		g_string_append_printf(out, "%-6s /api%-52s %-8s %s\n", method_name(r->method),
			r->path, who_name(r->who), r->name);
	}
	return g_string_free(out, FALSE);
}
