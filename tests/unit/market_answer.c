/*
 * From a checked request to the call of a statement and back: the parameters that the database
 * gets, those that it never gets, and the client's response. Requests pass the real gate and the
 * real routes; the database is fake_db.h's.
 */
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/password.h"
#include "base/secret.h"
#include "db/statement.h"
#include "fake_db.h"
#include "http/http.h"
#include "market/answer.h"
#include "market/routes.h"
#include "transport.h"
#include "unit.h"

#define TOKEN "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define BEARER "Authorization: Bearer " TOKEN "\n"
#define JSON "Content-Type: application/json\n"
#define KEY "Idempotency-Key: 12345678\n"

/* ---- requests ---- */

static struct talk *
ask(const char *text)
{
	struct talk *talk = talk_new(text, strlen(text));
	const char *fault = talk_serve(talk, &market_site);

	if (fault != NULL)
		fail_msg("the answer %s:\n%s", fault, talk->out->str);
	return talk;
}

static void
assert_status(const char *text, int status)
{
	struct talk *talk = ask(text);

	if (talk->status != status)
		fail_msg("%s\nis answered %s", text, talk->out->str);
	talk_free(talk);
}

/* ---- parameters of statements ---- */

static void
test_params(void **state)
{
	char digest[DIGEST_SIZE];
	g_autofree char *session = NULL;

	(void)state;
	secret_digest(TOKEN, strlen(TOKEN), digest);
	assert_status(
		"POST /api/checkout\n" JSON BEARER KEY
		"\n{\"items\":[{\"quantity\":2,\"listing_id\":5}],\"expected_total_cents\":1999}",
		201);
	assert_int_equal(fake.n_calls, 1);
	assert_int_equal(fake.calls[0].id, SQL_checkout);
	session = fake_param(0, "session");
	assert_string_equal(session, digest);
	assert_true(fake_was_given(0, "key=12345678"));
	assert_non_null(strstr(fake.calls[0].params->str, "\ndigest=\\x"));
	assert_true(fake_was_given(0,
		"items=[{\"listing_id\":5,\"quantity\":2}]\t[{\"listing_id\":5,\"quantity\":2}]"));
	assert_true(fake_was_given(0, "expected_total_cents=1999\t1999"));
	assert_true(fake_was_given(0, "delivery=pickup\t\"pickup\""));
}

static void
test_params_of_a_path(void **state)
{
	(void)state;
	assert_status("PATCH /api/shops/3/listings/20\n" JSON BEARER "\n{\"price_cents\":5}", 200);
	assert_int_equal(fake.calls[0].id, SQL_change_listing);
	assert_true(fake_was_given(0, "shop_id=3\t3"));
	assert_true(fake_was_given(0, "listing_id=20\t20"));
	assert_true(fake_was_given(0, "price_cents=5\t5"));
	assert_null(strstr(fake.calls[0].params->str, "\nkey="));
}

static void
test_params_of_a_query(void **state)
{
	(void)state;
	assert_status("GET /api/listings?brand=A%22B&brand=C&size=9.50\n\n", 200);
	assert_int_equal(fake.calls[0].id, SQL_find_listings);
	assert_true(fake_was_given(0, "brand={\"A\\\"B\",\"C\"}\t[\"A\\\"B\",\"C\"]"));
	assert_true(fake_was_given(0, "size={\"9.5\"}\t[9.5]"));
	assert_true(fake_was_given(0, "limit=20\t20"));
	assert_true(fake_was_given(0, "sort=promoted\t\"promoted\""));
	assert_null(strstr(fake.calls[0].params->str, "\nsession="));
	assert_null(strstr(fake.calls[0].params->str, "\nq="));
}

/*
 * Every parameter of a statement that the standard handler calls is one of the route's requests: a
 * misspelt name would always be NULL.
 */
static void
test_statements_take_known_params(void **state)
{
	static const char *const always[] = { "session", "key", "digest", NULL };
	static const char *const of_a_batch[] = { "calls", "lock_ms", "stuck", NULL };

	(void)state;
	for (size_t i = 0; i < market_site.n_routes; i++) {
		const struct route *r = &market_site.routes[i];
		const struct statement *s = &statements[r->statement];
		bool added = r->handler != answer_statement; /* the handler may add some */
		bool changes = r->versioned && r->method != GET;
		bool takes_versions = false;

		for (size_t p = 0; p < s->n_params; p++) {
			g_autofree char *id = g_strdup_printf("{%s}", s->params[p]);
			bool versions = strcmp(s->params[p], "versions") == 0;
			bool known = added || g_strv_contains(always, s->params[p]) ||
				(s->batched && g_strv_contains(of_a_batch, s->params[p])) ||
				strstr(r->path, id) != NULL || (versions && changes);

			takes_versions = takes_versions || versions;
			for (const struct field *f = r->fields; f != NULL && f->kind != FIELD_END;
				f++)
				known = known || strcmp(f->name, s->params[p]) == 0;
			if (!known)
				fail_msg("%s (%s) takes %s, which %s does not have", s->name,
					s->source, s->params[p], r->name);
		}
		if (changes && !takes_versions)
			fail_msg("%s (%s) changes any version", s->name, s->source);
	}
}

/* GET may be repeated, and its response cached, only if the statement writes nothing. */
static void
test_reading_statements_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < market_site.n_routes; i++) {
		const struct route *r = &market_site.routes[i];

		if (r->statement != 0 && r->method == GET && !statements[r->statement].reads)
			fail_msg("%s is read by %s, which writes", r->path,
				statements[r->statement].name);
		if (r->statement != 0 && statements[r->statement].owner)
			fail_msg("%s is answered by an operator's statement", r->path);
	}
}

/* ---- answers ---- */

static void
test_answers(void **state)
{
	struct talk *talk;

	(void)state;
	fake.answer = "{\"order_id\":9}";
	fake.replayed = true;
	talk = ask("POST /api/checkout\n" JSON BEARER KEY "\n{}");
	assert_int_equal(talk->status, 201);
	assert_string_equal(talk_header(talk, "Idempotency-Replayed"), "true");
	assert_string_equal(talk_header(talk, "Location"), "/api/orders/9");
	assert_memory_equal(talk->page, "{\"order_id\":9}", talk->page_length);
	talk_free(talk);

	fake_reset(NULL);
	fake.err[0] = ERR_PRICE_CHANGED;
	fake.extra = "{\"total_cents\":2000}";
	talk = ask("POST /api/checkout\n" JSON BEARER KEY "\n{}");
	assert_int_equal(talk->status, 409);
	assert_non_null(
		g_strstr_len(talk->page, (gssize)talk->page_length, "\"total_cents\":2000"));
	talk_free(talk);
}

/* ---- passwords and tokens ---- */

#define SIGN_UP                                                                                    \
	"POST /api/accounts\n" JSON                                                                \
	"\n{\"name\":\"Ann\",\"email\":\"ann@example.com\",\"password\":\"correct horse\"}"
#define SIGN_IN                                                                                    \
	"POST /api/sessions\n" JSON                                                                \
	"\n{\"email\":\"ann@example.com\",\"password\":\"correct horse\"}"

/* The token of an answer, the same in its body and its cookie. Free with g_free(). */
static char *
token_of(const struct talk *talk)
{
	enum json_fault fault;
	const char *why;
	JSON_AUTO struct json *body = json_parse(talk->page, talk->page_length, &fault, &why);
	const char *token = json_text(json_get(body, "token"));
	g_autofree char *cookie =
		token == NULL ? NULL : g_strdup_printf("shoetopia_session=%s;", token);

	assert_non_null(token);
	assert_true(g_str_has_prefix(talk_header(talk, "Set-Cookie"), cookie));
	return g_strdup(token);
}

static void
assert_no_secret(const char *token)
{
	for (size_t i = 0; i < fake.n_calls; i++) {
		assert_null(strstr(fake.calls[i].params->str, "correct horse"));
		assert_null(strstr(fake.calls[i].params->str, token));
	}
}

static void
test_sign_up(void **state)
{
	struct talk *talk = ask(SIGN_UP);
	g_autofree char *token = token_of(talk);
	g_autofree char *hash = fake_param(0, "password_hash");
	g_autofree char *kept = fake_param(0, "new_session");
	char digest[DIGEST_SIZE];

	(void)state;
	assert_int_equal(talk->status, 201);
	assert_int_equal(fake.n_calls, 1);
	assert_int_equal(fake.calls[0].id, SQL_create_account);
	assert_true(secret_token_well_formed(token, strlen(token)));
	secret_digest(token, strlen(token), digest);
	assert_string_equal(kept, digest);
	assert_true(secret_password_matches(hash, "correct horse"));
	assert_true(fake_was_given(0, "email=ann@example.com"));
	assert_no_secret(token);
	talk_free(talk);
}

static void
test_sign_up_refused(void **state)
{
	struct talk *talk;

	(void)state;
	fake.err[0] = ERR_EMAIL_TAKEN;
	talk = ask(SIGN_UP);
	assert_int_equal(talk->status, 409);
	assert_null(talk_header(talk, "Set-Cookie"));
	assert_null(g_strstr_len(talk->page, (gssize)talk->page_length, "token"));
	talk_free(talk);
}

static void
test_sign_in(void **state)
{
	g_autofree char *hash = secret_password_hash("correct horse");
	g_autofree char *token = NULL;
	struct talk *talk;

	(void)state;
	fake.names[0] = "password_hash";
	fake.values[0] = hash;
	fake.names[1] = "account_id";
	fake.values[1] = "7";
	talk = ask(SIGN_IN);
	assert_int_equal(talk->status, 201);
	token = token_of(talk);
	assert_int_equal(fake.n_calls, 3);
	assert_int_equal(fake.calls[0].id, SQL_sign_in);
	assert_int_equal(fake.calls[1].id, SQL_throttle_succeeded);
	assert_int_equal(fake.calls[2].id, SQL_create_session);
	assert_true(fake_was_given(2, "account_id=7"));
	assert_no_secret(token);
	talk_free(talk);
}

/* The same body whether the password is wrong or the e-mail is unknown. */
static void
test_sign_in_refused(void **state)
{
	g_autofree char *hash = secret_password_hash("another");
	struct talk *wrong;
	struct talk *unknown;

	(void)state;
	fake.names[0] = "password_hash";
	fake.values[0] = hash;
	wrong = ask(SIGN_IN);
	fake_reset(NULL); /* no hash: there is no account */
	unknown = ask(SIGN_IN);
	assert_int_equal(wrong->status, 401);
	assert_int_equal(unknown->status, 401);
	assert_int_equal(wrong->page_length, unknown->page_length);
	assert_memory_equal(wrong->page, unknown->page, wrong->page_length);
	assert_non_null(g_strstr_len(wrong->page, (gssize)wrong->page_length, "wrong_password"));
	assert_int_equal(fake.n_calls, 1); /* no session was created */
	talk_free(wrong);
	talk_free(unknown);

	/* A database that does not answer is not a wrong password. */
	fake_reset(NULL);
	fake.err[0] = ERR_BUSY;
	assert_status(SIGN_IN, 503);
}

static void
test_changes_need_the_password(void **state)
{
	static const char password[] =
		"PUT /api/account/password\n" JSON BEARER
		"\n{\"password\":\"%s\",\"new_password\":\"battery staple\"}";
	static const char email[] = "PUT /api/account/email\n" JSON BEARER
				    "\n{\"password\":\"%s\",\"new_email\":\"bea@example.com\"}";
	static const char *const requests[] = { password, email };
	g_autofree char *hash = secret_password_hash("correct horse");

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(requests); i++) {
		g_auto(GStrv) around = g_strsplit(requests[i], "%s", 2);
		g_autofree char *right = g_strconcat(around[0], "correct horse", around[1], NULL);
		g_autofree char *wrong = g_strconcat(around[0], "wrong horse", around[1], NULL);
		g_autofree char *given = NULL;

		fake_reset(NULL);
		fake.names[0] = "password_hash";
		fake.values[0] = hash;
		assert_status(wrong, 401);
		assert_int_equal(fake.n_calls, 1);
		fake_reset(NULL);
		fake.names[0] = "password_hash";
		fake.values[0] = hash;
		assert_status(right, i == 0 ? 204 : 200);
		assert_int_equal(fake.n_calls, 3);
		assert_int_equal(fake.calls[1].id, SQL_throttle_succeeded);
		given = fake_param(2, "password_hash");
		/* the statement checks that it is still the same */
		assert_string_equal(given, hash);
		assert_null(strstr(fake.calls[2].params->str, "battery"));
		assert_no_secret(TOKEN);
		/* an ended session is reported as such, not as a wrong password */
		fake_reset(NULL);
		fake.err[0] = ERR_UNAUTHENTICATED;
		assert_status(right, 401);
	}
}

static void
test_sign_out(void **state)
{
	struct talk *talk = ask("DELETE /api/sessions/current\n" BEARER "\n");

	(void)state;
	assert_int_equal(talk->status, 204);
	assert_int_equal(fake.calls[0].id, SQL_end_session);
	assert_true(g_str_has_prefix(talk_header(talk, "Set-Cookie"), "shoetopia_session=; "));
	talk_free(talk);
}

/* ---- operators ---- */

static void
test_metrics(void **state)
{
	struct talk *talk = ask("GET /api/metrics\nREMOTE_ADDR=127.0.0.1\n\n");
	g_autofree char *text = g_strndup(talk->page, talk->page_length);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	static const char *const wanted[] = { "shoetopia_processes 1\n",
		"shoetopia_db_calls_total 7\n", "shoetopia_db_connections{state=\"open\"} 3\n",
		"shoetopia_batch_calls_bucket{statement=\"checkout\",le=\"3\"} 2\n",
		"shoetopia_batch_calls_sum{statement=\"checkout\"} 4\n",
		"shoetopia_requests_under_way 1\n", "\nshoetopia_sales_total " };

	(void)state;
	assert_int_equal(talk->status, 200);
	for (size_t i = 0; i < G_N_ELEMENTS(wanted); i++)
		if (strstr(text, wanted[i]) == NULL)
			fail_msg("no %s in:\n%s", wanted[i], text);
	for (char **line = lines; *line != NULL && **line != '\0'; line++)
		assert_true(g_str_has_prefix(*line, "# HELP shoetopia_") ||
			g_str_has_prefix(*line, "# TYPE shoetopia_") ||
			(g_str_has_prefix(*line, "shoetopia_") &&
				strchr(*line, ' ') == strrchr(*line, ' ')));
	talk_free(talk);
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
		cmocka_unit_test_teardown(test_params, fake_reset),
		cmocka_unit_test_teardown(test_params_of_a_path, fake_reset),
		cmocka_unit_test_teardown(test_params_of_a_query, fake_reset),
		cmocka_unit_test(test_statements_take_known_params),
		cmocka_unit_test(test_reading_statements_read),
		cmocka_unit_test_teardown(test_answers, fake_reset),
		cmocka_unit_test_teardown(test_sign_up, fake_reset),
		cmocka_unit_test_teardown(test_sign_up_refused, fake_reset),
		cmocka_unit_test_teardown(test_sign_in, fake_reset),
		cmocka_unit_test_teardown(test_sign_in_refused, fake_reset),
		cmocka_unit_test_teardown(test_changes_need_the_password, fake_reset),
		cmocka_unit_test_teardown(test_sign_out, fake_reset),
		cmocka_unit_test_teardown(test_metrics, fake_reset),
	};

	return cmocka_run_group_tests_name("market_answer", tests, set_up, NULL);
}
