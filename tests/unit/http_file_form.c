/* Bodies that are files: as they are, and in forms. */
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "small_site.h"
#include "unit.h"

#define PNG "Content-Type: image/png\n"
#define MULTIPART "Content-Type: multipart/form-data; boundary=x-1\n"
#define PHOTO                                                                                      \
	"Content-Disposition: form-data; name=\"photo\"; filename=\"a b.png\"\r\n"                 \
	"Content-Type: image/gif\r\n\r\n"
#define OTHER "Content-Disposition: form-data; name=\"other\"\r\n\r\n"
#define KEY "Content-Disposition: form-data; name=\"idempotency_key\"\r\n\r\n"

static struct talk *
send_form(const char *body, size_t length)
{
	return ask_bytes("POST /api/files\n" MULTIPART BEARER BROWSER, body, length);
}

static void
test_raw(void **state)
{
	static const struct {
		size_t length;
		int status;
	} table[] = { { BODY_MAX + 1, 201 }, { FILE_MAX, 201 }, { FILE_MAX + 1, 413 },
		{ 10 * FILE_MAX, 413 } };
	struct talk *talk = ask_bytes("POST /api/files\n" PNG BEARER, "\0a\0", 3);

	(void)state;
	assert_int_equal(talk->status, 201);
	assert_true(talk_holds(talk, "\"length\":3,\"last\":0,\"type\":\"image/png\""));
	talk_free(talk);
	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		g_autofree char *body = g_strnfill(table[i].length, 'x');
		g_autofree char *text =
			g_strdup_printf("POST /api/files\n" PNG BEARER "\n%s", body);

		assert_answer(text, table[i].status, table[i].status == 201 ? "" : "too_large");
	}
	assert_answer("POST /api/files\n" JSON BEARER "\n{}", 415, "unsupported_type");
	assert_answer("POST /api/files\n" FORM BEARER "\na=1", 415, "unsupported_type");
	assert_answer("POST /api/files\n" BEARER "\n", 415, "unsupported_type");
	assert_answer("POST /api/files\n" PNG "\nx", 401, "unauthenticated");
	assert_answer("POST /api/files\n" PNG COOKIE "\nx", 403, "cross_origin");
}

/* The file is all between the lines of the form, and the digest of the key is that of the file. */
static void
test_form(void **state)
{
	static const char body[] =
		"--x-1\r\n" KEY "12345678\r\n--x-1\r\n" PHOTO "a\r\n--x\0\r\nb\r\n--x-1--\r\n";
	static const char file[] = "a\r\n--x\0\r\nb";
	char digest[80];
	struct talk *talk = send_form(body, sizeof body - 1);

	(void)state;
	assert_int_equal(talk->status, 303);
	assert_header(talk, "Location", "/api/things/7");
	assert_string_equal(seen.key, "12345678");
	g_strlcpy(digest, seen.digest, sizeof digest);
	talk_free(talk);
	talk = ask_bytes("POST /api/files\n" PNG BEARER "Idempotency-Key: 12345678\n", file,
		sizeof file - 1);
	assert_true(talk_holds(talk, "\"length\":10,"));
	assert_string_equal(seen.digest, digest);
	talk_free(talk);
	talk = ask_bytes("POST /api/files\n" PNG BEARER "Idempotency-Key: 12345678\n", file,
		sizeof file - 2);
	assert_string_not_equal(seen.digest, digest);
	talk_free(talk);
}

static void
test_bad_forms(void **state)
{
	static const char *const bodies[] = { "", "--x-1--", "--x-1--\r\n", "--x-2\r\n" PHOTO "a",
		"--x-1\r\n" PHOTO "a", "--x-1\r\n" PHOTO "a\r\n--x-1",
		"--x-1\r\n" PHOTO "a\r\n--x-1--x", "x--x-1\r\n" PHOTO "a\r\n--x-1--",
		"--x-1\r\n" PHOTO "a\r\n--x-1\r\n" PHOTO "b\r\n--x-1--",
		"--x-1\r\nContent-Disposition: form-data; name=\"photo\"\r\n\r\na\r\n--x-1--",
		"--x-1\r\n" OTHER "a\r\n--x-1\r\n" PHOTO "a\r\n--x-1--",
		"--x-1\r\n" KEY "12345678\r\n--x-1\r\n" KEY "12345678\r\n--x-1\r\n" PHOTO
		"a\r\n--x-1--",
		"--x-1\r\n" KEY "12345678\r\n--x-1--" };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(bodies); i++) {
		struct talk *talk = send_form(bodies[i], strlen(bodies[i]));

		assert_int_equal(talk->status, 422);
		talk_free(talk);
	}
	assert_answer("POST /api/files\nContent-Type: multipart/form-data\n" BEARER "\nx", 422,
		"invalid");
	assert_int_equal(seen.calls, 0);
}

static void
test_page_has_the_input(void **state)
{
	struct talk *talk = ask("GET /api/mine\n" BEARER BROWSER "\n");

	(void)state;
	assert_true(talk_holds(talk, "enctype=\"multipart/form-data\""));
	assert_true(talk_holds(talk, "name=\"photo\" accept=\"image/png,image/jpeg\" required"));
	talk_free(talk);
}

static void
test_words_in_paths(void **state)
{
	struct talk *talk = ask("GET /api/files/0af-1/page.webp\n\n");

	(void)state;
	assert_int_equal(talk->status, 200);
	assert_string_equal(seen.fields, "hash=0af-1|size=page.webp");
	assert_header(talk, "Cache-Control", "public, max-age=31536000, immutable");
	assert_header(talk, "Vary", NULL);
	talk_free(talk);
	assert_answer("GET /api/files/A/page.webp\n\n", 404, "not_found");
	assert_answer("GET /api/files/a_b/page.webp\n\n", 404, "not_found");
	assert_answer("GET /api/files/a\n\n", 404, "not_found");
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
		cmocka_unit_test_setup(test_raw, small_site_reset),
		cmocka_unit_test_setup(test_form, small_site_reset),
		cmocka_unit_test_setup(test_bad_forms, small_site_reset),
		cmocka_unit_test_setup(test_page_has_the_input, small_site_reset),
		cmocka_unit_test_setup(test_words_in_paths, small_site_reset),
	};

	return cmocka_run_group_tests_name("http_file_form", tests, set_up, NULL);
}
