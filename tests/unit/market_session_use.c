/*
 * Uses of sessions: a request notes its session at most once a minute, batched calls note nothing,
 * and what the database did not take is noted again.
 */
#include <string.h>

#include "base/secret.h"
#include "fake_db.h"
#include "market/answer.h"
#include "market/routes.h"
#include "market/session_use.h"
#include "transport.h"
#include "unit.h"

#define BEARER(token) "Authorization: Bearer " token "\n"
#define A43 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define B43 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABA"
#define C43 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAACA"

#define CHECKOUT                                                                                   \
	"POST /api/checkout\n"                                                                     \
	"Content-Type: application/json\n"                                                         \
	"Idempotency-Key: 12345678\n"                                                              \
	"Authorization: Bearer " B43 "\n\n{}"

static void
ask(const char *text)
{
	struct talk *talk = talk_new(text, strlen(text));

	fake.talk = talk;
	talk_serve(talk, &market_site);
	fake.talk = NULL;
	talk_free(talk);
}

/* What the flush sends: the sessions' parameter; NULL: it calls nothing. Free with g_free(). */
static char *
flushed(enum err e)
{
	fake_reset(NULL);
	fake.err[0] = e;
	session_use_flush(answer_db());
	if (fake.n_calls == 0)
		return NULL;
	assert_int_equal(fake.n_calls, 1);
	assert_int_equal(fake.calls[0].id, SQL_note_sessions);
	return fake_param(0, "sessions");
}

static void
assert_flushes(const char *token)
{
	g_autofree char *sessions = flushed(ERR_NONE);
	char digest[DIGEST_SIZE];

	if (token == NULL) {
		assert_null(sessions);
		return;
	}
	secret_digest(token, strlen(token), digest);
	assert_string_equal(sessions, digest);
}

static void
test_a_use_is_noted_once(void **state)
{
	(void)state;
	assert_flushes(NULL);
	for (int i = 0; i < 3; i++)
		ask("GET /api/account\n" BEARER(A43) "\n");
	assert_flushes(A43);
	ask("GET /api/cart\n" BEARER(A43) "\n");
	assert_flushes(NULL);
}

static void
test_what_is_not_a_use(void **state)
{
	(void)state;
	ask(CHECKOUT);
	ask("GET /api/listings\n\n");
	fake_reset(NULL);
	fake.err[0] = ERR_UNAUTHENTICATED;
	ask("GET /api/account\n" BEARER(B43) "\n");
	assert_flushes(NULL);
}

static void
test_what_was_not_written_is_noted_again(void **state)
{
	g_autofree char *sent = NULL;

	(void)state;
	ask("GET /api/account\n" BEARER(C43) "\n");
	sent = flushed(ERR_BUSY);
	assert_non_null(sent);
	assert_flushes(NULL);
	ask("GET /api/account\n" BEARER(C43) "\n");
	assert_flushes(C43);
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
		cmocka_unit_test_teardown(test_a_use_is_noted_once, fake_reset),
		cmocka_unit_test_teardown(test_what_is_not_a_use, fake_reset),
		cmocka_unit_test_teardown(test_what_was_not_written_is_noted_again, fake_reset),
	};

	return cmocka_run_group_tests_name("market_session_use", tests, set_up, NULL);
}
