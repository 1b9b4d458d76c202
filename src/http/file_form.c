#include "http/file_form.h"

#include <string.h>
#include <strings.h>

#include "http/pairs.h"

enum {
	BOUNDARY_MAX = 70, /* RFC 2046, 5.1.1 */
	HEADERS_MAX = 1024,
	TEXT_MAX = 256,
	PARTS_MAX = 8,
};

#define DRY_RUN "dry_run"

struct bytes {
	const char *at;
	size_t length;
};

void
file_form_expect(struct request *req, bool html)
{
	req->form = true;
	req->html = html;
}

/* The boundary of a Content-Type, quoted or not; NULL. Free with g_free(). */
static char *
boundary_of(const char *type)
{
	const char *p = strcasestr(type, "boundary=");
	size_t length;

	if (p == NULL)
		return NULL;
	p += strlen("boundary=");
	if (*p == '"')
		length = strcspn(++p, "\"");
	else
		length = strcspn(p, "; \t");
	return length == 0 || length > BOUNDARY_MAX ? NULL : g_strndup(p, length);
}

static const char *
find(struct bytes in, const char *what)
{
	return memmem(in.at, in.length, what, strlen(what));
}

/* Moves the start of `rest` behind `what`, if that is there. */
static bool
skip(struct bytes *rest, const char *what)
{
	size_t length = strlen(what);

	if (rest->length < length || memcmp(rest->at, what, length) != 0)
		return false;
	rest->at += length;
	rest->length -= length;
	return true;
}

/* A quoted parameter of the part's Content-Disposition; NULL. Free with g_free(). */
static char *
parameter(const char *headers, const char *name)
{
	g_autofree char *start = g_strdup_printf("; %s=\"", name);
	const char *line = strcasestr(headers, "content-disposition: form-data");
	const char *end = line == NULL ? NULL : strstr(line, "\r\n");
	const char *p = line == NULL ? NULL : strcasestr(line, start);

	if (p == NULL || (end != NULL && p > end))
		return NULL;
	p += strlen(start);
	return g_strndup(p, strcspn(p, "\"\r\n"));
}

static bool
is_text_part(const struct request *req, const char *name)
{
	return strcmp(name, "idempotency_key") == 0 ||
		(strcmp(name, DRY_RUN) == 0 && req->route->file->can_be_checked);
}

/* Keeps one part: the file in `file`, a text as a pair. */
static bool
part_keep(struct request *req, const char *headers, struct bytes content, struct bytes *file)
{
	g_autofree char *name = parameter(headers, "name");
	g_autofree char *file_name = parameter(headers, "filename");
	struct pair pair;

	if (name == NULL)
		return false;
	if (strcmp(name, req->route->file->field) == 0) {
		if (file_name == NULL || file->at != NULL)
			return false;
		*file = content;
		return true;
	}
	if (!is_text_part(req, name) || pairs_get(req->pairs, name) != NULL ||
		content.length > TEXT_MAX || memchr(content.at, '\0', content.length) != NULL ||
		!g_utf8_validate(content.at, (gssize)content.length, NULL))
		return false;
	pair = (struct pair){ .name = g_steal_pointer(&name),
		.text = g_strndup(content.at, content.length) };
	g_array_append_val(req->pairs, pair);
	return true;
}

/* Reads one part after its boundary line, up to and with the next boundary. */
static bool
part_read(struct request *req, struct bytes *rest, const char *delimiter, struct bytes *file)
{
	const char *headers_end = find(*rest, "\r\n\r\n");
	g_autofree char *headers = NULL;
	struct bytes content;
	const char *end;

	if (headers_end == NULL || headers_end - rest->at > HEADERS_MAX)
		return false;
	headers = g_strndup(rest->at, (size_t)(headers_end - rest->at));
	content.at = headers_end + 4;
	content.length = rest->length - (size_t)(content.at - rest->at);
	end = find(content, delimiter);
	if (end == NULL)
		return false;
	rest->at = end + strlen(delimiter);
	rest->length = content.length - (size_t)(rest->at - content.at);
	content.length = (size_t)(end - content.at);
	return part_keep(req, headers, content, file);
}

bool
file_form_read(struct request *req, const char *type, GString *body)
{
	g_autofree char *boundary = boundary_of(type);
	g_autofree char *delimiter = NULL;
	struct bytes rest = { body->str, body->len };
	struct bytes file = { NULL, 0 };
	int parts = 0;

	if (boundary == NULL)
		return false;
	delimiter = g_strconcat("\r\n--", boundary, NULL);
	if (!skip(&rest, delimiter + 2))
		return false;
	while (!skip(&rest, "--")) {
		if (++parts > PARTS_MAX || !skip(&rest, "\r\n") ||
			!part_read(req, &rest, delimiter, &file))
			return false;
	}
	if (rest.length > 0 && !(skip(&rest, "\r\n") && rest.length == 0))
		return false;
	if (file.at == NULL)
		return false;
	memmove(body->str, file.at, file.length);
	g_string_truncate(body, file.length);
	return true;
}

static void
dry_run_read(struct request *req, const char *text)
{
	if (strcmp(text, "1") == 0 || strcmp(text, "true") == 0)
		req->dry_run = true;
	else if (strcmp(text, "0") != 0 && strcmp(text, "false") != 0)
		request_add_error(req, DRY_RUN, "Enter true or false.");
}

void
file_form_options(struct request *req)
{
	GArray *pairs = pairs_new();
	const char *of_form = pairs_get(req->pairs, DRY_RUN);

	if (req->route->file->can_be_checked &&
		!pairs_decode(req->query, strlen(req->query), pairs))
		request_add_error(req, DRY_RUN, "The query cannot be decoded.");
	for (guint i = 0; i < pairs->len; i++) {
		const struct pair *pair = &g_array_index(pairs, struct pair, i);

		if (strcmp(pair->name, DRY_RUN) == 0)
			dry_run_read(req, pair->text);
		else
			request_add_error(req, pair->name, "There is no such parameter.");
	}
	if (of_form != NULL)
		dry_run_read(req, of_form);
	pairs_free(pairs);
}
