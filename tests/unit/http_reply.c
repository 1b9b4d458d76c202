/* The response: status, headers, problem, cookie and redirect. */
#include <string.h>

#include "base/json.h"
#include "base/secret.h"
#include "http/reply.h"
#include "http/stats.h"
#include "small_site.h"
#include "unit.h"

#define MAKE "POST /api/things\n" JSON BEARER
#define GOOD "\n{\"name\":\"a\"}"

/* ---- page or JSON ---- */

static void
test_what_is_preferred(void **state)
{
	static const struct {
		const char *accept;
		bool html;
	} table[] = {
		{ "", false },
		{ "*/*", false },
		{ "application/json", false },
		{ "text/html", true },
		{ "TEXT/HTML", true },
		{ "text/*", true },
		{ "text/html;level=1", true },
		{ "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8",
			true },
		{ "text/html, application/json", false },
		{ "application/json, text/html;q=0.9", false },
		{ "application/json;q=0.9, text/html", true },
		{ "application/json;q=0.5,text/html; q=0.6", true },
		{ "application/json;Q=0.5,text/html;Q=0.6", true },
		{ "application/*;q=0.1, text/html;q=0.2", true },
		{ "*/*, text/html;q=0.5", false },
		{ "*/*;q=0.1, text/html;q=0.5", true },
		{ "text/html;q=0", false },
		{ "text/*, text/html;q=0", false }, /* the most specific entry counts */
		{ "text/htmlx", false },
		{ "text/plain", false },
		{ "text/html;q=nan", false },
		{ "text/html;q=-1", false },
		{ "text/html;q=1e999, application/json;q=0.9", true },
		{ "text/html;q=, application/json;q=0.9", false },
		{ ",,;=,text/html", true },
		{ "nonsense", false },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		g_autofree char *good =
			g_strdup_printf("GET /api/things/7\nAccept: %s\n\n", table[i].accept);
		g_autofree char *bad =
			g_strdup_printf("GET /api/things/x\nAccept: %s\n\n", table[i].accept);
		struct talk *success = ask(good);
		struct talk *refusal = ask(bad);

		if (strcmp(talk_header(success, "Content-Type"),
			    table[i].html ? "text/html; charset=utf-8" : "application/json") != 0)
			fail_msg("Accept: %s is answered with %s", table[i].accept,
				talk_header(success, "Content-Type"));
		assert_header(refusal, "Content-Type",
			table[i].html ? "text/html; charset=utf-8" : "application/problem+json");
		assert_header(success, "Vary", "Accept");
		assert_header(refusal, "Vary", "Accept");
		talk_free(success);
		talk_free(refusal);
	}
}

/* A client that sends JSON gets JSON, whatever it accepts. */
static void
test_json_for_json(void **state)
{
	static const char *const requests[] = { MAKE BROWSER GOOD, MAKE BROWSER "\n{}",
		"POST /api/nowhere\n" JSON BROWSER GOOD, "PUT /api/things\n" JSON BROWSER GOOD,
		"POST /api/buy\n" JSON BROWSER "\n{}" };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(requests); i++) {
		struct talk *talk = ask(requests[i]);

		assert_true(strstr(talk_header(talk, "Content-Type"), "json") != NULL);
		talk_free(talk);
	}
}

/* ---- caching ---- */

static void
test_cache(void **state)
{
	static const struct {
		const char *request, *cache;
	} table[] = {
		{ "GET /api/things\n\n", "public, max-age=1" },
		{ "HEAD /api/things\n\n", "public, max-age=1" },
		{ "GET /api/things\n" BROWSER "\n", "public, max-age=1" },
		{ "GET /api/things\n" BEARER "\n", "no-store" },
		{ "GET /api/things\n" COOKIE "\n", "no-store" },
		{ "GET /api/sale\n\n", "public, max-age=1" },
		{ "GET /api/sale\n" BEARER "\n", "public, max-age=1" }, /* the same for all */
		{ "GET /api/sale\n" COOKIE BROWSER "\n",
			"no-store" }, /* but the page shows the viewer's name */
		{ "GET /api/mine\n" BEARER "\n", "no-store" },
		{ "GET /api/mine\n\n", "no-store" },
		{ "GET /api/things?limit=0\n\n", "no-store" },
		{ "GET /api/nowhere\n\n", "no-store" },
		{ "PUT /api/things\n\n", "no-store" },
		{ MAKE GOOD, "no-store" },
		{ "GET /api/things/7/parts\n\n", "no-store" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		struct talk *talk = ask(table[i].request);

		assert_header(talk, "Cache-Control", table[i].cache);
		talk_free(talk);
	}
	wish.err = ERR_NOT_FOUND;
	{
		struct talk *talk = ask("GET /api/sale\n\n");

		assert_header(talk, "Cache-Control", "no-store");
		talk_free(talk);
	}
}

static void
test_request_ids(void **state)
{
	struct talk *one = ask("GET /api/things\nX-Request-Id: mine\n\n");
	struct talk *two = ask("GET /api/things\n\n");

	(void)state;
	assert_int_equal(strspn(talk_header(one, "X-Request-Id"), "0123456789abcdef"), 32);
	assert_string_not_equal(talk_header(one, "X-Request-Id"), talk_header(two, "X-Request-Id"));
	assert_header(one, "X-Content-Type-Options", "nosniff");
	talk_free(one);
	talk_free(two);
}

/* ---- refusals ---- */

static void
test_headers_of_refusals(void **state)
{
	struct talk *talk = ask("DELETE /api/things\n\n");

	(void)state;
	assert_header(talk, "Allow", "GET, HEAD, POST");
	assert_header(talk, "Retry-After", NULL);
	talk_free(talk);

	talk = ask("GET /api/mine\n\n");
	assert_header(talk, "WWW-Authenticate", "Bearer realm=\"Shoetopia\"");
	assert_header(talk, "Allow", NULL);
	talk_free(talk);

	wish.err = ERR_BUSY;
	talk = ask(MAKE GOOD);
	assert_int_equal(talk->status, 503);
	assert_header(talk, "Retry-After", "1");
	talk_free(talk);

	/* A refusal has nothing of a success. */
	wish.err = ERR_OUT_OF_STOCK;
	wish.token = TOKEN_B;
	wish.replayed = true;
	talk = ask(MAKE GOOD);
	assert_header(talk, "Set-Cookie", NULL);
	assert_header(talk, "Idempotency-Replayed", NULL);
	assert_header(talk, "Location", NULL);
	assert_false(talk_holds(talk, "Heel"));
	talk_free(talk);
}

static const struct json *
problem_of(const struct talk *talk, struct json **root)
{
	enum json_fault fault;
	const char *why;

	*root = json_parse(talk->page, talk->page_length, &fault, &why);
	return *root;
}

static void
test_problem(void **state)
{
	JSON_AUTO struct json *root = NULL;
	struct talk *talk = ask(MAKE "\n{\"name\":\"\",\"a\\\"b\":1}");
	const struct json *problem = problem_of(talk, &root);
	const struct json *errors = json_get(problem, "errors");
	const struct json *first = json_first_element(errors), *second;

	(void)state;
	assert_string_equal(json_text(json_get(problem, "type")), "urn:shoetopia:problem:invalid");
	assert_string_equal(json_text(json_get(problem, "code")), "invalid");
	assert_int_equal(json_count(errors), 2);
	assert_string_equal(json_text(json_get(first, "field")), "a\"b");
	second = json_next_element(first);
	assert_string_equal(json_text(json_get(second, "field")), "name");
	assert_true(strlen(json_text(json_get(second, "message"))) > 0);
	talk_free(talk);
}

static void
test_problem_with_more(void **state)
{
	JSON_AUTO struct json *root = NULL;
	struct talk *talk;
	const struct json *problem;
	int64_t total = 0;

	(void)state;
	wish.err = ERR_PRICE_CHANGED;
	wish.extra = "{\"detail\":\"It costs \\\"more\\\".\",\"total_cents\":1999,"
		     "\"errors\":[{\"listing_id\":7}]}";
	talk = ask(MAKE GOOD);
	problem = problem_of(talk, &root);
	assert_string_equal(json_text(json_get(problem, "detail")), "It costs \"more\".");
	assert_true(json_int64(json_get(problem, "total_cents"), &total));
	assert_int_equal(total, 1999);
	assert_int_equal(json_count(json_get(problem, "errors")), 1);
	talk_free(talk);
}

/* Members that the database adds replace none of the problem's own, and none comes twice. */
static void
test_problem_keeps_its_members(void **state)
{
	struct talk *talk;

	(void)state;
	wish.err = ERR_INVALID;
	wish.extra = "{\"status\":200,\"code\":\"ok\",\"type\":\"x\",\"title\":\"y\"}";
	talk = ask(MAKE GOOD);
	assert_int_equal(talk->status, 422);
	assert_string_equal(talk_code(talk), "invalid");
	talk_free(talk);
}

static void
test_fault_has_no_details(void **state)
{
	struct talk *talk;

	(void)state;
	wish.err = ERR_FAULT;
	talk = ask(MAKE GOOD);
	assert_int_equal(talk->status, 500);
	assert_string_equal(talk_code(talk), "internal");
	talk_free(talk);
}

/* ---- success ---- */

static void
test_places(void **state)
{
	static const struct {
		const char *request, *location;
		int status;
	} table[] = {
		{ MAKE GOOD, "/api/things/7", 201 }, /* from the answer */
		{ "POST /api/things\n" FORM BEARER "\nname=a", "/api/things/7", 201 },
		{ "POST /api/things\n" FORM BEARER BROWSER "\nname=a", "/api/things/7", 303 },
		{ "POST /api/things/5\n" FORM BEARER BROWSER "\n_method=PATCH&name=a",
			"/api/things/5", 303 }, /* from the path */
		{ "POST /api/things/5\n" FORM BEARER BROWSER "\n_method=DELETE", "/api/things",
			303 },
		{ "DELETE /api/things/5\n" BEARER "\n", NULL, 204 },
		{ "PATCH /api/things/5\n" JSON BEARER GOOD, NULL, 200 },
		/* the route has no redirect */
		{ "POST /api/shops/3/things\n" BEARER "\n", NULL, 201 },
		{ "POST /api/accounts\n" FORM BROWSER
		  "\nname=a&email=a@b.example&password=12345678",
			"/api/mine", 303 },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		struct talk *talk = ask(table[i].request);

		assert_int_equal(talk->status, table[i].status);
		assert_header(talk, "Location", table[i].location);
		talk_free(talk);
	}
}

/* A form may lead to another server, which the policy of pages must name; JSON does not. */
static void
test_elsewhere(void **state)
{
	struct talk *talk;

	(void)state;
	wish.elsewhere = "https://pay.example/p?a=1";
	talk = ask("POST /api/things\n" FORM BEARER BROWSER "\nname=a");
	assert_int_equal(talk->status, 303);
	assert_header(talk, "Location", "https://pay.example/p?a=1");
	talk_free(talk);
	talk = ask(MAKE GOOD);
	assert_int_equal(talk->status, 201);
	assert_header(talk, "Location", "/api/things/7");
	talk_free(talk);
	reply_set_form_origin("https://pay.example");
	talk = ask("GET /api/things\n" BROWSER "\n");
	assert_non_null(strstr(talk_header(talk, "Content-Security-Policy"),
		"; form-action 'self' https://pay.example; "));
	talk_free(talk);
	reply_set_form_origin(NULL);
	talk = ask("GET /api/things\n" BROWSER "\n");
	assert_non_null(
		strstr(talk_header(talk, "Content-Security-Policy"), "; form-action 'self'; "));
	talk_free(talk);
}

static void
test_cookie(void **state)
{
	struct talk *talk;

	(void)state;
	wish.token = TOKEN_B;
	talk = ask(MAKE GOOD);
	assert_header(talk, "Set-Cookie",
		"shoetopia_session=" TOKEN_B "; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax");
	talk_free(talk);
	talk = ask(MAKE "HTTPS=on\n" GOOD);
	assert_header(talk, "Set-Cookie",
		"__Host-shoetopia_session=" TOKEN_B
		"; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax; Secure");
	assert_header(talk, "Strict-Transport-Security", "max-age=31536000");
	talk_free(talk);
	talk = ask("GET /api/nowhere\nREQUEST_SCHEME=https\n\n");
	assert_header(talk, "Strict-Transport-Security", "max-age=31536000");
	talk_free(talk);
	talk = ask("GET /api/nowhere\nREQUEST_SCHEME=http\nX-Forwarded-Proto: https\n\n");
	assert_header(talk, "Strict-Transport-Security", NULL);
	talk_free(talk);
	wish.token = NULL;
	wish.forget_cookie = true;
	talk = ask("POST /api/things/7\n" FORM BROWSER COOKIE SAME_ORIGIN "\n_method=DELETE");
	assert_int_equal(talk->status, 303);
	assert_header(talk, "Set-Cookie",
		"shoetopia_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
	talk_free(talk);
}

static void
test_replay(void **state)
{
	struct talk *talk = ask(MAKE GOOD);

	(void)state;
	assert_header(talk, "Idempotency-Replayed", NULL);
	talk_free(talk);
	wish.replayed = true;
	talk = ask(MAKE GOOD);
	assert_int_equal(talk->status, 201);
	assert_header(talk, "Idempotency-Replayed", "true");
	assert_header(talk, "Location", "/api/things/7");
	talk_free(talk);
}

static void
test_other_types(void **state)
{
	struct talk *talk;

	(void)state;
	wish.type = "text/plain; version=0.0.4; charset=utf-8";
	wish.body = "figures 7\n";
	talk = ask("GET /api/metrics\nREMOTE_ADDR=127.0.0.1\n" BROWSER "\n");
	assert_header(talk, "Content-Type", "text/plain; version=0.0.4; charset=utf-8");
	assert_true(talk_holds(talk, "figures 7\n"));
	talk_free(talk);
}

/* The database's JSON is sent unchanged: the order of members, the digits of numbers. */
static void
test_body_as_it_is(void **state)
{
	static const char body[] = "{\"z\":1.50,\"a\":9007199254740993,\"thing_id\":7}";
	struct talk *talk;

	(void)state;
	wish.body = body;
	talk = ask(MAKE GOOD);
	assert_int_equal(talk->page_length, strlen(body));
	assert_memory_equal(talk->page, body, strlen(body));
	assert_int_equal(talk->writes, 1);
	talk_free(talk);
}

static void
test_counters(void **state)
{
	struct http_stats before, after;

	(void)state;
	http_stats(&before);
	talk_free(ask("GET /api/things\n\n"));
	talk_free(ask("GET /api/nowhere\n\n"));
	wish.err = ERR_BUSY;
	talk_free(ask(MAKE GOOD));
	http_stats(&after);
	assert_int_equal(after.answered[2] - before.answered[2], 1);
	assert_int_equal(after.answered[4] - before.answered[4], 1);
	assert_int_equal(after.answered[5] - before.answered[5], 1);
	assert_int_equal(after.in_progress, 0);
}

static int
set_up(void **state)
{
	(void)state;
	return secret_init() ? 0 : -1;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_what_is_preferred, small_site_reset),
		cmocka_unit_test_setup(test_json_for_json, small_site_reset),
		cmocka_unit_test_setup(test_cache, small_site_reset),
		cmocka_unit_test_setup(test_request_ids, small_site_reset),
		cmocka_unit_test_setup(test_headers_of_refusals, small_site_reset),
		cmocka_unit_test_setup(test_problem, small_site_reset),
		cmocka_unit_test_setup(test_problem_with_more, small_site_reset),
		cmocka_unit_test_setup(test_problem_keeps_its_members, small_site_reset),
		cmocka_unit_test_setup(test_fault_has_no_details, small_site_reset),
		cmocka_unit_test_setup(test_places, small_site_reset),
		cmocka_unit_test_setup(test_elsewhere, small_site_reset),
		cmocka_unit_test_setup(test_cookie, small_site_reset),
		cmocka_unit_test_setup(test_replay, small_site_reset),
		cmocka_unit_test_setup(test_other_types, small_site_reset),
		cmocka_unit_test_setup(test_body_as_it_is, small_site_reset),
		cmocka_unit_test_setup(test_counters, small_site_reset),
	};

	return cmocka_run_group_tests_name("http_reply", tests, set_up, NULL);
}
