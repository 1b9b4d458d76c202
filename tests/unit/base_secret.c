/* The form of tokens, ids, digests and hashes, and that no two random ones are equal. */
#include <glib.h>
#include <pthread.h>
#include <string.h>

#include "base/secret.h"
#include "unit.h"

enum { MANY = 1000 };

static void
test_tokens(void **state)
{
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	(void)state;
	for (int i = 0; i < MANY; i++) {
		char token[TOKEN_SIZE];

		secret_token(token);
		assert_int_equal(strlen(token), TOKEN_LENGTH);
		assert_true(secret_token_well_formed(token, TOKEN_LENGTH));
		assert_true(g_hash_table_add(seen, g_strdup(token)));
	}
}

static void
test_malformed_tokens(void **state)
{
	char token[TOKEN_SIZE];

	(void)state;
	secret_token(token);
	assert_false(secret_token_well_formed(token, TOKEN_LENGTH - 1));
	assert_false(secret_token_well_formed(token, 0));
	assert_false(secret_token_well_formed("", 0));
	for (const char *bad = "+/=. \t;\"'\n\x80"; *bad != '\0'; bad++)
		for (size_t at = 0; at < TOKEN_LENGTH; at += 21) {
			char forged[TOKEN_SIZE];

			memcpy(forged, token, sizeof forged);
			forged[at] = *bad;
			if (secret_token_well_formed(forged, TOKEN_LENGTH))
				fail_msg("'%c' at %zu is accepted", *bad, at);
		}
	token[0] = '\0'; /* a NUL inside */
	assert_false(secret_token_well_formed(token, TOKEN_LENGTH));
	/* 44 characters would be 33 bytes */
	assert_false(secret_token_well_formed("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", 44));
	/* a token has one encoding: the unused bits at its end are 0 */
	assert_true(secret_token_well_formed("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", 43));
	assert_false(secret_token_well_formed("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB", 43));
	for (int c = 0; c < 256; c++) {
		char last[] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

		last[TOKEN_LENGTH - 1] = (char)c;
		if (secret_token_well_formed(last, TOKEN_LENGTH) !=
			(c != 0 && strchr("AEIMQUYcgkosw048", c) != NULL))
			fail_msg("wrong result for the last character %d", c);
	}
}

static void
test_digests(void **state)
{
	char one[DIGEST_SIZE];
	char two[DIGEST_SIZE];

	(void)state;
	/* BLAKE2b-256 of nothing and of "abc", as other implementations compute it */
	secret_digest("", 0, one);
	assert_string_equal(
		one, "\\x0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
	secret_digest("abc", 3, one);
	assert_string_equal(
		one, "\\xbddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
	secret_digest("abd", 3, two);
	assert_string_not_equal(one, two);
	secret_digest("abc\0", 4, two);
	assert_string_not_equal(one, two);
}

static void *
make_ids(void *arg)
{
	char(*ids)[RANDOM_ID_SIZE] = arg;

	for (int i = 0; i < MANY; i++)
		secret_random_id(ids[i]);
	return NULL;
}

/* Each thread keeps random bytes for some ids; no id comes twice. */
static void
test_random_ids(void **state)
{
	static char ids[3][MANY][RANDOM_ID_SIZE];
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
	pthread_t threads[2];

	(void)state;
	for (int t = 0; t < 2; t++)
		assert_int_equal(pthread_create(&threads[t], NULL, make_ids, ids[t]), 0);
	make_ids(ids[2]);
	for (int t = 0; t < 2; t++)
		pthread_join(threads[t], NULL);
	for (int t = 0; t < 3; t++) {
		for (int i = 0; i < MANY; i++) {
			assert_int_equal(strspn(ids[t][i], "0123456789abcdef"), 32);
			assert_int_equal(strlen(ids[t][i]), 32);
			assert_true(g_hash_table_add(seen, ids[t][i]));
		}
	}
}

static void
test_passwords(void **state)
{
	g_autofree char *one = secret_password_hash("correct horse");
	g_autofree char *two = secret_password_hash("correct horse");

	(void)state;
	assert_true(g_str_has_prefix(one, "$argon2id$v=19$m=19456,t=2,p=1$"));
	assert_string_not_equal(one, two); /* salted */
	assert_true(secret_password_matches(one, "correct horse"));
	assert_true(secret_password_matches(two, "correct horse"));
	assert_false(secret_password_matches(one, "correct horsf"));
	assert_false(secret_password_matches(one, "Correct horse"));
	assert_false(secret_password_matches(one, "correct horse "));
	assert_false(secret_password_matches(one, ""));
	assert_false(secret_password_matches("", "correct horse"));
	assert_false(secret_password_matches("plain text", "plain text"));
}

/* Test case 2 of RFC 4231, and what is not it. */
static void
test_hmac(void **state)
{
	static const char text[] = "what do ya want for nothing?";
	static const char right[] =
		"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
	size_t length = strlen(text);
	char wrong[sizeof right];

	(void)state;
	assert_true(secret_hmac_matches("Jefe", text, length, right));
	assert_false(secret_hmac_matches("jefe", text, length, right));
	assert_false(secret_hmac_matches("Jefe", text, length - 1, right));
	assert_false(secret_hmac_matches("Jefe", text, length, ""));
	assert_false(secret_hmac_matches("Jefe", text, length, "5b"));
	memcpy(wrong, right, sizeof wrong);
	wrong[63] = '4';
	assert_false(secret_hmac_matches("Jefe", text, length, wrong));
	wrong[63] = 'x';
	assert_false(secret_hmac_matches("Jefe", text, length, wrong));
	wrong[62] = '\0';
	assert_false(secret_hmac_matches("Jefe", text, length, wrong));
}

static void
test_wipe(void **state)
{
	char secret[] = "secret";

	(void)state;
	secret_wipe(secret, sizeof secret);
	for (size_t i = 0; i < sizeof secret; i++)
		assert_int_equal(secret[i], 0);
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
		cmocka_unit_test(test_tokens),
		cmocka_unit_test(test_malformed_tokens),
		cmocka_unit_test(test_digests),
		cmocka_unit_test(test_random_ids),
		cmocka_unit_test(test_passwords),
		cmocka_unit_test(test_hmac),
		cmocka_unit_test(test_wipe),
	};

	return cmocka_run_group_tests_name("base_secret", tests, set_up, NULL);
}
