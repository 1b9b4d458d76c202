#include "http/body.h"

#include <string.h>

#include "http/route.h"

enum {
	READ_SIZE = 2 * 1024,     /* bytes in one read; most bodies are smaller */
	FORM_PARTS_MAX = 4 * 1024 /* of a form, beside its file */
};

/* How long the body may be; the route is looked for only where that matters. */
static size_t
body_max(const struct request *req, guint64 length)
{
	const struct route *route = NULL;
	struct path_ids ids = { 0 };

	if (length > BODY_MAX)
		(void)route_find(req->site, req->method, req->path, &route, &ids);
	path_ids_clear(&ids);
	if (route != NULL && route->file != NULL)
		return route->file->size_max + FORM_PARTS_MAX;
	return route != NULL && route->raw_body ? RAW_BODY_MAX : BODY_MAX;
}

enum err
body_read(struct request *req, GString *body)
{
	const char *declared = request_param_or_empty(req, "CONTENT_LENGTH");
	bool malformed = declared[strspn(declared, "0123456789")] != '\0' ||
		request_param_is_repeated(req, "CONTENT_LENGTH");
	bool to_end = malformed || *declared == '\0';
	guint64 length = to_end ? 0 : g_ascii_strtoull(declared, NULL, 10);
	size_t max = body_max(req, length);
	guint64 seen = 0;
	char buffer[READ_SIZE];
	ssize_t n = 0;

	if (length > BODY_MAX)
		request_before_blocking(req);
	while (to_end || seen < length) {
		size_t want = to_end ? sizeof buffer : (size_t)MIN(length - seen, sizeof buffer);

		n = req->x->read(req->x->self, buffer, want);
		if (n <= 0)
			break;
		seen += (guint64)n;
		if (seen <= max)
			g_string_append_len(body, buffer, n);
	}
	if (malformed)
		return ERR_BAD_HEADER;
	if (seen > max || length > max)
		return ERR_TOO_LARGE;
	return n < 0 || seen < length ? ERR_NOT_JSON : ERR_NONE;
}
