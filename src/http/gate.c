/*
 * The one gate: every request passes here, and is refused in the order that the contract names: 404 no such path, 405, 413, 415,
 * 401 no token, 403 cross_origin, 400, 422, key_missing or version_missing. What comes then (a session that is over, 404, 403, 409) only the database knows.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http/gate.h"
#include "http/input.h"
#include "http/pairs.h"
#include "http/request.h"

enum {
	KEY_LENGTH_MIN = 8,
	KEY_LENGTH_MAX = 64,
	PIECE = 2 * 1024, /* of a body, read at once; most are smaller */
};

static const char *
param(const struct request *req, const char *name)
{
	return req->x->param(req->x->self, name);
}

static const char *
param_or_empty(const struct request *req, const char *name)
{
	const char *text = param(req, name);

	return text == NULL ? "" : text;
}

/* ---- the target ---- */

/* The part of `path` behind PREFIX/api, which must follow at once; NULL if it is not there. */
static const char *
below_api(const char *path, const char *prefix)
{
	size_t length = strlen(prefix);

	if (strncmp(path, prefix, length) != 0 || strncmp(path + length, "/api/", 5) != 0)
		return NULL;
	return path + length + 4;
}

/* RFC 3986: a letter, a digit, or one of -._~ means the same whether it is written as it is or with a percent sign. All else stays as it came. */
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

/* Whether a script's name may stand before every address that we write, in headers and in pages: a plain path, and no other machine's. */
static bool
is_plain_path(const char *path)
{
	for (const char *p = path; *p != '\0'; p++)
		if (!g_ascii_isalnum(*p) && strchr("-._~/", *p) == NULL)
			return false;
	return path[0] == '/' && path[1] != '/';
}

/* Recognises a CGI script, whose name stands before the path. */
static const char *
below_script(struct request *req)
{
	const char *script = param_or_empty(req, "SCRIPT_NAME");
	const char *below = is_plain_path(script) ? below_api(req->target, script) : NULL;

	if (below != NULL)
		req->prefix = script;
	return below;
}

/*
 * Finds path and query. The path comes from REQUEST_URI, since web servers differ in what they make of SCRIPT_NAME and PATH_INFO;
 * these serve only where a plain CGI caller sends no REQUEST_URI, and to recognise the prefix under which a CGI script lies.
 */
static bool
read_target(struct request *req)
{
	const char *set = getenv("SHOETOPIA_PREFIX");
	const char *uri = param(req, "REQUEST_URI");
	const char *below;
	char *mark;

	if (uri != NULL && *uri != '\0') {
		req->target = g_strdup(uri);
	} else {
		const char *info = param_or_empty(req, "PATH_INFO");
		const char *query = param_or_empty(req, "QUERY_STRING");

		req->target = g_strconcat(param_or_empty(req, "SCRIPT_NAME"), info,
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
	if (below != NULL)
		req->path = below;
	return below != NULL;
}

/* ---- what kind of body, what kind of answer ---- */

static bool
is_media_type(const char *header, const char *type)
{
	size_t length = strlen(type);

	while (*header == ' ' || *header == '\t')
		header++;
	return strncasecmp(header, type, length) == 0 &&
		(header[length] == '\0' || strchr("; \t,", header[length]) != NULL);
}

/* How much an Accept header likes a type: its q in thousandths. The most precise entry counts. */
static int
liking(const char *accept, const char *type, const char *range)
{
	g_auto(GStrv) entries = g_strsplit(accept, ",", 64);
	int best = 0;
	int precision = 0;

	for (char **entry = entries; *entry != NULL; entry++) {
		const char *q = strcasestr(*entry, "q=");
		double given = q == NULL ? 1 : g_ascii_strtod(q + 2, NULL);
		int quality = given >= 1 ? 1000
			: given > 0      ? (int)(given * 1000)
					 : 0; /* what is no number (nan) is 0 */
		int hit = is_media_type(*entry, type)  ? 3
			: is_media_type(*entry, range) ? 2
			: is_media_type(*entry, "*/*") ? 1
						       : 0;

		if (hit > precision) {
			precision = hit;
			best = quality;
		}
	}
	return best;
}

static bool
prefers_html(const struct request *req)
{
	const char *accept = param_or_empty(req, "HTTP_ACCEPT");

	/* Programs, which are many, do not even speak of it; and what "*" likes, it likes both ways. */
	return strcasestr(accept, "text/") != NULL &&
		liking(accept, "text/html", "text/*") >
		liking(accept, "application/json", "application/*");
}

/* ---- who is asking ---- */

/* The value of our cookie; the first wins. Its length goes to `length`. */
static const char *
cookie_token(const struct request *req, size_t *length)
{
	static const char name[] = "shoetopia_session=";
	const char *p = param_or_empty(req, "HTTP_COOKIE");

	while (*p != '\0') {
		p += strspn(p, " \t;");
		if (strncmp(p, name, sizeof name - 1) == 0) {
			p += sizeof name - 1;
			*length = strcspn(p, "; \t");
			return p;
		}
		p += strcspn(p, ";");
	}
	return NULL;
}

/* Takes the bearer token, else the cookie; keeps the digest of what looks like a token. */
static void
read_token(struct request *req)
{
	const char *token = param(req, "HTTP_AUTHORIZATION");
	size_t length = 0;

	if (token != NULL && strncasecmp(token, "Bearer ", 7) == 0) {
		token += 7 + strspn(token + 7, " ");
		length = strlen(token);
	} else {
		token = cookie_token(req, &length);
		req->by_cookie = token != NULL;
	}
	if (token != NULL && secret_token_well_formed(token, length))
		secret_digest(token, length, req->session);
}

/* Whether the browser says that one of our own pages asks. */
static bool
from_our_origin(const struct request *req)
{
	const char *site = param(req, "HTTP_SEC_FETCH_SITE");
	const char *origin = param(req, "HTTP_ORIGIN");
	const char *host = param(req, "HTTP_HOST");
	g_autofree char *ours = NULL;

	if (site != NULL)
		return strcmp(site, "same-origin") == 0;
	if (origin == NULL || host == NULL)
		return false;
	ours = g_strconcat(request_is_https(req) ? "https://" : "http://", host, NULL);
	return g_ascii_strcasecmp(origin, ours) == 0;
}

static bool
from_this_machine(const struct request *req)
{
	const char *address = param_or_empty(req, "REMOTE_ADDR");

	return g_str_has_prefix(address, "127.") || strcmp(address, "::1") == 0 ||
		g_str_has_prefix(address, "::ffff:127.");
}

static enum err
check_who(struct request *req)
{
	enum who who = req->route->who;

	if (who == OPERATOR)
		return from_this_machine(req) ? ERR_NONE : ERR_FORBIDDEN;
	if (who != ANYONE && *req->session == '\0')
		return ERR_UNAUTHENTICATED;
	if (req->method == GET)
		return ERR_NONE;
	if (who != ANYONE && req->by_cookie && !from_our_origin(req))
		return ERR_CROSS_ORIGIN;
	/* A foreign page must not sign a browser in as somebody either; programs say neither of both. */
	if (who == ANYONE && req->form &&
		(param(req, "HTTP_SEC_FETCH_SITE") != NULL || param(req, "HTTP_ORIGIN") != NULL) &&
		!from_our_origin(req))
		return ERR_CROSS_ORIGIN;
	return ERR_NONE;
}

/* ---- the body ---- */

/*
 * Reads the body to its end, on every path: what is left over would be taken for the next request on a kept connection. Keeps up to
 * BODY_MAX bytes. Answers ERR_TOO_LARGE, or ERR_NOT_JSON for a body that broke off.
 */
static enum err
read_body(struct request *req, GString *body)
{
	const char *declared = param_or_empty(req, "CONTENT_LENGTH");
	guint64 length = g_ascii_strtoull(declared, NULL, 10);
	guint64 seen = 0;
	char piece[PIECE];
	ssize_t n = 0;

	while (*declared == '\0' || seen < length) {
		size_t want =
			*declared == '\0' ? sizeof piece : (size_t)MIN(length - seen, sizeof piece);

		n = req->x->read(req->x->self, piece, want);
		if (n <= 0)
			break;
		seen += (guint64)n;
		if (seen <= BODY_MAX)
			g_string_append_len(body, piece, n);
	}
	if (seen > BODY_MAX || length > BODY_MAX)
		return ERR_TOO_LARGE;
	return n < 0 || seen < length ? ERR_NOT_JSON : ERR_NONE;
}

/* A form says with _method what it could not say with its own method. */
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

static enum err
check_key(struct request *req)
{
	const char *key;
	size_t length;

	if (req->route->method != POST || req->route->who == ANYONE)
		return ERR_NONE;
	key = param(req, "HTTP_IDEMPOTENCY_KEY");
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

/* ---- the order of refusals ---- */

static enum err
check_request(struct request *req, GString *body, const char **detail)
{
	const char *type = param_or_empty(req, "CONTENT_TYPE");
	bool write = req->method != GET && req->method != METHOD_NONE;
	bool decodable = true;
	enum err read;
	enum err found;

	req->form = write && is_media_type(type, "application/x-www-form-urlencoded");
	req->html = (req->form || req->method == GET) && prefers_html(req);
	read = read_body(req, body);
	if (!read_target(req))
		return ERR_NOT_FOUND;
	/* what is too large, too, says by _method what it was meant for */
	if (req->form)
		read_form(req, body, &decodable);
	found = route_find(req->site, req);
	if (found != ERR_NONE)
		return found;
	if (req->method != GET && read == ERR_TOO_LARGE)
		return read;
	if (req->method != GET && body->len > 0 && !req->form &&
		!is_media_type(type, "application/json"))
		return ERR_UNSUPPORTED_TYPE;
	read_token(req);
	found = check_who(req);
	if (found != ERR_NONE)
		return found;
	if (req->method != GET && read != ERR_NONE) {
		*detail = "The body ended early.";
		return read;
	}
	if (!decodable) {
		*detail = "The form cannot be decoded: it must be UTF-8 without NUL.";
		return ERR_INVALID;
	}
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

/* ---- from the first byte to the last ---- */

void
gate_complete(struct request *req, enum err e)
{
	reply_send(req, e, NULL);
	req->x->complete(req->x->self);
	request_free(req);
}

/* A page is never detached: to render it the viewer is looked up, which blocks. */
static bool
can_detach(const struct request *req)
{
	return !req->html && req->x->can_detach != NULL && req->x->can_detach(req->x->self);
}

/* The one place where handlers are called: the thread gives up the event loop before, except for a handler that is known not to block. */
static enum err
call_handler(struct request *req)
{
	req->can_detach = can_detach(req);
	if (!req->route->nonblocking || !req->can_detach)
		request_before_blocking(req);
	return req->route->handler(req, &req->ans);
}

bool
gate_serve(const struct site *site, const struct transport *x)
{
	struct request *req = request_new(site, x);
	const char *detail = NULL;
	enum err e;

	reply_begin();
	e = check_request(req, req->body, &detail);
	if (e == ERR_NONE)
		e = call_handler(req);
	if (e == ERR_PENDING) /* req may be freed already */
		return false;
	request_before_blocking(req);
	reply_send(req, e, detail);
	request_free(req);
	return true;
}
