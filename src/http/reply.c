#include "http/reply.h"

#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "http/page.h"
#include "http/problem.h"
#include "http/stats.h"
#include "http/version.h"

enum {
	COOKIE_SECONDS = 30 * 24 * 3600,
	HEAD_SIZE = 400, /* bytes, initially: enough for the headers of most responses */
};

/* A year. Without includeSubDomains: other hosts of the domain may not be ours. */
#define HSTS "max-age=31536000"

static void
append_header(GString *out, const char *name, const char *value)
{
	text_add(out, name);
	text_add(out, ": ");
	text_add(out, value);
	text_add(out, "\r\n");
}

static void
append_status(GString *out, int status)
{
	static const struct {
		int status;
		const char *line;
	} known[] = {
		{ 200, "200 OK" },
		{ 201, "201 Created" },
		{ 202, "202 Accepted" },
		{ 204, "204 No Content" },
		{ 303, "303 See Other" },
		{ 400, "400 Bad Request" },
		{ 401, "401 Unauthorized" },
		{ 403, "403 Forbidden" },
		{ 404, "404 Not Found" },
		{ 405, "405 Method Not Allowed" },
		{ 409, "409 Conflict" },
		{ 412, "412 Precondition Failed" },
		{ 413, "413 Content Too Large" },
		{ 415, "415 Unsupported Media Type" },
		{ 422, "422 Unprocessable Content" },
		{ 428, "428 Precondition Required" },
		{ 429, "429 Too Many Requests" },
		{ 500, "500 Internal Server Error" },
		{ 503, "503 Service Unavailable" },
	};
	char other[24];

	for (size_t i = 0; i < G_N_ELEMENTS(known); i++)
		if (known[i].status == status) {
			append_header(out, "Status", known[i].line);
			return;
		}
	g_snprintf(other, sizeof other, "%d Other", status);
	append_header(out, "Status", other);
}

/* ---- the location of the result ---- */

struct lookup {
	const struct request *req;
	const char *answer;
};

static char *
look_up_id(const void *with, const char *name)
{
	const struct lookup *lookup = with;
	const char *known = request_text(lookup->req, name);

	return known != NULL ? g_strdup(known) : json_scan_number(lookup->answer, name);
}

/*
 * The path, below /api, of the resource that the request made or changed; NULL if the route names
 * none.
 */
static char *
redirect_path(const struct request *req, const struct answer *ans)
{
	const struct lookup lookup = { .req = req, .answer = ans->body->str };

	if (ans->page != NULL)
		return g_strdup(ans->page);
	return req->route->redirect == NULL ? NULL
					    : route_path(req->route->redirect, look_up_id, &lookup);
}

/* ---- headers ---- */

static const char *
cache_control(const struct request *req, enum err e)
{
	if (e != ERR_NONE || req->method != GET || req->route->cache == NO_STORE)
		return "no-store";
	if (req->route->cache == FOR_EVER)
		return "public, max-age=31536000, immutable";
	if (req->route->cache == PUBLIC_FOR_AN_HOUR)
		return "public, max-age=3600";
	if (req->route->cache == PUBLIC_IF_ANONYMOUS && *req->session != '\0')
		return "no-store";
	/* A page shows the name of the account. */
	if (req->html && *req->session != '\0')
		return "no-store";
	return "public, max-age=1";
}

static void
append_cookie(GString *out, const struct request *req, const struct answer *ans)
{
	const char *secure;

	if (ans->token == NULL && !ans->forget_cookie)
		return;
	secure = request_is_https(req) ? "; Secure" : "";
	if (ans->token != NULL)
		g_string_append_printf(out,
			"Set-Cookie: %s=%s; Path=/; Max-Age=%d; HttpOnly; SameSite=Lax%s\r\n",
			request_cookie(req), ans->token, COOKIE_SECONDS, secure);
	else
		g_string_append_printf(out,
			"Set-Cookie: %s=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax%s\r\n",
			request_cookie(req), secure);
}

/*
 * A browser may keep a page that one leaves, although it is no-store, and show it again by Back as
 * it was: the cart that was bought. Chromium drops such pages of an origin when an HttpOnly cookie
 * of it changes. So each form of a session that changed something changes one, which says nothing.
 */
static void
append_change_cookie(GString *out, const struct request *req)
{
	g_string_append_printf(out,
		"Set-Cookie: shoetopia_change=%s; Path=/; HttpOnly; SameSite=Lax%s\r\n", req->id,
		request_is_https(req) ? "; Secure" : "");
}

static void
append_tag(GString *out, const struct request *req, const struct answer *ans)
{
	g_autofree char *tag = version_tag(req, ans);

	if (tag != NULL)
		append_header(out, "ETag", tag);
}

/*
 * Makes nginx, which does not forward this header, cache the response until the end of this second.
 * nginx counts whole seconds: with max-age=1 it would cache for up to two, but stock that becomes
 * available again must be visible within two seconds in total. Other caches ignore the header.
 */
static void
append_nginx_expires(GString *out)
{
	char moment[24];

	g_snprintf(moment, sizeof moment, "@%" G_GINT64_FORMAT, g_get_real_time() / G_USEC_PER_SEC);
	append_header(out, "X-Accel-Expires", moment);
}

static void
append_location(GString *out, const struct request *req, const char *path)
{
	if (req->form && req->html && req->ans.elsewhere != NULL) {
		append_header(out, "Location", req->ans.elsewhere);
		return;
	}
	text_add(out, "Location: ");
	text_add(out, req->prefix);
	text_add(out, "/api");
	text_add(out, path);
	text_add(out, "\r\n");
}

static void
append_file_name(GString *out, const char *name)
{
	text_add(out, "Content-Disposition: attachment; filename=\"");
	text_add(out, name);
	text_add(out, "\"\r\n");
}

static void
append_allow(GString *out, const struct request *req)
{
	text_add(out, "Allow: ");
	if (req->at_root)
		text_add(out, "GET, HEAD");
	else
		route_methods(req->site, req->path, out);
	text_add(out, "\r\n");
}

static void
append_headers(
	GString *out, const struct request *req, enum err e, const struct answer *ans, int status)
{
	const char *cache = cache_control(req, e);
	char seconds[INTEGER_SIZE];

	append_status(out, status);
	append_header(out, "Cache-Control", cache);
	if (strcmp(cache, "public, max-age=1") == 0)
		append_nginx_expires(out);
	append_header(out, "X-Request-Id", req->id);
	append_header(out, "X-Content-Type-Options", "nosniff");
	if (req->route != NULL && req->route->no_referrer)
		append_header(out, "Referrer-Policy", "no-referrer");
	if (request_is_https(req))
		append_header(out, "Strict-Transport-Security", HSTS);
	if ((req->method == GET && !req->at_root &&
		    (req->route == NULL || req->route->cache != FOR_EVER)) ||
		req->form)
		append_header(out, "Vary", "Accept");
	if (e == ERR_METHOD_NOT_ALLOWED)
		append_allow(out, req);
	if (e == ERR_UNAUTHENTICATED)
		append_header(out, "WWW-Authenticate", "Bearer realm=\"Shoetopia\"");
	if (e == ERR_BUSY || e == ERR_TOO_MANY_REQUESTS)
		append_header(out, "Retry-After",
			text_of_integer(MAX(ans->retry_after_seconds, 1), seconds));
	if (e == ERR_NONE && ans->replayed)
		append_header(out, "Idempotency-Replayed", "true");
	if (e == ERR_NONE && status == 200)
		append_tag(out, req, ans);
	if (e == ERR_NONE || req->resumed)
		append_cookie(out, req, ans);
	if (status == 303 && req->by_cookie && !ans->forget_cookie && ans->token == NULL)
		append_change_cookie(out, req);
}

/* Of a body of any length: its length is not known. */
static void
send_parts(struct request *req, struct answer *ans, GString *head)
{
	g_autoptr(GString) part = g_string_new(NULL);

	append_header(head, "Content-Type", ans->type);
	text_add(head, "\r\n");
	if (!req->head)
		text_add_bytes(head, ans->body->str, ans->body->len);
	req->x->write(req->x->self, head->str, head->len);
	while (!req->head && ans->more(req, ans, part)) {
		req->x->write(req->x->self, part->str, part->len);
		g_string_truncate(part, 0);
	}
}

static void
send_body(const struct request *req, GString *head, const char *type, const GString *body)
{
	char length[INTEGER_SIZE];

	if (type != NULL) {
		append_header(head, "Content-Type", type);
		append_header(head, "Content-Length", text_of_integer((int64_t)body->len, length));
	}
	text_add(head, "\r\n");
	if (type != NULL && !req->head)
		text_add_bytes(head, body->str, body->len);
	req->x->write(req->x->self, head->str, head->len);
}

/* Of the static pages, as the web server sends them with those. */
static void
append_site_page_headers(GString *head)
{
	append_header(head, "Content-Security-Policy",
		"default-src 'self'; base-uri 'none'; form-action 'self'; "
		"frame-ancestors 'none'; object-src 'none'");
	append_header(
		head, "Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()");
	append_header(head, "Referrer-Policy", "same-origin");
}

static const char *form_origin = "";

void
reply_set_form_origin(const char *origin)
{
	form_origin = origin == NULL ? "" : origin;
}

static void
append_plain_page_headers(GString *head, const struct request *req)
{
	g_string_append_printf(head,
		"Content-Security-Policy: default-src 'none'; style-src 'self'; img-src 'self'; "
		"form-action 'self'%s%s; "
		"base-uri 'none'; frame-ancestors 'none'\r\n",
		*form_origin == '\0' ? "" : " ", form_origin);
	if (req->route == NULL || !req->route->no_referrer)
		append_header(head, "Referrer-Policy", "same-origin");
}

static void
send_page(const struct request *req, enum err e, struct answer *ans, GString *head)
{
	g_autoptr(GString) page = g_string_new(NULL);

	if (req->at_root)
		append_site_page_headers(head);
	else
		append_plain_page_headers(head, req);
	if (e == ERR_NONE && ans->again != NULL)
		g_string_append_printf(head, "Refresh: %d; url=%s/api%s\r\n", PAGE_AGAIN_SECONDS,
			req->prefix, ans->again);
	if (e == ERR_NONE)
		page_success(req, ans->body->str, page);
	else
		page_problem(req, e, ans->body->str, page);
	send_body(req, head, HTML_TYPE, page);
}

/* A form is redirected, if its route says where to. */
static int
success_status(const struct request *req)
{
	if (req->dry_run)
		return 200;
	return req->form && req->html && req->route->redirect != NULL ? 303 : req->route->status;
}

/* Its number among the site's routes, and then its root; one beyond for no route. */
static size_t
route_index(const struct request *req)
{
	if (req->route == NULL)
		return STATS_ROUTES_MAX;
	if (req->at_root)
		return req->site->n_routes + (size_t)(req->route - req->site->root);
	return (size_t)(req->route - req->site->routes);
}

static void
send_success(struct request *req, struct answer *ans, GString *head)
{
	g_autofree char *location = NULL;
	int status = req->dry_run ? 200 : req->route->status;

	if (!req->dry_run && (status == 201 || (req->form && req->html)))
		location = redirect_path(req, ans);
	if (req->form && req->html && location != NULL)
		status = 303;
	append_headers(head, req, ERR_NONE, ans, status);
	if (location != NULL)
		append_location(head, req, location);
	if (ans->file_name != NULL)
		append_file_name(head, ans->file_name);
	if (ans->more != NULL)
		send_parts(req, ans, head);
	else if (status == 303 || status == 204)
		send_body(req, head, NULL, ans->body);
	else if (req->html && ans->type == NULL)
		send_page(req, ERR_NONE, ans, head);
	else if (req->at_root && strcmp(ans->type, HTML_TYPE) == 0) {
		append_site_page_headers(head);
		send_body(req, head, ans->type, ans->body);
	} else
		send_body(req, head, ans->type != NULL ? ans->type : "application/json", ans->body);
}

static void
send_problem(const struct request *req, enum err e, struct answer *ans, const char *detail,
	GString *head)
{
	if (e == ERR_FAULT)
		log_line(LOG_FAULT, "%s %s failed", method_name(req->method),
			req->route == NULL ? "?" : req->route->path);
	g_string_truncate(ans->body, 0);
	problem_write(req, e, ans, detail, ans->body);
	append_headers(head, req, e, ans, err_info(e)->status);
	if (req->html)
		send_page(req, e, ans, head);
	else
		send_body(req, head, "application/problem+json", ans->body);
}

/*
 * Whether a form asked for what is so already, as the second one of a double click does: the
 * database marks such a refusal. Its sender gets the page that shows the result.
 */
static bool
is_done_already(const struct request *req, enum err e)
{
	enum json_fault fault;
	const char *why;
	JSON_AUTO struct json *extra = NULL;

	if (e == ERR_NONE || !req->form || !req->html || req->route == NULL)
		return false;
	if (e == ERR_UNAUTHENTICATED)
		return req->route->ends_session;
	if (req->ans.extra != NULL)
		extra = json_parse(req->ans.extra, strlen(req->ans.extra), &fault, &why);
	return json_bool(json_get(extra, "unchanged"));
}

void
reply_send(struct request *req, enum err e, const char *detail)
{
	struct answer *ans = &req->ans;
	g_autoptr(GString) head = g_string_sized_new(HEAD_SIZE + ans->body->len);

	if (is_done_already(req, e)) {
		g_string_assign(ans->body, ans->extra != NULL ? ans->extra : "{}");
		ans->forget_cookie = req->route->ends_session && *req->session != '\0';
		e = ERR_NONE;
	}
	stats_request_answered(route_index(req),
		e == ERR_NONE ? success_status(req) : err_info(e)->status,
		e == ERR_NONE && ans->replayed, req->begun);
	if (e == ERR_NONE)
		send_success(req, ans, head);
	else
		send_problem(req, e, ans, detail, head);
	stats_request_ended();
}
