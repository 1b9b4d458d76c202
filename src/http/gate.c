#include "http/gate.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "http/body.h"
#include "http/file_form.h"
#include "http/input.h"
#include "http/operator_access.h"
#include "http/pairs.h"
#include "http/reply.h"
#include "http/request.h"
#include "http/resume.h"
#include "http/stats.h"
#include "http/target.h"
#include "http/version.h"

enum {
	KEY_LENGTH_MIN = 8,
	KEY_LENGTH_MAX = 64,
};

/* ---- media types ---- */

static bool
is_media_type(const char *header, const char *type)
{
	size_t length = strlen(type);

	while (*header == ' ' || *header == '\t')
		header++;
	return strncasecmp(header, type, length) == 0 &&
		(header[length] == '\0' || strchr("; \t,", header[length]) != NULL);
}

/* The quality of a type in an Accept header, in thousandths; the most specific entry counts. */
static int
accept_quality(const char *accept, const char *type, const char *range)
{
	g_auto(GStrv) entries = g_strsplit(accept, ",", 64);
	int best = 0;
	int specificity = 0;

	for (char **entry = entries; *entry != NULL; entry++) {
		const char *q = strcasestr(*entry, "q=");
		double given = q == NULL ? 1 : g_ascii_strtod(q + 2, NULL);
		int quality = given >= 1 ? 1000
			: given > 0      ? (int)(given * 1000)
					 : 0; /* NaN is 0 */
		int hit = is_media_type(*entry, type)  ? 3
			: is_media_type(*entry, range) ? 2
			: is_media_type(*entry, "*/*") ? 1
						       : 0;

		if (hit > specificity) {
			specificity = hit;
			best = quality;
		}
	}
	return best;
}

static bool
prefers_html(const struct request *req)
{
	const char *accept = request_param_or_empty(req, "HTTP_ACCEPT");

	/* Most programs do not mention text; "*" alone means JSON. */
	return strcasestr(accept, "text/") != NULL &&
		accept_quality(accept, "text/html", "text/*") >
		accept_quality(accept, "application/json", "application/*");
}

/* ---- authentication and origin ---- */

/*
 * Servers join repeated headers with a comma or drop all but one of them, and which one counts is
 * then a guess. None of the headers that are checked by this has a comma of its own.
 */
static bool
is_ambiguous(const struct request *req, const char *name)
{
	return strchr(request_param_or_empty(req, name), ',') != NULL ||
		request_param_is_repeated(req, name);
}

/* Returns how many session cookies the request has; sets the value of the last, and its length. */
static int
find_cookies(const struct request *req, const char **value, size_t *length)
{
	const char *name = request_cookie(req);
	size_t name_length = strlen(name);
	const char *p = request_param_or_empty(req, "HTTP_COOKIE");
	int found = 0;

	while (*p != '\0') {
		p += strspn(p, " \t;");
		if (strncmp(p, name, name_length) == 0 && p[name_length] == '=') {
			*value = p + name_length + 1;
			*length = strcspn(*value, "; \t");
			found++;
		}
		p += strcspn(p, ";");
	}
	return found;
}

/*
 * Reads the bearer token, or else the cookie; keeps the digest of a well-formed token.
 * ERR_BAD_HEADER if there are several of either.
 */
static enum err
read_token(struct request *req, const char **detail)
{
	const char *token = request_param(req, "HTTP_AUTHORIZATION");
	const char *cookie = NULL;
	size_t length = 0;
	int cookies = find_cookies(req, &cookie, &length);

	*detail = "Authorization has no comma, and is there at most once.";
	if (is_ambiguous(req, "HTTP_AUTHORIZATION"))
		return ERR_BAD_HEADER;
	*detail = "There is more than one session cookie.";
	if (cookies > 1 || request_param_is_repeated(req, "HTTP_COOKIE"))
		return ERR_BAD_HEADER;
	*detail = NULL;
	if (token != NULL && strncasecmp(token, "Bearer ", 7) == 0) {
		token += 7 + strspn(token + 7, " ");
		length = strlen(token);
	} else {
		token = cookie;
		req->by_cookie = token != NULL;
	}
	if (token != NULL && secret_token_well_formed(token, length))
		secret_digest(token, length, req->session);
	return ERR_NONE;
}

static enum err
check_caller(struct request *req)
{
	enum who who = req->route->who;

	if (who == OPERATOR)
		return operator_access_allowed(req) ? ERR_NONE : ERR_FORBIDDEN;
	if (who != ANYONE && *req->session == '\0')
		return ERR_UNAUTHENTICATED;
	if (req->method == GET)
		return ERR_NONE;
	if (who != ANYONE && req->by_cookie && !request_is_same_origin(req))
		return ERR_CROSS_ORIGIN;
	/* Nor may a page of another origin sign a browser in. Programs send neither header. */
	if (who == ANYONE && req->form && !req->route->no_referrer && request_is_cross_origin(req))
		return ERR_CROSS_ORIGIN;
	return ERR_NONE;
}

/* ---- forms ---- */

/*
 * Decodes a form; its field _method replaces POST, since HTML forms have no PUT, PATCH or DELETE.
 */
static void
read_form(struct request *req, const GString *body, bool *decodable)
{
	const char *method;

	*decodable = pairs_decode(body->str, body->len, req->pairs);
	method = pairs_get(req->pairs, "_method");
	if (method != NULL && req->method == POST)
		req->method = method_of(method) == GET ? METHOD_NONE : method_of(method);
}

/* ---- the key ---- */

static bool
is_bad_key_header(const struct request *req)
{
	return is_ambiguous(req, "HTTP_IDEMPOTENCY_KEY") ||
		strchr(request_param_or_empty(req, "HTTP_IDEMPOTENCY_KEY"), ' ') != NULL;
}

static enum err
check_key(struct request *req)
{
	const char *key = NULL;
	size_t length;

	if (!(req->form ? route_form_has_key(req->route) : route_takes_key(req->route)))
		return ERR_NONE;
	if (route_takes_key(req->route))
		key = request_param(req, "HTTP_IDEMPOTENCY_KEY");
	if ((key == NULL || *key == '\0') && req->form)
		key = pairs_get(req->pairs, "idempotency_key");
	if (key == NULL || *key == '\0')
		return req->route->key == KEY_MUST && req->field_errors->len == 0 ? ERR_KEY_MISSING
										  : ERR_NONE;
	length = strlen(key);
	for (const char *p = key; *p != '\0'; p++)
		if (*p < 0x20 || *p > 0x7e)
			length = 0;
	if (length < KEY_LENGTH_MIN || length > KEY_LENGTH_MAX)
		request_add_error(req, "idempotency_key", "8 to 64 printable ASCII characters.");
	else
		req->key = key;
	return ERR_NONE;
}

/* ---- all checks ---- */

/* Refuses what cannot be decided from the headers: the 400 of a request. */
static enum err
check_headers(const struct request *req, enum err read, bool decodable, const char **detail)
{
	if (is_bad_key_header(req)) {
		*detail = "Idempotency-Key has no comma and no blank, and is there at most once.";
		return ERR_BAD_HEADER;
	}
	if (read == ERR_BAD_HEADER) {
		*detail = "Content-Length is not a number, or there is more than one.";
		return read;
	}
	if (req->method != GET && read != ERR_NONE) {
		*detail = "The body ended early.";
		return read;
	}
	if (!decodable) {
		*detail = "The form cannot be decoded: it must be UTF-8 without NUL.";
		return ERR_INVALID;
	}
	return ERR_NONE;
}

/* Whether the route takes a body of this media type; keeps the type of a file. */
static bool
takes_type(struct request *req, const char *type, size_t length)
{
	const struct file_body *file = req->route->file;

	if (req->method == GET)
		return true;
	if (file == NULL)
		return req->form ? !req->route->raw_body
				 : length == 0 || is_media_type(type, "application/json");
	for (size_t i = 0; file->types[i] != NULL && req->file_type == NULL; i++)
		if (is_media_type(type, file->types[i]))
			req->file_type = file->types[i];
	return req->file_type != NULL || is_media_type(type, "multipart/form-data");
}

/*
 * Refuses in the order of the contract: 404 no such path, 405, 413, 415, 401 no token,
 * 403 cross_origin, 400, 422, key_missing or version_missing. All later refusals (session expired,
 * 404, 403, 409) are the database's.
 */
static enum err
check_request(struct request *req, GString *body, const char **detail)
{
	const char *type = request_param_or_empty(req, "CONTENT_TYPE");
	bool write = req->method != GET && req->method != METHOD_NONE;
	bool decodable = true;
	bool is_target;
	enum err read;
	enum err found;

	req->form = write && is_media_type(type, "application/x-www-form-urlencoded");
	req->html = (req->form || req->method == GET) && prefers_html(req);
	is_target = target_read(req);
	read = body_read(req, body);
	if (!is_target)
		return ERR_NOT_FOUND;
	/* before the size is checked: _method decides which route it is */
	if (req->form)
		read_form(req, body, &decodable);
	found = (req->at_root ? route_find_root : route_find)(
		req->site, req->method, req->path, &req->route, &req->ids);
	if (found != ERR_NONE)
		return found;
	if (req->route->file != NULL && is_media_type(type, "multipart/form-data"))
		file_form_expect(req, prefers_html(req));
	if (req->route->file != NULL)
		*detail = req->route->file->too_large;
	if (req->method != GET && read == ERR_TOO_LARGE)
		return read;
	*detail = NULL;
	/* nginx reports a repeated Content-Type here only as the headers that it forwards */
	if (is_ambiguous(req, "CONTENT_TYPE") || is_ambiguous(req, "HTTP_CONTENT_TYPE")) {
		*detail = "Content-Type has no comma, and is there at most once.";
		return ERR_BAD_HEADER;
	}
	if (!takes_type(req, type, body->len))
		return ERR_UNSUPPORTED_TYPE;
	if (req->route->file != NULL && req->form)
		decodable = file_form_read(req, type, body);
	if (req->route->file != NULL && body->len > req->route->file->size_max) {
		*detail = req->route->file->too_large;
		return ERR_TOO_LARGE;
	}
	found = read_token(req, detail);
	if (found == ERR_NONE)
		found = check_caller(req);
	if (found != ERR_NONE)
		return found;
	found = check_headers(req, read, decodable, detail);
	if (found != ERR_NONE)
		return found;
	if (req->route->file != NULL)
		file_form_options(req);
	else if (!req->route->raw_body)
		found = input_check(req, body->str, body->len, detail);
	if (found == ERR_NONE)
		found = check_key(req);
	if (found == ERR_NONE)
		found = version_check(req);
	if (found == ERR_NONE && req->field_errors->len > 0)
		found = ERR_INVALID;
	if (found == ERR_NONE && req->key != NULL)
		input_digest(req, req->digest);
	return found;
}

/* ---- serving ---- */

/* Not for a page: rendering it reads the viewer from the database, which blocks. */
static bool
can_detach(const struct request *req)
{
	return !req->html && req->x->can_detach != NULL && req->x->can_detach(req->x->self);
}

/* Whether the handler leaves all that may block to another thread. */
static bool
is_nonblocking(const struct request *req)
{
	return (req->route->nonblocking && req->can_detach) ||
		(req->route->deferred && request_can_defer(req));
}

/*
 * The only call of a handler. This thread gives up leadership first, so the handler may block;
 * except if it leaves that to another thread.
 */
static enum err
call_handler(struct request *req)
{
	req->can_detach = can_detach(req);
	if (!is_nonblocking(req))
		request_before_blocking(req);
	return req->route->handler(req, &req->ans);
}

/* A handler that forgot to ask whether the caller may: its success must not be sent. */
static bool
is_unguarded(const struct request *req)
{
	enum who who = req->route->who;

	return req->site->guarded_by_database && !req->ans.by_database &&
		(who == MEMBER || who == OWNER || who == ADMIN);
}

static void
reply(struct request *req, enum err e, const char *detail)
{
	if (e == ERR_NONE && is_unguarded(req)) {
		log_line(LOG_FAULT, "%s answers without a check of its caller", req->route->name);
		e = ERR_FAULT;
	}
	reply_send(req, e, detail);
}

/*
 * Carries out the form that a guest had sent before signing in, and answers the request with its
 * response, which has the cookie of the new session. All of it may block: so it is at the end.
 */
static void
serve_resumed(struct request *req, struct resume *resume)
{
	struct request *next = request_new(req->site, &resume->transport);
	const char *detail = NULL;
	enum err e;

	g_strlcpy(next->id, req->id, sizeof next->id);
	next->begun = req->begun;
	next->resumed = true;
	next->ans.token = g_steal_pointer(&req->ans.token);
	e = check_request(next, next->body, &detail);
	if (e == ERR_NONE)
		e = call_handler(next);
	reply(next, e, detail);
	request_free(next);
}

static void
send_response(struct request *req, enum err e, const char *detail)
{
	struct resume resume;

	if (e == ERR_NONE && req->ans.token != NULL && resume_begin(req, &resume)) {
		serve_resumed(req, &resume);
		resume_end(&resume);
		return;
	}
	if (e == ERR_NONE && req->ans.token != NULL)
		req->ans.page = resume_page(req);
	reply(req, e, detail);
}

void
gate_complete(struct request *req, enum err e)
{
	log_set_request(req->id);
	send_response(req, e, NULL);
	log_set_request("");
	req->x->complete(req->x->self);
	request_free(req);
}

bool
gate_serve(const struct site *site, const struct transport *x)
{
	struct request *req = request_new(site, x);
	const char *detail = NULL;
	enum err e;

	log_set_request(req->id);
	req->begun = stats_request_begun();
	e = check_request(req, req->body, &detail);
	if (e == ERR_NONE)
		e = call_handler(req);
	if (e != ERR_PENDING) { /* else req may be freed already */
		request_before_blocking(req);
		send_response(req, e, detail);
		request_free(req);
	}
	log_set_request("");
	return e != ERR_PENDING;
}
