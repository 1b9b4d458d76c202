/* The gate: tokens, rights that need no database, and cross-origin requests. */
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/secret.h"
#include "http/client.h"
#include "http/operator_access.h"
#include "small_site.h"
#include "unit.h"

/* One that is read over HTTP, and one over HTTPS. */
#define COOKIES "Cookie: shoetopia_session=" TOKEN_A "; __Host-shoetopia_session=" TOKEN_A "\n"

static void
assert_session(const char *headers, const char *token)
{
	g_autofree char *text = g_strdup_printf("GET /api/mine\n%s\n", headers);
	struct talk *talk;
	char digest[DIGEST_SIZE] = "";

	small_site_reset(NULL);
	talk = ask(text);
	if (token != NULL)
		secret_digest(token, strlen(token), digest);
	if (talk->status != (token != NULL ? 200 : 401) || strcmp(seen.session, digest) != 0)
		fail_msg("%s is answered %d, for session %s", headers, talk->status, seen.session);
	talk_free(talk);
}

static void
test_tokens(void **state)
{
	(void)state;
	assert_session("", NULL);
	assert_session("Authorization: Bearer " TOKEN_A "\n", TOKEN_A);
	assert_session("Authorization: bearer   " TOKEN_A "\n", TOKEN_A);
	assert_session("Cookie: shoetopia_session=" TOKEN_B "\n", TOKEN_B);
	assert_session("Cookie: a=b; shoetopia_session=" TOKEN_B "; c=d\n", TOKEN_B);
	assert_session("Cookie: a=b;shoetopia_session=" TOKEN_B ";c=d\n", TOKEN_B);
	/* a bearer token, even a malformed one, overrides the cookie */
	assert_session("Authorization: Bearer " TOKEN_A "\nCookie: shoetopia_session=" TOKEN_B "\n",
		TOKEN_A);
	assert_session("Authorization: Bearer x\nCookie: shoetopia_session=" TOKEN_B "\n", NULL);
	assert_session(
		"Authorization: Basic YTpi\nCookie: shoetopia_session=" TOKEN_B "\n", TOKEN_B);
	assert_session("Authorization: Bearer\n", NULL);
	assert_session("Authorization: Bearer " TOKEN_A "A\n", NULL);
	assert_session("Authorization: Bearer " TOKEN_A " " TOKEN_B "\n", NULL);
	assert_session("Authorization: " TOKEN_A "\n", NULL);
	assert_session("Cookie: xshoetopia_session=" TOKEN_B "\n", NULL);
	assert_session("Cookie: a=shoetopia_session=" TOKEN_B "\n", NULL);
	assert_session("Cookie: Shoetopia_Session=" TOKEN_B "\n", NULL);
	assert_session("Cookie: shoetopia_session=\n", NULL);
	assert_session("Cookie: ;;; ; =\n", NULL);
	/* each scheme has a cookie of its own */
	assert_session("Cookie: __Host-shoetopia_session=" TOKEN_B "\n", NULL);
	assert_session("HTTPS=on\nCookie: __Host-shoetopia_session=" TOKEN_B "\n", TOKEN_B);
	assert_session("HTTPS=on\nCookie: shoetopia_session=" TOKEN_B "\n", NULL);
	assert_session("HTTPS=on\nCookie: shoetopia_session=" TOKEN_A
		       "; __Host-shoetopia_session=" TOKEN_B "\n",
		TOKEN_B);
}

/* Headers that a server has joined, or may have dropped some of: refused, never guessed. */
static void
test_ambiguous_headers(void **state)
{
	static const char *const refused[] = {
		"Authorization: Bearer " TOKEN_A ", Bearer " TOKEN_B "\n",
		"Authorization: Bearer " TOKEN_A ",\n",
		"Authorization: Basic YTpi, Bearer " TOKEN_B "\n",
		"Authorization: ,\n",
		BEARER "Idempotency-Key: 12345678,12345678\n",
		BEARER "Idempotency-Key: 12345678, 12345678\n",
		BEARER "Idempotency-Key: 1234 5678\n",
		BEARER "Content-Type: application/json, text/plain\n",
		BEARER "CONTENT_TYPE=application/json,application/json\n",
		BEARER "CONTENT_LENGTH=+0\n",
		BEARER "CONTENT_LENGTH=-1\n",
		BEARER "CONTENT_LENGTH= 1\n",
		BEARER "CONTENT_LENGTH=0x1\n",
		BEARER "CONTENT_LENGTH=1,1\n",
		"Cookie: shoetopia_session=" TOKEN_B "; shoetopia_session=" TOKEN_A "\n",
		"Cookie: shoetopia_session=" TOKEN_B ";shoetopia_session=" TOKEN_B "\n",
		"Cookie: shoetopia_session=; a=b; shoetopia_session=" TOKEN_B "\n",
		BEARER "Cookie: shoetopia_session=" TOKEN_B "; shoetopia_session=\n",
		"HTTPS=on\nCookie: __Host-shoetopia_session=" TOKEN_A
		"; __Host-shoetopia_session=" TOKEN_B "\n",
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(refused); i++) {
		g_autofree char *mine = g_strdup_printf("GET /api/mine\n%s\n", refused[i]);
		g_autofree char *public = g_strdup_printf("GET /api/things\n%s\n", refused[i]);

		small_site_reset(NULL);
		assert_answer(mine, 400, "invalid");
		assert_answer(public, 400, "invalid");
	}
	/* in the contract's order of refusals */
	assert_answer("GET /api/nowhere\nAuthorization: a, b\n\n", 404, "not_found");
	assert_answer("GET /api/mine\nIdempotency-Key: a,b\n\n", 401, "unauthenticated");
	assert_answer(
		"POST /api/things\n" JSON COOKIE "Idempotency-Key: a,b\n\n{}", 403, "cross_origin");
	assert_answer(
		"POST /api/things\n" JSON BEARER "Idempotency-Key: 1234,5678\n\n{", 400, "invalid");
}

static void
test_who(void **state)
{
	(void)state;
	assert_answer("GET /api/things\n\n", 200, "");
	assert_answer("GET /api/admin\n\n", 401, "unauthenticated");
	assert_answer("POST /api/shops/3/things\n\n", 401, "unauthenticated");
	assert_answer("GET /api/admin\n" BEARER "\n", 200, ""); /* the database checks the role */
	assert_answer("GET /api/metrics\n" BEARER "REMOTE_ADDR=192.0.2.7\n\n", 403, "forbidden");
	assert_answer("GET /api/metrics\n\n", 403, "forbidden");
	assert_answer("GET /api/metrics\nREMOTE_ADDR=1270.0.0.1\n\n", 403, "forbidden");
	assert_answer("GET /api/metrics\nREMOTE_ADDR=192.0.2.7\nX-Forwarded-For: 127.0.0.1\n\n",
		403, "forbidden");
	assert_answer("GET /api/metrics\nREMOTE_ADDR=127.0.0.1\n\n", 200, "");
	assert_answer("GET /api/metrics\nREMOTE_ADDR=::1\n\n", 200, "");
	assert_answer("GET /api/metrics\nREMOTE_ADDR=::ffff:127.0.0.1\n\n", 200, "");
}

/* The token of a file, and nothing but it. The last test: it cannot be taken back. */
static void
test_token(void **state)
{
	g_autofree char *path = NULL;
	int fd = g_file_open_tmp("shoetopia-XXXXXX", &path, NULL);

	(void)state;
	close(fd);
	assert_false(operator_access_set_token_file("/nowhere/at/all"));
	assert_true(g_file_set_contents(path, "too short\n", -1, NULL));
	assert_false(operator_access_set_token_file(path));
	assert_answer("GET /api/metrics\nREMOTE_ADDR=127.0.0.1\n\n", 200, "");
	assert_true(g_file_set_contents(path, "a token of an operator\n", -1, NULL));
	assert_true(operator_access_set_token_file(path));
	assert_answer("GET /api/metrics\nREMOTE_ADDR=127.0.0.1\n\n", 403, "forbidden");
	assert_answer("GET /api/metrics\nREMOTE_ADDR=127.0.0.1\n" BEARER "\n", 403, "forbidden");
	assert_answer("GET /api/metrics\nREMOTE_ADDR=192.0.2.7\nX-Forwarded-For: 198.51.100.1\n"
		      "Authorization: Bearer a token of an operator\n\n",
		200, "");
	g_unlink(path);
}

/* The rights of an operator, and the origin, behind a trusted proxy and behind none. */
static void
test_proxies(void **state)
{
	static const char write[] = "POST /api/things\n" JSON "Host: shoes.example\n"
				    "Origin: https://shoes.example\nREMOTE_ADDR=127.0.0.1\n"
				    "Cookie: __Host-shoetopia_session=" TOKEN_A
				    "\nX-Forwarded-Proto: https\n\n{\"name\":\"a\"}";

	(void)state;
	assert_answer("GET /api/metrics\nREMOTE_ADDR=127.0.0.1\nX-Forwarded-For: 192.0.2.7\n\n",
		403, "forbidden");
	assert_answer("GET /api/metrics\nREMOTE_ADDR=127.0.0.1\nForwarded: for=127.0.0.1\n\n", 403,
		"forbidden");
	assert_answer(
		"GET /api/metrics\nREMOTE_ADDR=127.0.0.1\nX-Real-IP: ::1\n\n", 403, "forbidden");
	assert_answer(write, 401, "unauthenticated");
	assert_true(client_trust_proxies("127.0.0.0/8"));
	assert_answer("GET /api/metrics\nREMOTE_ADDR=127.0.0.1\nX-Forwarded-For: 192.0.2.7\n\n",
		403, "forbidden");
	assert_answer("GET /api/metrics\nREMOTE_ADDR=127.0.0.1\n"
		      "X-Forwarded-For: 127.0.0.1, 192.0.2.7\n\n",
		403, "forbidden");
	assert_answer("GET /api/metrics\nREMOTE_ADDR=192.0.2.7\nX-Forwarded-For: 127.0.0.1\n\n",
		403, "forbidden");
	assert_answer("GET /api/metrics\nREMOTE_ADDR=127.0.0.1\n\n", 200, "");
	assert_answer(write, 201, "");
	assert_true(client_trust_proxies(NULL));
}

static void
test_cross_origin(void **state)
{
	static const struct {
		const char *headers;
		bool ours;
	} table[] = {
		{ "", false },
		{ "Host: shoes.example\n", false },
		{ "Sec-Fetch-Site: same-origin\n", true },
		{ "Sec-Fetch-Site: same-site\n", false },
		{ "Sec-Fetch-Site: cross-site\n", false },
		{ "Sec-Fetch-Site: none\n", false },
		{ "Sec-Fetch-Site: \n", false },
		{ "Sec-Fetch-Site: Same-Origin, cross-site\n", false },
		/* the header that no page can set decides */
		{ "Sec-Fetch-Site: same-origin\nHost: shoes.example\nOrigin: http://evil.example\n",
			true },
		{ "Sec-Fetch-Site: cross-site\nHost: shoes.example\nOrigin: http://shoes.example\n",
			false },
		{ "Host: shoes.example\nOrigin: http://shoes.example\n", true },
		{ "Host: Shoes.Example\nOrigin: http://shoes.example\n", true },
		{ "Host: shoes.example:8080\nOrigin: http://shoes.example:8080\n", true },
		{ "Host: shoes.example\nOrigin: https://shoes.example\nHTTPS=on\n", true },
		{ "Host: shoes.example\nOrigin: https://shoes.example\nREQUEST_SCHEME=https\n",
			true },
		{ "Host: shoes.example\nOrigin: https://shoes.example\n", false },
		{ "Host: shoes.example\nOrigin: http://shoes.example\nHTTPS=on\n", false },
		{ "Host: shoes.example:8080\nOrigin: http://shoes.example\n", false },
		{ "Host: shoes.example\nOrigin: http://shoes.example.evil.example\n", false },
		{ "Host: shoes.example\nOrigin: http://evil.example\n", false },
		{ "Host: shoes.example\nOrigin: http://shoes.example/\n", false },
		{ "Host: shoes.example\nOrigin: null\n", false },
		{ "Host: shoes.example\nOrigin: \n", false },
		{ "Origin: http://\n", false },
		{ "Host: shoes.example\nReferer: http://shoes.example/\n", false },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		g_autofree char *by_cookie = g_strdup_printf(
			"POST /api/things\n" JSON COOKIES "%s\n{\"name\":\"a\"}", table[i].headers);
		g_autofree char *by_bearer = g_strdup_printf(
			"POST /api/things\n" JSON BEARER "%s\n{\"name\":\"a\"}", table[i].headers);
		g_autofree char *reading =
			g_strdup_printf("GET /api/mine\n" COOKIES "%s\n", table[i].headers);

		assert_answer(
			by_cookie, table[i].ours ? 201 : 403, table[i].ours ? "" : "cross_origin");
		assert_answer(by_bearer, 201, "");
		assert_answer(reading, 200, "");
	}
	/* A page of another origin must not sign a browser up or in either. */
	assert_answer("POST /api/accounts\n" FORM
		      "Sec-Fetch-Site: cross-site\n\nname=a&email=a@b.example&password=12345678",
		403, "cross_origin");
	assert_answer("POST /api/accounts\n" FORM "\nname=a&email=a@b.example&password=12345678",
		201, "");
}

/* Where the database decides on callers, a handler that did not ask it gives no success. */
static void
test_forgetful_handler(void **state)
{
	static const struct {
		const char *text;
		bool by_database;
		int status;
	} table[] = {
		{ "GET /api/mine\n" BEARER "\n", true, 200 },
		{ "GET /api/mine\n" BEARER "\n", false, 500 },
		{ "GET /api/sale\n\n", false, 200 }, /* for anyone */
	};
	struct site site = small_site;

	(void)state;
	site.guarded_by_database = true;
	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		struct talk *talk = talk_new(table[i].text, strlen(table[i].text));

		small_site_reset(NULL);
		wish.by_database = table[i].by_database;
		assert_null(talk_serve(talk, &site));
		assert_int_equal(seen.calls, 1);
		assert_int_equal(talk->status, table[i].status);
		talk_free(talk);
	}
}

static int
set_up(void **state)
{
	(void)state;
	unsetenv("SHOETOPIA_PREFIX");
	return secret_init() ? 0 : -1;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_tokens, small_site_reset),
		cmocka_unit_test_setup(test_ambiguous_headers, small_site_reset),
		cmocka_unit_test_setup(test_proxies, small_site_reset),
		cmocka_unit_test_setup(test_who, small_site_reset),
		cmocka_unit_test_setup(test_cross_origin, small_site_reset),
		cmocka_unit_test_setup(test_token, small_site_reset),
		cmocka_unit_test_setup(test_forgetful_handler, small_site_reset),
	};

	return cmocka_run_group_tests_name("http_caller", tests, set_up, NULL);
}
