/* The signature of a webhook, as Stripe makes it. */
#include <string.h>

#include "market/payment_event.h"
#include "unit.h"

enum { NOW = 1700000000 };

/* HMAC-SHA256 of "1700000000.{}" with "whsec_a", and with "whsec_b". */
#define BY_A "04339dc4f01d6541e8d3b7e4bd93cd2d4f680ccb28592270900b08e49cc09e57"
#define BY_B "c5189ebadc3785f3f35cf54514c1960853eb90d63e53d893af772bcdc3781c6f"
#define SIGNED_A "t=1700000000,v1=" BY_A
#define SIGNED_B "t=1700000000,v1=" BY_B

static bool
is_signed(const char *header, const char *text, int64_t now)
{
	static const char *const secrets[] = { "whsec_a", NULL };
	g_autoptr(GString) body = g_string_new(text);

	return payment_event_is_signed(header, body, secrets, 2, now);
}

static void
test_signatures(void **state)
{
	static const char *const good[] = { SIGNED_A, "v1=" BY_A ",t=1700000000", SIGNED_A ",v0=00",
		"t=1700000000,v1=00,v1=" BY_B ",v1=" BY_A };
	static const char *const bad[] = { "", "t=1700000000", "v1=" BY_A, SIGNED_B,
		"t=1700000000,v0=" BY_A, "t=1700000001,v1=" BY_A, "t=01700000000,v1=" BY_A,
		"t=-1,v1=" BY_A, "t=1e9,v1=" BY_A, "t=,v1=" BY_A, "t=99999999999999999999,v1=" BY_A,
		"t=1700000000,v1=" BY_A "00", "t=1700000000,v1=", " " SIGNED_A };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(good); i++)
		if (!is_signed(good[i], "{}", NOW))
			fail_msg("not taken: %s", good[i]);
	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
		if (is_signed(bad[i], "{}", NOW))
			fail_msg("taken: %s", bad[i]);
	assert_false(is_signed(NULL, "{}", NOW));
	assert_false(is_signed(SIGNED_A, "{ }", NOW));
	assert_false(is_signed(SIGNED_A, "", NOW));
}

static void
test_age(void **state)
{
	(void)state;
	assert_true(is_signed(SIGNED_A, "{}", NOW + 300));
	assert_true(is_signed(SIGNED_A, "{}", NOW - 300));
	assert_false(is_signed(SIGNED_A, "{}", NOW + 301));
	assert_false(is_signed(SIGNED_A, "{}", NOW - 301));
}

/* While a secret is replaced, both are taken. */
static void
test_two_secrets(void **state)
{
	static const char *const secrets[] = { "whsec_b", "whsec_a" };
	g_autoptr(GString) body = g_string_new("{}");

	(void)state;
	assert_true(payment_event_is_signed(SIGNED_A, body, secrets, 2, NOW));
	assert_true(payment_event_is_signed(SIGNED_B, body, secrets, 2, NOW));
	assert_false(payment_event_is_signed(SIGNED_A, body, secrets, 1, NOW));
	assert_false(payment_event_is_signed(SIGNED_A, body, secrets, 0, NOW));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_signatures),
		cmocka_unit_test(test_age),
		cmocka_unit_test(test_two_secrets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
