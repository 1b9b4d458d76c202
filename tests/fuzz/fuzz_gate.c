/*
 * Whole requests, written as in tests/unit/transport.h, to the market's own routes. Their handlers
 * are replaced by one that answers what the route's schema says, with malicious texts.
 *
 * WISH=CODE in a request makes the handler refuse it with that code; PIECE=N limits the bytes that
 * one read gives; BREAKS=1 ends the body with an error.
 */
#include "fuzz.h"

#include <string.h>

#include "../unit/markup.h"
#include "../unit/transport.h"
#include "base/json.h"
#include "base/secret.h"
#include "http/request.h"
#include "market/routes.h"
#include "market/session.h"

enum { ROUTES_MAX = 200, NESTING_MAX = 5 };

static const char malice[] = "\"'><script>alert(1)</script><!-- {\"}\\ &amp; \xf0\x9f\x91\x9f";

static struct route routes[ROUTES_MAX];
static struct talk *talking; /* the current request */

static const char *
given(const char *name)
{
	const char *text = g_hash_table_lookup(talking->params, name);

	return text == NULL ? "" : text;
}

/* ---- the handler ---- */

static void schema_append(
	GString *out, const struct answer_schema *schema, const struct request *req, int depth);

static void
member_append(GString *out, const struct member *m, const struct request *req, int depth)
{
	const char *typed = request_text(req, m->name);

	switch (m->nullable && *given("NULLS") != '\0' ? MEMBER_END : m->kind) {
	case IS_ID:
	case IS_INTEGER:
		g_string_append(out, "3");
		break;
	case IS_NUMBER:
		g_string_append(out, "9.5");
		break;
	case IS_TEXT:
		json_append_quoted(out, typed != NULL ? typed : malice);
		break;
	case IS_TIME:
		g_string_append(out, "\"2026-12-24T18:00:00.000Z\"");
		break;
	case IS_BOOL:
		g_string_append(out, "true");
		break;
	case IS_OBJECT:
		schema_append(out, m->of, req, depth + 1);
		break;
	case IS_LIST:
		g_string_append_c(out, '[');
		for (int i = 0; i < 2 && depth < NESTING_MAX; i++) {
			g_string_append(out, i > 0 ? "," : "");
			schema_append(out, m->of, req, depth + 1);
		}
		g_string_append_c(out, ']');
		break;
	case IS_COUNTS:
		g_string_append(out, "{\"brand\":{\"<script>\":12}}");
		break;
	default:
		g_string_append(out, "null");
		break;
	}
}

static void
schema_append(
	GString *out, const struct answer_schema *schema, const struct request *req, int depth)
{
	g_string_append_c(out, '{');
	for (const struct member *m = schema == NULL ? NULL : schema->members;
		m != NULL && m->kind != MEMBER_END; m++) {
		g_string_append(out, m == schema->members ? "" : ",");
		json_append_quoted(out, m->name);
		g_string_append_c(out, ':');
		member_append(out, m, req, depth);
	}
	g_string_append_c(out, '}');
}

static void
check_value(void *to, const char *name, const char *text, const char *json)
{
	enum json_fault fault;
	const char *why;
	JSON_AUTO struct json *parsed =
		json == NULL ? NULL : json_parse(json, strlen(json), &fault, &why);

	(void)to;
	MUST(name != NULL && text != NULL && g_utf8_validate(text, -1, NULL),
		"a value of the request");
	MUST(parsed != NULL, "%s: %s is not JSON", name, json);
}

/*
 * {}, {3} or {3,14}: numbers that fit, and nothing that PostgreSQL could take for something else.
 */
static bool
is_array_of_versions(const char *text)
{
	size_t digits = 1;

	if (strcmp(text, "{}") == 0)
		return true;
	while (digits > 0 && digits < 10 && (*text == '{' || *text == ',')) {
		digits = strspn(++text, "0123456789");
		text += digits;
	}
	return digits > 0 && digits < 10 && strcmp(text, "}") == 0;
}

static enum err
handle(struct request *req, struct answer *ans)
{
	const struct route *route = request_route(req);
	const char *wish = given("WISH");
	enum err e = *wish == '\0' ? ERR_NONE : err_by_code(wish);

	request_each(req, check_value, NULL);
	MUST(route->who == ANYONE || route->who == OPERATOR || request_session(req) != NULL,
		"%s without a session", route->name);
	MUST(route->key != KEY_MUST || request_key(req) != NULL, "%s without a key", route->name);
	MUST(request_versions(req) == NULL || route->versioned, "%s with a version", route->name);
	MUST(request_versions(req) == NULL || is_array_of_versions(request_versions(req)),
		"the versions %s", request_versions(req));
	if (route->answer_schema != NULL)
		schema_append(ans->body, route->answer_schema, req, 0);
	else if (route->status != 204)
		g_string_assign(ans->body, "{}");
	if (e != ERR_NONE) {
		g_autoptr(GString) extra =
			g_string_new("{\"total_cents\":1,\"version\":12,"
				     "\"errors\":[{\"listing_id\":3,\"message\":");

		json_append_quoted(extra, malice);
		g_string_append(extra, "}]}");
		ans->extra = g_strdup(extra->str);
	}
	ans->replayed = *given("REPLAYED") != '\0';
	ans->forget_cookie = strcmp(route->name, "end_session") == 0;
	if (route->answer_schema == &session_schema && e == ERR_NONE) {
		ans->token = g_malloc(TOKEN_SIZE);
		secret_token(ans->token);
	}
	return e;
}

static char *
viewer(const struct request *req)
{
	g_autoptr(GString) out = g_string_new("{\"account_id\":1,\"shop_id\":3,\"name\":");

	if (request_session(req) == NULL)
		return NULL;
	json_append_quoted(out, malice);
	g_string_append_printf(
		out, ",\"role\":\"%s\"}", *given("ADMIN") != '\0' ? "admin" : "member");
	return g_strdup(out->str);
}

/* ---- the fuzzer ---- */

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	MUST(market_site.n_routes <= ROUTES_MAX, "more routes than expected");
	for (size_t i = 0; i < market_site.n_routes; i++) {
		routes[i] = market_site.routes[i];
		if (strcmp(routes[i].name, "openapi") != 0) /* it needs no market */
			routes[i].handler = handle;
	}
	unsetenv("SHOETOPIA_PREFIX");
	return secret_init() ? 0 : -1;
}

static void
check_page(void)
{
	const char *type = talk_header(talking, "Content-Type");
	const char *fault;

	if (type == NULL || !g_str_has_prefix(type, "text/html") || talking->page_length == 0)
		return;
	fault = markup_fault(talking->page, talking->page_length);
	MUST(fault == NULL, "the page %s:\n%s", fault, talking->page);
	MUST(g_strstr_len(talking->page, (gssize)talking->page_length, "<script") == NULL,
		"a script in the page");
	MUST(talk_header(talking, "Content-Security-Policy") != NULL, "a page without a policy");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct site site = {
		.routes = routes, .n_routes = market_site.n_routes, .viewer = viewer
	};
	const char *fault;
	const char *location;

	/* CGI variables have no NUL. */
	if (size > 0 && memchr(data, '\0', size) != NULL &&
		g_strstr_len((const char *)data, (gssize)size, "\n\n") == NULL)
		return 0;
	talking = talk_new((const char *)data, size);
	talking->piece = (size_t)g_ascii_strtoull(given("PIECE"), NULL, 10);
	talking->breaks_off = *given("BREAKS") != '\0';
	fault = talk_serve(talking, &site);
	MUST(fault == NULL, "the answer %s:\n%s", fault, talking->out->str);
	MUST(talking->status < 500 || *given("WISH") != '\0', "status %d", talking->status);
	MUST(talking->status != 405 || talk_header(talking, "Allow") != NULL, "405 without Allow");
	MUST(talking->status != 503 || talk_header(talking, "Retry-After") != NULL,
		"503 without Retry-After");
	location = talk_header(talking, "Location");
	MUST(location == NULL || (location[0] == '/' && location[1] != '/'), "on to %s", location);
	MUST(talking->status != 303 || location != NULL, "303 to nowhere");
	check_page();
	talk_free(talking);
	return 0;
}
