#include "http/request.h"

#include <stdlib.h>
#include <string.h>

#include "http/pairs.h"

enum {
	FIELD_ERRORS_MAX = 100, /* in one response; a body can cause thousands */
	/*
	 * bytes, initially: enough for most answers; with the NUL it fits into the 512 that GString
	 * allocates
	 */
	ANSWER_SIZE = 500,
};

/* "" if the variable is repeated: which of them the proxy wrote is unknown. */
static const char *
unrepeated_param(const struct request *req, const char *name)
{
	return request_param_is_repeated(req, name) ? "" : request_param_or_empty(req, name);
}

struct request *
request_new(const struct site *site, const struct transport *x)
{
	struct request *req = g_new0(struct request, 1);
	const char *method = x->param(x->self, "REQUEST_METHOD");

	*req = (struct request){ .site = site, .x = x, .prefix = "", .path = "", .query = "" };
	secret_random_id(req->id);
	req->head = method != NULL && strcmp(method, "HEAD") == 0;
	if (client_has_proxies())
		client_find(request_param_or_empty(req, "REMOTE_ADDR"),
			unrepeated_param(req, "HTTP_X_FORWARDED_FOR"),
			unrepeated_param(req, "HTTP_X_FORWARDED_PROTO"), &req->client);
	req->method = req->head ? GET : method_of(method == NULL ? "" : method);
	req->pairs = pairs_new();
	req->field_errors = g_array_new(FALSE, TRUE, sizeof(struct field_error));
	req->body = g_string_new(NULL);
	req->ans.body = g_string_sized_new(ANSWER_SIZE);
	return req;
}

void
request_free(struct request *req)
{
	pairs_free(req->pairs);
	for (guint i = 0; i < req->field_errors->len; i++) {
		g_free(g_array_index(req->field_errors, struct field_error, i).field);
		g_free(g_array_index(req->field_errors, struct field_error, i).message);
	}
	g_array_free(req->field_errors, TRUE);
	for (size_t i = 0; i < FIELDS_MAX; i++)
		if (req->values[i].text != NULL)
			value_clear(&req->values[i]);
	path_ids_clear(&req->ids);
	g_free(req->target);
	g_free(req->versions);
	secret_wipe(req->body->str, req->body->len);
	g_string_free(req->body, TRUE);
	g_string_free(req->ans.body, TRUE);
	g_free(req->ans.extra);
	g_free(req->ans.token);
	g_free(req->ans.page);
	g_free(req->ans.elsewhere);
	g_free(req->ans.again);
	g_free(req->ans.cursor);
	g_free(req);
}

const char *
request_param(const struct request *req, const char *name)
{
	return req->x->param(req->x->self, name);
}

const char *
request_param_or_empty(const struct request *req, const char *name)
{
	const char *text = request_param(req, name);

	return text == NULL ? "" : text;
}

bool
request_param_is_repeated(const struct request *req, const char *name)
{
	return req->x->is_repeated != NULL && req->x->is_repeated(req->x->self, name);
}

static bool
param_is(const struct request *req, const char *name, const char *text)
{
	const char *given = request_param(req, name);

	return given != NULL && strcmp(given, text) == 0;
}

bool
request_is_https(const struct request *req)
{
	if (req->client.scheme != SCHEME_UNSET)
		return req->client.scheme == SCHEME_HTTPS;
	return param_is(req, "HTTPS", "on") || param_is(req, "REQUEST_SCHEME", "https");
}

const char *
request_cookie(const struct request *req)
{
	return request_is_https(req) ? "__Host-shoetopia_session" : "shoetopia_session";
}

bool
request_is_same_origin(const struct request *req)
{
	const char *site = request_param(req, "HTTP_SEC_FETCH_SITE");
	const char *origin = request_param(req, "HTTP_ORIGIN");
	const char *host = request_param(req, "HTTP_HOST");
	g_autofree char *ours = NULL;

	if (site != NULL)
		return strcmp(site, "same-origin") == 0;
	if (origin == NULL || host == NULL)
		return false;
	ours = g_strconcat(request_is_https(req) ? "https://" : "http://", host, NULL);
	return g_ascii_strcasecmp(origin, ours) == 0;
}

bool
request_is_cross_origin(const struct request *req)
{
	return (request_param(req, "HTTP_SEC_FETCH_SITE") != NULL ||
		       request_param(req, "HTTP_ORIGIN") != NULL) &&
		!request_is_same_origin(req);
}

static bool
is_host(const char *text)
{
	for (const char *p = text; *p != '\0'; p++)
		if (!g_ascii_isalnum(*p) && strchr("-._:[]", *p) == NULL)
			return false;
	return *text != '\0';
}

char *
request_site_url(const struct request *req)
{
	const char *set = getenv("SHOETOPIA_PUBLIC_URL");
	const char *host = request_param_or_empty(req, "HTTP_HOST");
	char *url;

	if (set != NULL && *set != '\0') {
		url = g_strdup(set);
		while (g_str_has_suffix(url, "/"))
			url[strlen(url) - 1] = '\0';
		return url;
	}
	if (!is_host(host))
		return g_strdup("");
	return g_strconcat(request_is_https(req) ? "https://" : "http://", host, NULL);
}

void
request_add_error(struct request *req, const char *field, const char *message)
{
	struct field_error c;

	if (req->field_errors->len >= FIELD_ERRORS_MAX)
		return;
	c = (struct field_error){ .field = g_strdup(field), .message = g_strdup(message) };
	g_array_append_val(req->field_errors, c);
}

const char *
request_text(const struct request *req, const char *name)
{
	size_t i = 0;

	for (const struct field *f = req->route->fields; f != NULL && f->kind != FIELD_END;
		f++, i++)
		if (strcmp(f->name, name) == 0)
			return req->values[i].text;
	return path_id(&req->ids, name);
}

void
request_each(const struct request *req,
	void (*each)(void *to, const char *name, const char *text, const char *json), void *to)
{
	size_t i = 0;

	for (size_t id = 0; id < req->ids.n; id++)
		each(to, req->ids.names[id], req->ids.values[id],
			path_id_is_number(req->ids.names[id]) ? req->ids.values[id] : NULL);
	for (const struct field *f = req->route->fields; f != NULL && f->kind != FIELD_END;
		f++, i++)
		if (req->values[i].text != NULL && f->kind != FIELD_PASSWORD)
			each(to, f->name, req->values[i].text, req->values[i].json);
}

const struct route *
request_route(const struct request *req)
{
	return req->route;
}

const struct site *
request_site(const struct request *req)
{
	return req->site;
}

bool
request_is_of_browser(const struct request *req)
{
	return req->form && req->html;
}

const char *
request_session(const struct request *req)
{
	return *req->session == '\0' ? NULL : req->session;
}

const char *
request_address(const struct request *req)
{
	const char *address = *req->client.address != '\0'
		? req->client.address
		: client_unmapped(request_param_or_empty(req, "REMOTE_ADDR"));

	return *address == '\0' ? NULL : address;
}

const char *
request_versions(const struct request *req)
{
	return req->versions;
}

const char *
request_key(const struct request *req)
{
	return req->key;
}

const char *
request_digest(const struct request *req)
{
	return req->key == NULL ? NULL : req->digest;
}

const GString *
request_body(const struct request *req)
{
	return req->body;
}

const char *
request_file_type(const struct request *req)
{
	return req->file_type;
}

bool
request_is_dry_run(const struct request *req)
{
	return req->dry_run;
}

const char *
request_header(const struct request *req, const char *name)
{
	return request_param_is_repeated(req, name) ? NULL : request_param(req, name);
}

bool
request_is_page(const struct request *req)
{
	return req->html;
}

bool
request_can_detach(const struct request *req)
{
	return req->can_detach;
}

bool
request_can_defer(const struct request *req)
{
	return req->x->complete != NULL;
}

void
request_detach(struct request *req)
{
	req->x->detach(req->x->self);
}

void
request_before_blocking(struct request *req)
{
	if (!req->may_block && req->x->before_blocking != NULL)
		req->x->before_blocking(req->x->self);
	req->may_block = true;
}
