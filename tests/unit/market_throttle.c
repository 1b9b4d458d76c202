/*
 * Attempts to sign in: what an address is counted as, and that a password is checked only if the
 * database allows the attempt. The database is fake_db.h's.
 */
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "fake_db.h"
#include "market/routes.h"
#include "market/throttle.h"
#include "transport.h"
#include "unit.h"

#define SIGN_IN                                                                                    \
	"POST /api/sessions\nContent-Type: application/json\nREMOTE_ADDR=%s\n"                     \
	"\n{\"email\":\"ann@example.com\",\"password\":\"correct horse\"}"

static void
test_network(void **state)
{
	static const struct {
		const char *address, *network;
	} cases[] = {
		{ "203.0.113.5", "203.0.113.5" },
		{ "::ffff:203.0.113.5", "203.0.113.5" },
		{ "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::" },
		{ "2001:db8:1:2::", "2001:db8:1:2::" },
		{ "2001:db8:1:3::1", "2001:db8:1:3::" },
		{ "fe80::1", "fe80::" },
		{ "10.0.0.1", "10.0.0.1" },
		/* of this machine */
		{ "127.0.0.1", NULL },
		{ "127.9.9.9", NULL },
		{ "::1", NULL },
		{ "::ffff:127.0.0.1", NULL },
		/* no addresses */
		{ "", NULL },
		{ "unix:", NULL },
		{ "203.0.113.5, 192.0.2.1", NULL },
		{ "1.2.3", NULL },
		{ "fe80::1%eth0", NULL },
		{ "'; drop table market.throttle; --", NULL },
	};
	char out[NETWORK_SIZE];

	(void)state;
	assert_false(throttle_network(NULL, out));
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		strcpy(out, "untouched");
		assert_int_equal(throttle_network(cases[i].address, out), cases[i].network != NULL);
		assert_string_equal(out, cases[i].network != NULL ? cases[i].network : "untouched");
	}
}

/* Serves a sign-in from an address; the account has the hash of the right password. */
static struct talk *
sign_in(const char *address, const char *retry_after)
{
	g_autofree char *text = g_strdup_printf(SIGN_IN, address);
	g_autofree char *hash = secret_password_hash("correct horse");
	struct talk *talk = talk_new(text, strlen(text));
	const char *fault;

	fake.names[0] = "password_hash";
	fake.values[0] = hash;
	fake.names[1] = "account_id";
	fake.values[1] = "7";
	fake.names[2] = "throttle_keys";
	fake.values[2] = "{\"\\\\x01\"}";
	fake.names[3] = "retry_after";
	fake.values[3] = retry_after;
	fault = talk_serve(talk, &market_site);
	if (fault != NULL)
		fail_msg("the answer %s", fault);
	return talk;
}

static void
test_attempt(void **state)
{
	struct talk *talk = sign_in("203.0.113.5", NULL);

	(void)state;
	assert_int_equal(talk->status, 201);
	assert_true(fake_was_given(0, "network=203.0.113.5"));
	assert_int_equal(fake.calls[1].id, SQL_throttle_succeeded);
	assert_true(fake_was_given(1, "account_id=7"));
	assert_true(fake_was_given(1, "network=203.0.113.5"));
	assert_true(fake_was_given(1, "throttle_keys={\"\\\\x01\"}"));
	talk_free(talk);

	fake_reset(NULL);
	talk = sign_in("127.0.0.1", NULL);
	assert_int_equal(talk->status, 201);
	assert_true(fake_was_given(0, "network=(null)"));
	talk_free(talk);
}

/* The right password does not help, since it is not looked at. */
static void
test_refused_attempt(void **state)
{
	struct talk *talk = sign_in("203.0.113.5", "480");

	(void)state;
	assert_int_equal(talk->status, 429);
	assert_string_equal(talk_header(talk, "Retry-After"), "480");
	assert_null(talk_header(talk, "Set-Cookie"));
	assert_int_equal(fake.n_calls, 1);
	talk_free(talk);
}

/* How many of so many calls deleted something. */
static int
purge(int calls, const char *answer)
{
	fake_reset(NULL);
	fake.answer = answer;
	for (int i = 0; i < calls; i++)
		throttle_purge();
	return (int)fake.n_calls;
}

static void
test_purge(void **state)
{
	(void)state;
	while (purge(1, "500") == 0)
		; /* one of about a hundred */
	assert_int_equal(purge(5, "612"), 5);
	assert_int_equal(purge(1, "499"), 1);
	assert_in_range(purge(5, "0"), 0, 4);
}

static int
set_up(void **state)
{
	(void)state;
	setenv("SHOETOPIA_RUN", "/tmp", 1);
	return secret_init() ? 0 : -1;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_network),
		cmocka_unit_test_teardown(test_attempt, fake_reset),
		cmocka_unit_test_teardown(test_refused_attempt, fake_reset),
		cmocka_unit_test_teardown(test_purge, fake_reset),
	};

	return cmocka_run_group_tests_name("market_throttle", tests, set_up, NULL);
}
