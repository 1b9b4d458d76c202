/*
 * Responses that another thread completes: requests pass the real gate and the real routes, and the
 * handler submits its call to the database of fake_db.h. All other requests are answered by the
 * thread that serves them.
 */
#include <string.h>

#include "base/secret.h"
#include "fake_db.h"
#include "http/stats.h"
#include "market/answer.h"
#include "market/checkout.h"
#include "market/reservation.h"
#include "market/routes.h"
#include "transport.h"
#include "unit.h"

#define BEARER "Authorization: Bearer AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
#define JSON "Content-Type: application/json\n"
#define FORM "Content-Type: application/x-www-form-urlencoded\n"
#define KEY "Idempotency-Key: 12345678\n"
#define BROWSER "Accept: text/html\n"
#define CHECKOUT "POST /api/checkout\n" JSON BEARER KEY "\n{\"expected_total_cents\":1999}"

/* A request, and how it must be served. */
struct serving {
	const char *text;
	bool not_kept, plain; /* its connection; its transport */
	enum fake_submit submit;
	enum err err;
	int status;
	unsigned submits, calls; /* that the database gets */
	bool pending;            /* another thread completes the response */
};

static unsigned long
answered(void)
{
	struct http_stats stats;
	unsigned long n = 0;

	http_stats(&stats);
	for (size_t i = 0; i < G_N_ELEMENTS(stats.answered); i++)
		n += stats.answered[i];
	return n;
}

/*
 * The gate has returned. Until the call completes, the request is in progress and nothing is sent.
 */
static void
let_complete(void)
{
	struct http_stats stats;

	if (fake.submit != COMPLETES_LATER)
		return;
	http_stats(&stats);
	assert_int_equal(stats.in_progress, 1);
	assert_int_equal(fake.talk->writes, 0);
	fake_complete();
}

/* Serves a request and checks how. Free with talk_free(). */
static struct talk *
serve(const struct serving *serving)
{
	struct talk *talk = talk_new(serving->text, strlen(serving->text));
	unsigned long before = answered();
	struct http_stats stats;
	const char *fault;

	fake_reset(NULL);
	fake.answer = "{\"order_id\":9}";
	fake.extra = serving->err == ERR_NONE ? NULL : "{\"total_cents\":2000}";
	fake.replayed = serving->err == ERR_NONE;
	fake.submit = serving->submit;
	fake.err[0] = serving->err;
	fake.talk = talk;
	talk->kept = !serving->not_kept;
	talk->plain = serving->plain;
	talk->when_pending = let_complete;
	fault = talk_serve(talk, &market_site);
	fake_join();
	if (fault == NULL)
		fault = talk->misuse; /* after the response, too */
	if (fault != NULL || talk->status != serving->status || talk->writes != 1 ||
		talk->pending != serving->pending)
		fail_msg("%s\nis %s, with %u writes; the response %s:\n%s", serving->text,
			talk->pending ? "pending" : "not pending", talk->writes, fault,
			talk->out->str);
	assert_int_equal(atomic_load(&talk->completions), serving->pending ? 1 : 0);
	assert_int_equal(talk->before_blocking_calls, serving->pending || serving->plain ? 0 : 1);
	assert_int_equal(fake.n_submits, serving->submits);
	assert_int_equal(fake.n_calls, serving->calls);
	if (fake.n_calls > 0) /* leadership was given up before the call, not after it */
		assert_int_equal(fake.calls[0].before_blocking_calls, talk->before_blocking_calls);
	http_stats(&stats);
	assert_int_equal(stats.in_progress, 0);
	assert_int_equal(answered(), before + 1);
	return talk;
}

static void
serve_all(const struct serving *servings, size_t n)
{
	for (size_t i = 0; i < n; i++)
		talk_free(serve(&servings[i]));
}

/* ---- which thread sends the response ---- */

static void
test_pending(void **state)
{
	static const struct serving servings[] = {
		{ CHECKOUT, .submit = COMPLETES_AT_ONCE, .status = 201, .submits = 1, .calls = 1,
			.pending = true },
		{ CHECKOUT, .submit = COMPLETES_AT_ONCE, .err = ERR_OUT_OF_STOCK, .status = 409,
			.submits = 1, .calls = 1, .pending = true },
		{ CHECKOUT, .submit = COMPLETES_AT_ONCE, .err = ERR_FAULT, .status = 500,
			.submits = 1, .calls = 1, .pending = true },
		{ CHECKOUT, .submit = COMPLETES_LATER, .status = 201, .submits = 1, .calls = 1,
			.pending = true },
		{ CHECKOUT, .submit = COMPLETES_LATER, .err = ERR_OUT_OF_STOCK, .status = 409,
			.submits = 1, .calls = 1, .pending = true },
		{ CHECKOUT, .submit = COMPLETES_LATER, .err = ERR_BUSY, .status = 503, .submits = 1,
			.calls = 1, .pending = true },
		{ CHECKOUT, .submit = COMPLETES_LATER, .err = ERR_FAULT, .status = 500,
			.submits = 1, .calls = 1, .pending = true },
		/* a form, too, if the client is no browser */
		{ "POST /api/checkout\n" FORM BEARER KEY "\nexpected_total_cents=1",
			.submit = COMPLETES_LATER, .status = 201, .submits = 1, .calls = 1,
			.pending = true },
		/* a handler that adds a parameter */
		{ "POST /api/reservations\n" JSON BEARER "\n{\"listing_ids\":[5]}",
			.submit = COMPLETES_LATER, .status = 201, .submits = 1, .calls = 1,
			.pending = true },
	};

	(void)state;
	serve_all(servings, G_N_ELEMENTS(servings));
}

static void
test_not_pending(void **state)
{
	static const struct serving servings[] = {
		/* the thread closes the connection; there is no other thread */
		{ CHECKOUT, .not_kept = true, .submit = COMPLETES_AT_ONCE, .status = 201,
			.calls = 1 },
		{ CHECKOUT, .plain = true, .submit = COMPLETES_AT_ONCE, .status = 201, .calls = 1 },
		/* the queue is full */
		{ CHECKOUT, .submit = QUEUE_FULL, .status = 503, .submits = 1 },
		/* the gate refuses it */
		{ "POST /api/checkout\n" JSON BEARER "\n{}", .submit = COMPLETES_AT_ONCE,
			.status = 400 },
		{ "POST /api/checkout\n" JSON BEARER KEY "\n{\"items\":7}",
			.submit = COMPLETES_AT_ONCE, .status = 422 },
		{ "POST /api/checkout\n" JSON KEY "\n{}", .submit = COMPLETES_AT_ONCE,
			.status = 401 },
		{ "POST /api/checkouts\n" JSON BEARER KEY "\n{}", .submit = COMPLETES_AT_ONCE,
			.status = 404 },
		/* a page, for which the viewer is looked up, must not block the event loop */
		{ "POST /api/checkout\n" BROWSER FORM BEARER KEY "\nexpected_total_cents=1",
			.submit = COMPLETES_AT_ONCE, .status = 303, .calls = 1 },
		{ "GET /api/orders/9\n" BROWSER BEARER "\n", .submit = COMPLETES_AT_ONCE,
			.status = 200, .calls = 2 },
		/* the statement is not batched; the handler calls none */
		{ "DELETE /api/sessions/current\n" BEARER "\n", .submit = COMPLETES_AT_ONCE,
			.status = 204, .calls = 1 },
		{ "GET /api/openapi.json\n\n", .submit = COMPLETES_AT_ONCE, .status = 200 },
	};

	(void)state;
	serve_all(servings, G_N_ELEMENTS(servings));
}

/*
 * A batched statement is called on the event loop, and nothing else is: what its handler then does
 * cannot block.
 */
static void
test_nonblocking_routes(void **state)
{
	(void)state;
	for (size_t i = 0; i < market_site.n_routes; i++) {
		const struct route *r = &market_site.routes[i];
		bool submits = db_is_batched((enum sql_id)r->statement) &&
			(r->handler == answer_statement || r->handler == create_reservation ||
				r->handler == checkout);

		if (r->nonblocking != submits)
			fail_msg("%s is %s nonblocking", r->name, submits ? "not" : "wrongly");
	}
}

/* ---- the response ---- */

/*
 * The database gets the same parameters and the client the same response, whenever the call
 * completes.
 */
static void
test_same_response(void **state)
{
	static const enum fake_submit submits[] = { COMPLETES_AT_ONCE, COMPLETES_LATER };
	struct serving good = { CHECKOUT, .status = 201, .submits = 1, .calls = 1 };
	struct serving bad = { CHECKOUT, .err = ERR_PRICE_CHANGED, .status = 409, .submits = 1,
		.calls = 1 };
	g_autofree char *params = NULL;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(submits); i++) {
		struct talk *talk;

		good.submit = bad.submit = submits[i];
		good.pending = bad.pending = true;
		talk = serve(&good);
		assert_int_equal(fake.calls[0].id, SQL_checkout);
		assert_true(fake_was_given(0, "key=12345678"));
		assert_true(fake_was_given(0, "expected_total_cents=1999\t1999"));
		if (params == NULL)
			params = g_strdup(fake.calls[0].params->str);
		assert_string_equal(fake.calls[0].params->str, params);
		assert_string_equal(talk_header(talk, "Idempotency-Replayed"), "true");
		assert_string_equal(talk_header(talk, "Location"), "/api/orders/9");
		assert_int_equal(talk->page_length, strlen(fake.answer));
		assert_memory_equal(talk->page, fake.answer, talk->page_length);
		talk_free(talk);

		talk = serve(&bad);
		assert_null(talk_header(talk, "Idempotency-Replayed"));
		assert_non_null(g_strstr_len(
			talk->page, (gssize)talk->page_length, "\"code\":\"price_changed\""));
		assert_non_null(g_strstr_len(
			talk->page, (gssize)talk->page_length, "\"total_cents\":2000"));
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
		cmocka_unit_test_teardown(test_pending, fake_reset),
		cmocka_unit_test_teardown(test_not_pending, fake_reset),
		cmocka_unit_test(test_nonblocking_routes),
		cmocka_unit_test_teardown(test_same_response, fake_reset),
	};

	return cmocka_run_group_tests_name("market_pending", tests, set_up, NULL);
}
