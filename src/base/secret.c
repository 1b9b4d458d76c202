#include "base/secret.h"

#include <glib.h>
#include <sodium.h>
#include <string.h>

enum {
	DIGEST_BYTES = 32,
	TOKEN_BYTES = 32,
	ID_BYTES = (RANDOM_ID_SIZE - 1) / 2,
	IDS_KEPT = 32, /* of random bytes, by each thread */
	ARGON2_PASSES = 2,
	ARGON2_MEMORY = 19 * 1024 * 1024,
};

bool
secret_init(void)
{
	return sodium_init() >= 0;
}

void
secret_token(char out[static TOKEN_SIZE])
{
	unsigned char bytes[TOKEN_BYTES];

	randombytes_buf(bytes, sizeof bytes);
	sodium_bin2base64(
		out, TOKEN_SIZE, bytes, sizeof bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	sodium_memzero(bytes, sizeof bytes);
}

bool
secret_token_well_formed(const char *text, size_t length)
{
	unsigned char bytes[TOKEN_BYTES];
	size_t n = 0;
	bool well_formed;

	/* libsodium accepts some bytes above 0x7f as letters */
	for (size_t i = 0; i < length; i++)
		if (!g_ascii_isalnum(text[i]) && text[i] != '-' && text[i] != '_')
			return false;
	well_formed = length == TOKEN_LENGTH &&
		sodium_base642bin(bytes, sizeof bytes, text, length, NULL, &n, NULL,
			sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
		n == sizeof bytes;

	sodium_memzero(bytes, sizeof bytes);
	return well_formed;
}

void
secret_digest(const void *data, size_t length, char out[static DIGEST_SIZE])
{
	unsigned char digest[DIGEST_BYTES];

	crypto_generichash(digest, sizeof digest, data, length, NULL, 0);
	memcpy(out, "\\x", 2);
	sodium_bin2hex(out + 2, DIGEST_SIZE - 2, digest, sizeof digest);
}

void
secret_random_id(char out[static RANDOM_ID_SIZE])
{
	/* every request has an id, and a system call for each would cost more than all the rest */
	static _Thread_local unsigned char kept[IDS_KEPT][ID_BYTES];
	static _Thread_local size_t n_kept;

	if (n_kept == 0) {
		randombytes_buf(kept, sizeof kept);
		n_kept = IDS_KEPT;
	}
	n_kept--;
	sodium_bin2hex(out, RANDOM_ID_SIZE, kept[n_kept], ID_BYTES);
	sodium_memzero(kept[n_kept], ID_BYTES); /* an idempotency key is a secret */
}

char *
secret_password_hash(const char *password)
{
	char *hash = g_malloc(crypto_pwhash_STRBYTES);

	if (crypto_pwhash_str_alg(hash, password, strlen(password), ARGON2_PASSES, ARGON2_MEMORY,
		    crypto_pwhash_ALG_ARGON2ID13) == 0)
		return hash;
	g_free(hash);
	return NULL;
}

bool
secret_password_matches(const char *hash, const char *password)
{
	return crypto_pwhash_str_verify(hash, password, strlen(password)) == 0;
}

bool
secret_hmac_matches(const char *key, const void *data, size_t length, const char *hex)
{
	unsigned char right[crypto_auth_hmacsha256_BYTES];
	unsigned char given[sizeof right];
	crypto_auth_hmacsha256_state state;
	size_t n = 0;

	crypto_auth_hmacsha256_init(&state, (const unsigned char *)key, strlen(key));
	crypto_auth_hmacsha256_update(&state, data, length);
	crypto_auth_hmacsha256_final(&state, right);
	return sodium_hex2bin(given, sizeof given, hex, strlen(hex), NULL, &n, NULL) == 0 &&
		n == sizeof given && sodium_memcmp(given, right, sizeof right) == 0;
}

void
secret_wipe(void *data, size_t length)
{
	sodium_memzero(data, length);
}
