#include "http/resume.h"

#include <string.h>

#include "http/pairs.h"
#include "http/view.h"

/* ---- the text that is carried ---- */

/* Appends pairs in the encoding of a query, but for names that a form adds for itself. */
static void
append_pairs(GString *out, const GArray *pairs)
{
	for (guint i = 0; i < pairs->len; i++) {
		const struct pair *pair = &g_array_index(pairs, struct pair, i);
		g_autofree char *name = g_uri_escape_string(pair->name, NULL, FALSE);
		g_autofree char *text = g_uri_escape_string(pair->text, NULL, FALSE);

		if (strcmp(pair->name, "_method") != 0 && strcmp(pair->name, RESUME_FIELD) != 0)
			g_string_append_printf(out, "%s%s=%s", out->len > 0 ? "&" : "", name, text);
	}
}

/* A query, encoded anew: whatever it was, it cannot end a header. NULL: it cannot be decoded. */
static char *
encode_again(const char *query)
{
	g_autoptr(GString) out = g_string_new(NULL);
	GArray *pairs = pairs_new();
	bool decodable = pairs_decode(query, strlen(query), pairs);

	append_pairs(out, pairs);
	pairs_free(pairs);
	return decodable ? g_string_free(g_steal_pointer(&out), FALSE) : NULL;
}

static char *
join(const char *method, const char *path, const char *query)
{
	return g_strconcat(method, " ", path, *query != '\0' ? "?" : "", query, NULL);
}

/* The text of a page: of its path, and its query as it stands in the target. */
static char *
page_text(const char *path, const char *query)
{
	g_autofree char *again = encode_again(query);

	return join("GET", path, again != NULL ? again : "");
}

/* The page of this origin on which the browser was; NULL. */
static char *
referring_page(const struct request *req)
{
	const char *referer = request_param_or_empty(req, "HTTP_REFERER");
	g_autofree char *ours = g_strconcat(request_is_https(req) ? "https://" : "http://",
		request_param_or_empty(req, "HTTP_HOST"), req->prefix, "/api/", NULL);
	g_autofree char *path = NULL;
	const char *query;

	if (!g_str_has_prefix(referer, ours))
		return NULL;
	referer += strlen(ours) - 1;
	path = g_strndup(referer, strcspn(referer, "?#"));
	query = referer[strlen(path)] == '?' ? referer + strlen(path) + 1 : "";
	return page_text(path, query);
}

static char *
form_text(const struct request *req)
{
	g_autoptr(GString) query = g_string_new(NULL);

	append_pairs(query, req->pairs);
	return join(method_name(req->method), req->path, query->str);
}

/* ---- what a text names ---- */

/* A text taken apart. */
struct purpose {
	const struct route *route;
	char *path;
	char *query; /* encoded anew */
};

static void
purpose_clear(struct purpose *purpose)
{
	g_free(purpose->path);
	g_free(purpose->query);
}
#define PURPOSE_AUTO __attribute__((cleanup(purpose_clear)))

static bool
purpose_read(const struct site *site, const char *text, struct purpose *out)
{
	size_t method_length = strcspn(text, " ");
	g_autofree char *method = g_strndup(text, method_length);
	const char *target = text + method_length + (text[method_length] == ' ' ? 1 : 0);
	g_autofree char *path = g_strndup(target, strcspn(target, "?"));
	const char *mark = strchr(target, '?');
	g_autofree char *query = encode_again(mark == NULL ? "" : mark + 1);
	struct path_ids ids = { .n = 0 };
	const struct route *route = NULL;
	enum err e = route_find(site, method_of(method), path, &route, &ids);

	path_ids_clear(&ids);
	if (e != ERR_NONE || query == NULL || (route->method != GET && !route->guests))
		return false;
	*out = (struct purpose){ route, g_steal_pointer(&path), g_steal_pointer(&query) };
	return true;
}

bool
resume_is_carried_by(const struct route *route)
{
	return view_is_shown_on(route, "401");
}

char *
resume_text(const struct request *req)
{
	PURPOSE_AUTO struct purpose purpose = { 0 };
	g_autofree char *text = NULL;

	if (req->route == NULL)
		return NULL;
	if (req->form && resume_is_carried_by(req->route))
		text = g_strdup(pairs_get(req->pairs, RESUME_FIELD));
	else if (req->form && req->route->guests && !request_is_cross_origin(req))
		text = form_text(req);
	else if (req->form || strcmp(req->path, SIGN_IN_PAGE) == 0)
		text = referring_page(req);
	if (text == NULL && req->method == GET)
		text = page_text(req->path, req->query);
	return text != NULL && purpose_read(req->site, text, &purpose) ? g_steal_pointer(&text)
								       : NULL;
}

const struct route *
resume_route(const struct request *req, const char *text)
{
	PURPOSE_AUTO struct purpose purpose = { 0 };

	return text != NULL && purpose_read(req->site, text, &purpose) &&
			purpose.route->method != GET
		? purpose.route
		: NULL;
}

/* ---- the form that is carried out ---- */

/* What the form that started a session carried. */
static bool
carried_read(const struct request *req, struct purpose *out)
{
	const char *text = pairs_get(req->pairs, RESUME_FIELD);

	return req->form && req->html && req->ans.token != NULL && text != NULL &&
		purpose_read(req->site, text, out);
}

char *
resume_page(const struct request *req)
{
	PURPOSE_AUTO struct purpose purpose = { 0 };

	if (!carried_read(req, &purpose) || purpose.route->method != GET)
		return NULL;
	return g_strconcat(purpose.path, *purpose.query != '\0' ? "?" : "", purpose.query, NULL);
}

/* The variables of the first request, but for those that say what it asks for, and as whom. */
static const char *
resume_param(void *self, const char *name)
{
	static const char *const others[] = { "HTTP_AUTHORIZATION", "HTTP_CONTENT_TYPE",
		"HTTP_IDEMPOTENCY_KEY", "HTTP_IF_MATCH", "PATH_INFO", "QUERY_STRING", NULL };
	const struct resume *resume = self;
	const struct {
		const char *name, *value;
	} own[] = {
		{ "REQUEST_METHOD", "POST" },
		{ "REQUEST_URI", resume->target },
		{ "HTTP_COOKIE", resume->cookie },
		{ "CONTENT_TYPE", "application/x-www-form-urlencoded" },
		{ "CONTENT_LENGTH", resume->length },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(own); i++)
		if (strcmp(own[i].name, name) == 0)
			return own[i].value;
	return g_strv_contains(others, name) ? NULL : request_param(resume->first, name);
}

static bool
resume_is_repeated(void *self, const char *name)
{
	const struct resume *resume = self;

	return strcmp(name, "HTTP_COOKIE") != 0 && request_param_is_repeated(resume->first, name);
}

static ssize_t
resume_read(void *self, void *buffer, size_t size)
{
	struct resume *resume = self;
	size_t n = MIN(size, resume->body->len - resume->n_read);

	memcpy(buffer, resume->body->str + resume->n_read, n);
	resume->n_read += n;
	return (ssize_t)n;
}

static void
resume_write(void *self, const char *data, size_t size)
{
	const struct resume *resume = self;

	resume->first->x->write(resume->first->x->self, data, size);
}

bool
resume_begin(const struct request *req, struct resume *out)
{
	PURPOSE_AUTO struct purpose purpose = { 0 };

	if (!carried_read(req, &purpose) || purpose.route->method == GET)
		return false;
	*out = (struct resume){ .first = req,
		.transport = { .param = resume_param,
			.is_repeated = resume_is_repeated,
			.read = resume_read,
			.write = resume_write },
		.target = g_strconcat(req->prefix, "/api", purpose.path, NULL),
		.cookie = g_strconcat(request_cookie(req), "=", req->ans.token, NULL),
		.body = g_string_new(NULL) };
	g_string_printf(out->body, "_method=%s%s%s", method_name(purpose.route->method),
		*purpose.query != '\0' ? "&" : "", purpose.query);
	out->length = g_strdup_printf("%zu", out->body->len);
	out->transport.self = out;
	return true;
}

void
resume_end(struct resume *resume)
{
	secret_wipe(resume->cookie, strlen(resume->cookie));
	g_free(resume->target);
	g_free(resume->cookie);
	g_free(resume->length);
	g_string_free(resume->body, TRUE);
}
