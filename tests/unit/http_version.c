/* Versions: parsing of If-Match, when it is required, the ETag, and the version in a form. */
#include <string.h>

#include "base/secret.h"
#include "small_site.h"
#include "unit.h"

#define EDIT "PATCH /api/notes/7\n" JSON BEARER
#define EDIT_FORM "POST /api/notes/7\n" FORM BROWSER BEARER
#define BODY "\n{\"name\":\"a\"}"

static void
test_if_match(void **state)
{
	static const struct {
		const char *header, *versions;
	} table[] = {
		{ "\"3\"", "{3}" },
		{ "\"3\", \"4\"", "{3,4}" },
		{ "\"3\",\"4\" ,\t\"12\"", "{3,4,12}" },
		{ "3", "{3}" },
		{ "3, 4", "{3,4}" },
		{ "*", "" }, /* any version */
		{ "W/\"3\"", "{}" },
		{ "W/\"3\", \"4\"", "{4}" },
		{ "W/3", "{}" },
		{ "W/", "{}" },
		{ "\"\"", "{}" },
		{ "\"x\", \"3\"", "{3}" },
		{ "\"a,b\", \"3\"", "{3}" },
		{ "\"3x\"", "{}" },
		{ "\"-3\"", "{}" },
		{ "\"3 \"", "{}" },
		{ "\"", "{}" },
		{ "\"3", "{3}" },
		{ "\"*\"", "{}" },
		{ "*, \"3\"", "{3}" },
		{ "\"999999999\"", "{999999999}" },
		{ "\"9999999999\"", "{}" },
		{ ",,,", "{}" },
		{ "x", "{}" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		g_autofree char *text =
			g_strdup_printf(EDIT "If-Match: %s\n" BODY, table[i].header);

		small_site_reset(NULL);
		assert_answer(text, 200, "");
		if (strcmp(seen.versions, table[i].versions) != 0)
			fail_msg("If-Match: %s is parsed as %s", table[i].header, seen.versions);
	}
}

/* Refused where a missing key is: after field errors, before refusals of the market. */
static void
test_missing(void **state)
{
	(void)state;
	assert_answer("PATCH /api/notes/7\n" JSON BODY, 401, "unauthenticated");
	assert_answer(EDIT "\n{\"name\":", 400, "not_json");
	assert_answer(EDIT "\n{\"name\":7}", 422, "invalid");
	assert_answer(EDIT "\n{\"version\":1}", 422, "invalid"); /* not a field */
	assert_answer(EDIT BODY, 428, "version_missing");
	assert_answer(EDIT "HTTP_IF_MATCH=\n" BODY, 428, "version_missing");
	assert_answer(EDIT_FORM "\n_method=PATCH&name=a", 428, "");
	assert_answer(EDIT_FORM "\n_method=PATCH&name=a&version=", 428, "");
	assert_int_equal(seen.calls, 0);
	assert_answer(EDIT "If-Match: \"1\"\n\n{\"name\":7}", 422, "invalid");
	assert_answer("PATCH /api/things/7\n" JSON BEARER BODY, 200, ""); /* not versioned */
	assert_string_equal(seen.versions, "");
	assert_answer("POST /api/things/7\n" FORM BEARER "\n_method=PATCH&name=a&version=1", 422,
		"invalid");
	wish.err = ERR_STALE;
	assert_answer(EDIT "If-Match: \"1\"\n" BODY, 412, "stale");
}

static void
test_form(void **state)
{
	(void)state;
	assert_answer(EDIT_FORM "\n_method=PATCH&name=a&version=3", 303, "");
	assert_string_equal(seen.versions, "{3}");
	assert_string_equal(seen.fields, "thing_id=7|name=a");
	assert_answer(EDIT_FORM "If-Match: \"4\"\n\n_method=PATCH&name=a&version=3", 303, "");
	assert_string_equal(seen.versions, "{4}");
}

static void
assert_tag(const char *text, const char *tag)
{
	struct talk *talk = ask(text);

	assert_header(talk, "ETag", tag);
	talk_free(talk);
}

static void
test_tags(void **state)
{
	(void)state;
	wish.body = "{\"name\":\"version\",\"comment\":\"\\\"version\\\":9\","
		    "\"version\":12,\"thing_id\":7}";
	assert_tag("GET /api/notes/7\n\n", "\"12\"");
	assert_tag("HEAD /api/notes/7\n\n", "\"12\"");
	assert_tag("GET /api/notes/7\nIf-None-Match: \"12\"\n\n", "\"12\"");
	assert_tag(EDIT "If-Match: \"11\"\n" BODY, "\"12\"");
	assert_tag("GET /api/notes/7\n" BROWSER "\n", NULL); /* a page depends on the viewer */
	assert_tag("GET /api/things/7\n\n", NULL);
	wish.err = ERR_NOT_FOUND;
	assert_tag("GET /api/notes/7\n\n", NULL);
}

static void
assert_shown(const char *text, const char *wanted, const char *unwanted)
{
	struct talk *talk = ask(text);

	if (wanted != NULL && !talk_holds(talk, wanted))
		fail_msg("%s\nlacks %s:\n%s", text, wanted, talk->page);
	if (unwanted != NULL && talk_holds(talk, unwanted))
		fail_msg("%s\nhas %s:\n%s", text, unwanted, talk->page);
	talk_free(talk);
}

static void
test_version_of_the_form(void **state)
{
	(void)state;
	wish.body = "{\"thing_id\":7,\"name\":\"a\",\"version\":12,"
		    "\"ends_at\":\"2100-01-01T12:30:00.000Z\"}";
	assert_shown(
		"GET /api/notes/7\n" BROWSER BEARER "\n", "name=\"version\" value=\"12\"", NULL);
	assert_shown("GET /api/notes/7\n" BROWSER BEARER "\n", "value=\"2100-01-01T12:30\"", NULL);
	wish.body = "{\"thing_id\":7,\"ends_at\":\"2100-01-01T12:30:07.500Z\"}";
	assert_shown("GET /api/notes/7\n" BROWSER BEARER "\n", "value=\"2100-01-01T12:30:07.500\"",
		NULL);
	/*
	 * a refused form keeps the version that it was sent with, unless the refusal has a later
	 * one
	 */
	assert_shown(EDIT_FORM "\n_method=PATCH&ends_at=soon&version=3",
		"name=\"version\" value=\"3\"", NULL);
	wish.err = ERR_STALE;
	wish.extra = "{\"version\":13,"
		     "\"errors\":[{\"field\":\"name\",\"message\":\"By now it is: b.\"}]}";
	assert_shown(EDIT_FORM "\n_method=PATCH&name=a&version=12", "name=\"version\" value=\"13\"",
		"value=\"12\"");
	assert_shown(EDIT_FORM "\n_method=PATCH&name=a&version=12", "By now it is: b.", NULL);
}

/* hidden_unless: if one of the members is null or false, there is neither form nor link. */
static void
test_hidden_unless(void **state)
{
	static const char *const bodies[] = { "{\"thing_id\":7,\"mark\":null}",
		"{\"thing_id\":7,\"mark\":{\"position\":1},\"open\":false}",
		"{\"thing_id\":7,\"mark\":{\"position\":1}}",
		"{\"thing_id\":7,\"mark\":{\"position\":1},\"open\":true}", "{\"thing_id\":7}" };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(bodies); i++) {
		wish.body = bodies[i];
		assert_shown("GET /api/notes/7\n" BROWSER BEARER "\n",
			i > 1 ? "action=\"/api/notes/7/mark\"" : NULL,
			i > 1 ? NULL : "/api/notes/7/mark");
		assert_shown("GET /api/notes/7\n" BROWSER BEARER "\n",
			i > 1 ? "href=\"/api/notes/7/mark\"" : NULL, NULL);
	}
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
		cmocka_unit_test_setup(test_if_match, small_site_reset),
		cmocka_unit_test_setup(test_missing, small_site_reset),
		cmocka_unit_test_setup(test_form, small_site_reset),
		cmocka_unit_test_setup(test_tags, small_site_reset),
		cmocka_unit_test_setup(test_version_of_the_form, small_site_reset),
		cmocka_unit_test_setup(test_hidden_unless, small_site_reset),
	};

	return cmocka_run_group_tests_name("http_version", tests, set_up, NULL);
}
