/* The gate: tokens, rights that need no database, and cross-origin requests. */
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "small_site.h"
#include "unit.h"

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
	assert_session(
		"Cookie: shoetopia_session=" TOKEN_B "; shoetopia_session=" TOKEN_A "\n", TOKEN_B);
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
			"POST /api/things\n" JSON COOKIE "%s\n{\"name\":\"a\"}", table[i].headers);
		g_autofree char *by_bearer = g_strdup_printf(
			"POST /api/things\n" JSON BEARER "%s\n{\"name\":\"a\"}", table[i].headers);
		g_autofree char *reading =
			g_strdup_printf("GET /api/mine\n" COOKIE "%s\n", table[i].headers);

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
		cmocka_unit_test_setup(test_who, small_site_reset),
		cmocka_unit_test_setup(test_cross_origin, small_site_reset),
	};

	return cmocka_run_group_tests_name("http_caller", tests, set_up, NULL);
}
