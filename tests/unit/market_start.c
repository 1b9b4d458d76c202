/*
 * Answers that another thread gives: a request whose call travels with others leaves the thread that serves it, through the real gate and the real
 * routes, and comes back from the database of fake_db.h. Every other one is answered where it is served.
 */
#include <string.h>

#include "base/secret.h"
#include "fake_db.h"
#include "http/http.h"
#include "market/routes.h"
#include "transport.h"
#include "unit.h"

#define BEARER "Authorization: Bearer AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
#define JSON "Content-Type: application/json\n"
#define FORM "Content-Type: application/x-www-form-urlencoded\n"
#define KEY "Idempotency-Key: 12345678\n"
#define BROWSER "Accept: text/html\n"
#define CHECKOUT "POST /api/checkout\n" JSON BEARER KEY "\n{\"expected_total_cents\":1999}"

/* A request, and what is to become of it. */
struct way {
	const char *text;
	bool not_kept, plain; /* its connection; its transport */
	enum fake_start start;
	enum err err;
	int status;
	unsigned starts, calls; /* how often the database is asked */
	bool left;              /* another thread answers */
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

/* The thread that served it has gone on; until it is told, the request is under way. */
static void
go_on(void)
{
	struct http_stats stats;

	if (fake.start != TOLD_LATER)
		return;
	http_stats(&stats);
	assert_int_equal(stats.under_way, 1);
	assert_int_equal(fake.talk->writes, 0);
	fake_tell();
}

/* Sends a request on its way, and sees to what holds of all; answers how it went. Free with talk_free(). */
static struct talk *
send_on(const struct site *site, const struct way *way)
{
	struct talk *talk = talk_new(way->text, strlen(way->text));
	unsigned long before = answered();
	struct http_stats stats;
	const char *fault;

	fake_reset(NULL);
	fake.answer = "{\"order_id\":9}";
	fake.extra = way->err == ERR_NONE ? NULL : "{\"total_cents\":2000}";
	fake.replayed = way->err == ERR_NONE;
	fake.start = way->start;
	fake.err[0] = way->err;
	fake.talk = talk;
	talk->kept = !way->not_kept;
	talk->plain = way->plain;
	talk->when_left = go_on;
	fault = talk_serve(talk, site);
	fake_join();
	if (fault == NULL)
		fault = talk->misuse; /* on the way home, too */
	if (fault != NULL || talk->status != way->status || talk->writes != 1 ||
		talk->left != way->left)
		fail_msg("%s\n%s by the thread that serves it, in %u writes; the answer %s:\n%s",
			way->text, talk->left ? "not given" : "given", talk->writes, fault,
			talk->out->str);
	assert_int_equal(atomic_load(&talk->ends), way->left ? 1 : 0);
	assert_int_equal(talk->takes_time, way->left || way->plain ? 0 : 1);
	assert_int_equal(fake.n_starts, way->starts);
	assert_int_equal(fake.n_calls, way->calls);
	if (fake.n_calls >
		0) /* others need not wait for this thread while it waits for the database, and not before */
		assert_int_equal(fake.calls[0].takes_time, talk->takes_time);
	http_stats(&stats);
	assert_int_equal(stats.under_way, 0);
	assert_int_equal(answered(), before + 1);
	return talk;
}

static void
assert_ways(const struct site *site, const struct way *ways, size_t n)
{
	for (size_t i = 0; i < n; i++)
		talk_free(send_on(site, &ways[i]));
}

/* ---- who answers ---- */

static void
test_answers_from_elsewhere(void **state)
{
	static const struct way ways[] = {
		{ CHECKOUT, .start = TOLD_AT_ONCE, .status = 201, .starts = 1, .calls = 1,
			.left = true },
		{ CHECKOUT, .start = TOLD_AT_ONCE, .err = ERR_OUT_OF_STOCK, .status = 409,
			.starts = 1, .calls = 1, .left = true },
		{ CHECKOUT, .start = TOLD_AT_ONCE, .err = ERR_FAULT, .status = 500, .starts = 1,
			.calls = 1, .left = true },
		{ CHECKOUT, .start = TOLD_LATER, .status = 201, .starts = 1, .calls = 1,
			.left = true },
		{ CHECKOUT, .start = TOLD_LATER, .err = ERR_OUT_OF_STOCK, .status = 409,
			.starts = 1, .calls = 1, .left = true },
		{ CHECKOUT, .start = TOLD_LATER, .err = ERR_BUSY, .status = 503, .starts = 1,
			.calls = 1, .left = true },
		{ CHECKOUT, .start = TOLD_LATER, .err = ERR_FAULT, .status = 500, .starts = 1,
			.calls = 1, .left = true },
		/* the queue is full: no other thread answers, but this one is no more the connection's */
		{ CHECKOUT, .status = 503, .starts = 1, .left = true },
		/* a form, too, if it was no browser that sent it */
		{ "POST /api/checkout\n" FORM BEARER KEY "\nexpected_total_cents=1",
			.start = TOLD_LATER, .status = 201, .starts = 1, .calls = 1, .left = true },
	};

	(void)state;
	assert_ways(&market_site, ways, G_N_ELEMENTS(ways));
}

static void
test_answers_from_here(void **state)
{
	static const struct way ways[] = {
		/* where the thread closes the connection; where there is no other thread */
		{ CHECKOUT, .not_kept = true, .start = TOLD_AT_ONCE, .status = 201, .calls = 1 },
		{ CHECKOUT, .plain = true, .start = TOLD_AT_ONCE, .status = 201, .calls = 1 },
		/* the gate refuses it */
		{ "POST /api/checkout\n" JSON BEARER "\n{}", .start = TOLD_AT_ONCE, .status = 400 },
		{ "POST /api/checkout\n" JSON BEARER KEY "\n{\"items\":7}", .start = TOLD_AT_ONCE,
			.status = 422 },
		{ "POST /api/checkout\n" JSON KEY "\n{}", .start = TOLD_AT_ONCE, .status = 401 },
		{ "POST /api/checkouts\n" JSON BEARER KEY "\n{}", .start = TOLD_AT_ONCE,
			.status = 404 },
		/* a page, for which the database is asked who looks at it, must keep nobody waiting */
		{ "POST /api/checkout\n" BROWSER FORM BEARER KEY "\nexpected_total_cents=1",
			.start = TOLD_AT_ONCE, .status = 303, .calls = 1 },
		{ "GET /api/orders/9\n" BROWSER BEARER "\n", .start = TOLD_AT_ONCE, .status = 200,
			.calls = 2 },
		/* a handler does it its own way */
		{ "DELETE /api/sessions/current\n" BEARER "\n", .start = TOLD_AT_ONCE,
			.status = 204, .calls = 1 },
		{ "GET /api/metrics\nREMOTE_ADDR=127.0.0.1\n\n", .start = TOLD_AT_ONCE,
			.status = 200 },
	};
	static const struct way starts_nothing = { CHECKOUT, .start = TOLD_AT_ONCE, .status = 201,
		.calls = 1 };
	struct site site = market_site;

	(void)state;
	assert_ways(&market_site, ways, G_N_ELEMENTS(ways));
	site.start = NULL;
	assert_ways(&site, &starts_nothing, 1);
}

/* ---- what is answered ---- */

/* The database is given the same, and so is the client. */
static void
test_same_either_way(void **state)
{
	static const enum fake_start starts[] = { TOLD_AT_ONCE, TOLD_LATER };
	struct way good = { CHECKOUT, .status = 201, .starts = 1, .calls = 1 };
	struct way bad = { CHECKOUT, .err = ERR_PRICE_CHANGED, .status = 409, .starts = 1,
		.calls = 1 };
	g_autofree char *params = NULL;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(starts); i++) {
		struct talk *talk;

		good.start = bad.start = starts[i];
		good.left = bad.left = true;
		talk = send_on(&market_site, &good);
		assert_int_equal(fake.calls[0].id, SQL_checkout);
		assert_true(fake_was_given(0, "who=member"));
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

		talk = send_on(&market_site, &bad);
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
		cmocka_unit_test_teardown(test_answers_from_elsewhere, fake_reset),
		cmocka_unit_test_teardown(test_answers_from_here, fake_reset),
		cmocka_unit_test_teardown(test_same_either_way, fake_reset),
	};

	return cmocka_run_group_tests_name("market_start", tests, set_up, NULL);
}
