/* Prefix, path and query of a request. */
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "small_site.h"
#include "unit.h"

static void
assert_target(const char *head, int status, const char *name)
{
	struct talk *talk;

	small_site_reset(NULL);
	talk = ask(head);
	if (talk->status != status || strcmp(seen.name, name) != 0)
		fail_msg("%s\nis answered %d by \"%s\"", head, talk->status, seen.name);
	talk_free(talk);
}

static void
test_targets(void **state)
{
	(void)state;
	assert_target("GET /api/things\n\n", 200, "find");
	assert_target("GET /api/things?\n\n", 200, "find");
	assert_target("GET /api/things?q=a?b\n\n", 200, "find");
	assert_string_equal(seen.fields, "q=a?b|limit=20");
	/* an encoded letter equals the letter */
	assert_target("GET /api/%74hings/%37\n\n", 200, "thing");
	assert_string_equal(seen.fields, "thing_id=7");
	assert_target("GET /api/things%2F7\n\n", 404, "");
	assert_target("GET /api/things%\n\n", 404, "");
	assert_target("GET /api/things%7\n\n", 404, "");
	assert_target("GET /api/things%00\n\n", 404, "");
	assert_target("GET /api%3Fthings\n\n", 404, "");
	assert_target("GET /api\n\n", 404, "");
	assert_target("GET /api/\n\n", 404, "");
	assert_target("GET /apis/things\n\n", 404, "");
	assert_target("GET /things\n\n", 404, "");
	assert_target("GET //api/things\n\n", 404, "");
	assert_target("GET http://shoes.example/api/things\n\n", 404, "");
	assert_target("GET *\n\n", 404, "");
	assert_target("GET \nREQUEST_URI=\n\n", 404, "");
}

static void
test_prefixes(void **state)
{
	struct talk *talk;

	(void)state;
	/* as CGI below a folder, with REQUEST_URI and without */
	assert_target("GET /cgi-bin/shoetopia/api/things\nSCRIPT_NAME=/cgi-bin/shoetopia\n\n", 200,
		"find");
	assert_target(
		"GET \nREQUEST_URI=\nSCRIPT_NAME=/cgi-bin/shoetopia\nPATH_INFO=/api/things/7\n\n",
		200, "thing");
	assert_target(
		"GET \nREQUEST_URI=\nPATH_INFO=/api/things\nQUERY_STRING=q=x\n\n", 200, "find");
	assert_string_equal(seen.fields, "q=x|limit=20");
	/* servers that set SCRIPT_NAME to the whole path */
	assert_target("GET /api/things\nSCRIPT_NAME=/api/things\n\n", 200, "find");
	assert_target("GET /elsewhere/api/things\nSCRIPT_NAME=/cgi-bin/shoetopia\n\n", 404, "");
	/* the prefix is written into URLs and pages: only a plain path is accepted */
	assert_target("GET /\"><script>/api/things\nSCRIPT_NAME=/\"><script>\n\n", 404, "");
	assert_target("GET //evil.example/api/things\nSCRIPT_NAME=//evil.example\n\n", 404, "");

	talk = ask(
		"POST /cgi-bin/shoetopia/api/things\nSCRIPT_NAME=/cgi-bin/shoetopia\n" JSON BEARER
		"\n{\"name\":\"a\"}");
	assert_header(talk, "Location", "/cgi-bin/shoetopia/api/things/7");
	talk_free(talk);

	setenv("SHOETOPIA_PREFIX", "/shoes", 1);
	assert_target("GET /shoes/api/things\n\n", 200, "find");
	assert_target("GET /shoes/api/things\nSCRIPT_NAME=/else\n\n", 200, "find");
	assert_target("GET /api/things\n\n", 404, "");
	assert_target("GET /else/api/things\nSCRIPT_NAME=/else\n\n", 404, "");
	setenv("SHOETOPIA_PREFIX", "", 1);
	assert_target("GET /api/things\n\n", 200, "find");
	unsetenv("SHOETOPIA_PREFIX");
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
		cmocka_unit_test_setup(test_targets, small_site_reset),
		cmocka_unit_test_setup(test_prefixes, small_site_reset),
	};

	return cmocka_run_group_tests_name("http_target", tests, set_up, NULL);
}
