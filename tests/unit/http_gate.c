/* The gate: the order of refusals, the body, methods and keys. */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/secret.h"
#include "small_site.h"
#include "unit.h"

/* ---- the order of refusals ---- */

static void
test_order(void **state)
{
	g_autofree char *large = g_strnfill(BODY_MAX + 1, 'x');
	g_autofree char *nowhere =
		g_strdup_printf("BREW /api/nowhere?x=1\nContent-Type: text/plain\n\n%s", large);
	g_autofree char *method =
		g_strdup_printf("BREW /api/buy?x=1\nContent-Type: text/plain\n\n%s", large);
	g_autofree char *size =
		g_strdup_printf("POST /api/buy?x=1\nContent-Type: text/plain\n\n%s", large);

	(void)state;
	/* Each request has the faults of all that follow it. */
	assert_answer(nowhere, 404, "not_found");
	assert_answer(method, 405, "method_not_allowed");
	assert_answer(size, 413, "too_large");
	assert_answer("POST /api/buy?x=1\nContent-Type: text/plain\n\n{\"items\"", 415,
		"unsupported_type");
	assert_answer("POST /api/buy?x=1\n" JSON "\n{\"items\"", 401, "unauthenticated");
	assert_answer("POST /api/buy?x=1\n" JSON COOKIE "\n{\"items\"", 403, "cross_origin");
	assert_answer(
		"POST /api/buy?x=1\n" JSON COOKIE SAME_ORIGIN "\n{\"items\"", 400, "not_json");
	assert_answer("POST /api/buy?x=1\n" JSON COOKIE SAME_ORIGIN "\n{}", 422, "invalid");
	assert_answer("POST /api/buy\n" JSON COOKIE SAME_ORIGIN "\n{\"items\":7}", 422, "invalid");
	assert_answer("POST /api/buy\n" JSON COOKIE SAME_ORIGIN "\n{}", 400, "key_missing");
	assert_int_equal(seen.calls, 0);
	assert_answer("POST /api/buy\n" JSON COOKIE SAME_ORIGIN "Idempotency-Key: 12345678\n\n{}",
		201, "");
	assert_int_equal(seen.calls, 1);
}

static void
test_order_of_forms(void **state)
{
	g_autofree char *large = g_strnfill(BODY_MAX, 'x');
	g_autofree char *nowhere =
		g_strdup_printf("POST /api/nowhere\n" FORM "\n_method=PATCH&a=%%&b=%s", large);
	g_autofree char *method =
		g_strdup_printf("POST /api/things/7\n" FORM "\n_method=PUT&b=%s", large);
	g_autofree char *size =
		g_strdup_printf("POST /api/things/7\n" FORM "\n_method=PATCH&b=%s&a=%%", large);

	(void)state;
	assert_answer(nowhere, 404, "not_found");
	assert_answer(method, 405, "method_not_allowed");
	assert_answer(size, 413, "too_large");
	assert_answer("POST /api/things/7\n" FORM "\n_method=PATCH&a=%", 401, "unauthenticated");
	assert_answer(
		"POST /api/things/7\n" FORM COOKIE "\n_method=PATCH&a=%", 403, "cross_origin");
	assert_answer("POST /api/things/7\n" FORM COOKIE SAME_ORIGIN "\n_method=PATCH&a=%", 422,
		"invalid");
	assert_answer("POST /api/things/7\n" FORM COOKIE SAME_ORIGIN "\n_method=PATCH&a=1", 422,
		"invalid");
	assert_int_equal(seen.calls, 0);
	assert_answer(
		"POST /api/things/7\n" FORM COOKIE SAME_ORIGIN "\n_method=PATCH&name=a", 200, "");
	assert_string_equal(seen.fields, "thing_id=7|name=a");
}

/* Refusals of the database come last. */
static void
test_refusals_of_the_market(void **state)
{
	static const enum err refusals[] = { ERR_UNAUTHENTICATED, ERR_NOT_FOUND, ERR_FORBIDDEN,
		ERR_OUT_OF_STOCK, ERR_KEY_REUSED, ERR_BUSY, ERR_FAULT };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(refusals); i++) {
		wish.err = refusals[i];
		assert_answer("POST /api/things\n" JSON BEARER "\n{\"name\":\"a\"}",
			err_info(refusals[i])->status, err_info(refusals[i])->code);
	}
	assert_int_equal(seen.calls, G_N_ELEMENTS(refusals));
}

/* What is logged while a handler runs is of its request, and what comes after it is not. */
static void
test_request_of_the_log(void **state)
{
	struct talk *talk = ask("GET /api/things\n\n");

	(void)state;
	assert_int_equal(strlen(seen.request), RANDOM_ID_SIZE - 1);
	assert_header(talk, "X-Request-Id", seen.request);
	assert_string_equal(log_request(), "");
	talk_free(talk);
}

/* ---- the body ---- */

static struct talk *
ask_padded(size_t length, size_t piece)
{
	g_autoptr(GString) text =
		g_string_new("POST /api/things\n" JSON BEARER "\n{\"name\":\"a\"}");
	size_t head = (size_t)(strstr(text->str, "{\"name") - text->str);
	struct talk *talk;
	const char *fault;

	while (text->len - head < length)
		g_string_append_c(text, ' ');
	talk = talk_new(text->str, text->len);
	talk->piece = piece;
	fault = talk_serve(talk, &small_site);
	assert_null(fault);
	return talk;
}

static void
test_limit(void **state)
{
	static const struct {
		size_t length;
		int status;
	} table[] = { { 12, 201 }, { BODY_MAX - 1, 201 }, { BODY_MAX, 201 }, { BODY_MAX + 1, 413 },
		{ 2 * BODY_MAX, 413 }, { 10 * 1024 * 1024, 413 } };
	static const size_t pieces[] = { 0, 4096, 16 * 1024 + 1 };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(table); i++)
		for (size_t p = 0; p < G_N_ELEMENTS(pieces); p++) {
			struct talk *talk = ask_padded(table[i].length, pieces[p]);

			assert_int_equal(talk->status, table[i].status);
			assert_int_equal(talk->taken,
				table[i].length); /* to the end, even if it is refused */
			talk_free(talk);
		}
}

/* A body that is signed: up to a larger limit, and not looked at. */
static void
test_raw_body(void **state)
{
	static const struct {
		size_t length;
		int status;
	} table[] = { { BODY_MAX + 1, 200 }, { RAW_BODY_MAX, 200 }, { RAW_BODY_MAX + 1, 413 } };
	struct talk *talk;

	(void)state;
	talk = ask("POST /api/raw\n" JSON "Signature: s\n\n{\"a\": 01");
	assert_true(talk_holds(talk, "{\"length\":8,\"first\":123,\"signature\":\"s\"}"));
	talk_free(talk);
	assert_answer("POST /api/raw\n" FORM "\na=1", 415, "unsupported_type");
	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		g_autofree char *body = g_strnfill(table[i].length, 'x');
		g_autofree char *text = g_strdup_printf("POST /api/raw\n" JSON "\n%s", body);

		assert_answer(text, table[i].status, table[i].status == 200 ? "" : "too_large");
	}
}

/* On a kept connection the next request follows, so no byte after CONTENT_LENGTH may be read. */
static void
test_no_more_than_content_length(void **state)
{
	struct talk *talk = ask("POST /api/things\n" JSON BEARER
				"CONTENT_LENGTH=12\n\n{\"name\":\"a\"}GET /api/things");

	(void)state;
	assert_int_equal(talk->status, 201);
	assert_int_equal(talk->taken, 12);
	talk_free(talk);
}

static void
test_without_length(void **state)
{
	struct talk *talk =
		ask("POST /api/things\n" JSON BEARER "CONTENT_LENGTH=\n\n{\"name\":\"a\"}");

	(void)state;
	assert_int_equal(talk->status, 201);
	assert_true(talk->at_end);
	talk_free(talk);
}

static void
test_short_bodies(void **state)
{
	static const char *const whole = "POST /api/things\n" JSON BEARER "\n{\"name\":\"a\"}";
	struct talk *talk;

	(void)state;
	assert_answer("POST /api/things\n" JSON BEARER "CONTENT_LENGTH=13\n\n{\"name\":\"a\"}", 400,
		"not_json");
	assert_answer(
		"POST /api/things\n" FORM BEARER "CONTENT_LENGTH=13\n\nname=a", 400, "not_json");
	assert_answer("DELETE /api/things/7\n" BEARER "CONTENT_LENGTH=1\n\n", 400, "not_json");
	assert_answer("POST /api/things\n" JSON BEARER "CONTENT_LENGTH=65537\n\n{\"name\":\"a\"}",
		413, "too_large");
	assert_answer("POST /api/things\n" JSON BEARER
		      "CONTENT_LENGTH=99999999999999999999\n\n{\"name\":\"a\"}",
		413, "too_large");
	assert_answer("POST /api/things\n" JSON BEARER "CONTENT_LENGTH=-1\n\n{\"name\":\"a\"}", 400,
		"invalid");
	talk = talk_new(whole, strlen(whole));
	talk->breaks_off = true;
	g_hash_table_insert(talk->params, g_strdup("CONTENT_LENGTH"),
		g_strdup("")); /* the connection broke after the body */
	assert_null(talk_serve(talk, &small_site));
	assert_int_equal(talk->status, 400);
	talk_free(talk);
	assert_int_equal(seen.calls, 0);
}

static void
test_types(void **state)
{
	static const char *const good[] = { "application/json", "application/json; charset=utf-8",
		"Application/JSON", "application/json;charset=utf-8", " application/json" };
	static const char *const bad[] = { "text/plain", "", "application/jsonx", "json",
		"application/json-patch+json", "multipart/form-data; boundary=x", "*/*" };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(good); i++) {
		g_autofree char *text = g_strdup_printf(
			"POST /api/things\nCONTENT_TYPE=%s\n" BEARER "\n{\"name\":\"a\"}", good[i]);

		assert_answer(text, 201, "");
	}
	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autofree char *text = g_strdup_printf(
			"POST /api/things\nCONTENT_TYPE=%s\n" BEARER "\n{\"name\":\"a\"}", bad[i]);

		assert_answer(text, 415, "unsupported_type");
	}
	/* Without a body no type is required. */
	assert_answer("DELETE /api/things/7\n" BEARER "\n", 204, "");
	assert_answer("POST /api/things\n" BEARER "\n", 422, "invalid");
}

/* ---- methods ---- */

static void
test_head(void **state)
{
	struct talk *get = ask("GET /api/things\n\n");
	struct talk *head = ask("HEAD /api/things\n\n");

	(void)state;
	assert_int_equal(head->status, 200);
	assert_int_equal(head->page_length, 0);
	assert_string_equal(
		talk_header(head, "Content-Length"), talk_header(get, "Content-Length"));
	assert_string_equal(talk_header(head, "Content-Type"), talk_header(get, "Content-Type"));
	talk_free(get);
	talk_free(head);
	assert_answer("HEAD /api/nowhere\n\n", 404, "");
	assert_answer("HEAD /api/buy\n\n", 405, "");
}

static void
test_form_methods(void **state)
{
	static const struct {
		const char *body;
		int status;
		const char *code;
	} table[] = {
		{ "_method=PATCH&name=a", 200, "" },
		{ "name=a&_method=PATCH", 200, "" },
		{ "_method=DELETE", 204, "" },
		{ "_method=PUT&name=a", 405, "method_not_allowed" },
		{ "_method=GET", 405, "method_not_allowed" },
		{ "_method=HEAD", 405, "method_not_allowed" },
		{ "_method=delete", 405, "method_not_allowed" },
		{ "_method=", 405, "method_not_allowed" },
		{ "name=a", 405, "method_not_allowed" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		g_autofree char *text =
			g_strdup_printf("POST /api/things/7\n" FORM BEARER "\n%s", table[i].body);

		assert_answer(text, table[i].status, table[i].code);
	}
	/* only in a form, and only for methods that HTML forms lack */
	assert_answer("POST /api/things/7\n" JSON BEARER "\n{\"_method\":\"DELETE\"}", 405,
		"method_not_allowed");
	assert_answer("POST /api/things\n" JSON BEARER "\n{\"_method\":\"POST\",\"name\":\"a\"}",
		422, "invalid");
	assert_answer(
		"POST /api/things/7?_method=DELETE\n" FORM BEARER "\n", 405, "method_not_allowed");
	assert_answer("GET /api/things/7?_method=DELETE\n" BEARER "\n", 422, "invalid");
	/* a program may send a form with any method */
	assert_answer("PATCH /api/things/7\n" FORM BEARER "\nname=a", 200, "");
	assert_answer("PATCH /api/things/7\n" FORM BEARER "\nname=a&_method=DELETE", 200, "");
	assert_string_equal(seen.name, "change");
	assert_answer("DELETE /api/things/7\n" FORM BEARER "\n", 204, "");
}

/* ---- the key ---- */

static void
assert_key(const char *text, int status, const char *key)
{
	struct talk *talk;

	small_site_reset(NULL);
	talk = ask(text);
	if (talk->status != status || strcmp(seen.key, key) != 0)
		fail_msg("%s\nis answered %d, with key \"%s\"", text, talk->status, seen.key);
	assert_int_equal(*seen.digest != '\0', *key != '\0');
	talk_free(talk);
}

static void
test_keys(void **state)
{
	g_autofree char *longest = g_strnfill(64, 'k');
	g_autofree char *fits = g_strdup_printf("POST /api/things\n" JSON BEARER
						"Idempotency-Key: %s\n\n{\"name\":\"a\"}",
		longest);
	g_autofree char *too_long = g_strdup_printf("POST /api/things\n" JSON BEARER
						    "Idempotency-Key: %sk\n\n{\"name\":\"a\"}",
		longest);

	(void)state;
	assert_key("POST /api/things\n" JSON BEARER "\n{\"name\":\"a\"}", 201, ""); /* optional */
	assert_key("POST /api/things\n" JSON BEARER "Idempotency-Key: ~!345_78\n\n{\"name\":\"a\"}",
		201, "~!345_78");
	assert_key(fits, 201, longest);
	assert_key(too_long, 422, "");
	assert_key("POST /api/things\n" JSON BEARER "Idempotency-Key: 1234567\n\n{\"name\":\"a\"}",
		422, "");
	assert_key("POST /api/things\n" JSON BEARER
		   "Idempotency-Key: 1234567\xc3\xa9\n\n{\"name\":\"a\"}",
		422, "");
	assert_key("POST /api/things\n" JSON BEARER
		   "Idempotency-Key: 1234\t5678\n\n{\"name\":\"a\"}",
		422, "");
	assert_key(
		"POST /api/things\n" JSON BEARER "Idempotency-Key: \n\n{\"name\":\"a\"}", 201, "");
	assert_key("POST /api/buy\n" JSON BEARER "Idempotency-Key: \n\n{}", 400, "");
	assert_key("POST /api/buy\n" FORM BEARER "\n", 400, "");
	assert_key("POST /api/buy\n" FORM BEARER "\nidempotency_key=", 400, "");
	assert_key("POST /api/buy\n" FORM BEARER "\nidempotency_key=12345678", 201, "12345678");
	assert_key("POST /api/buy\n" FORM BEARER
		   "Idempotency-Key: header-key\n\nidempotency_key=12345678",
		201, "header-key");
	assert_key("POST /api/buy\n" FORM BEARER "\nidempotency_key=short", 422, "");
	/* only a write of a session has a key */
	assert_key("POST /api/accounts\n" JSON "Idempotency-Key: 12345678\n\n"
		   "{\"name\":\"a\",\"email\":\"a@b.example\",\"password\":\"12345678\"}",
		201, "");
	assert_key("PATCH /api/things/7\n" JSON BEARER "Idempotency-Key: x\n\n{\"name\":\"a\"}",
		422, "");
	assert_key("PATCH /api/things/7\n" JSON BEARER
		   "Idempotency-Key: 12345678\n\n{\"name\":\"a\"}",
		200, "12345678");
	assert_key("POST /api/things/7\n" FORM BEARER "\n_method=DELETE&idempotency_key=12345678",
		204, "12345678");
	assert_key(
		"DELETE /api/things/7\n" BEARER "Idempotency-Key: 12345678\n\n", 204, "12345678");
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
		cmocka_unit_test_setup(test_order, small_site_reset),
		cmocka_unit_test_setup(test_order_of_forms, small_site_reset),
		cmocka_unit_test_setup(test_refusals_of_the_market, small_site_reset),
		cmocka_unit_test_setup(test_request_of_the_log, small_site_reset),
		cmocka_unit_test_setup(test_limit, small_site_reset),
		cmocka_unit_test_setup(test_raw_body, small_site_reset),
		cmocka_unit_test_setup(test_no_more_than_content_length, small_site_reset),
		cmocka_unit_test_setup(test_without_length, small_site_reset),
		cmocka_unit_test_setup(test_short_bodies, small_site_reset),
		cmocka_unit_test_setup(test_types, small_site_reset),
		cmocka_unit_test_setup(test_head, small_site_reset),
		cmocka_unit_test_setup(test_form_methods, small_site_reset),
		cmocka_unit_test_setup(test_keys, small_site_reset),
	};

	return cmocka_run_group_tests_name("http_gate", tests, set_up, NULL);
}
