/*
 * Random values, digests and password hashes, by libsodium.
 *
 * A session token is 32 random bytes as 43 characters of base64url. Only its BLAKE2b-256 digest is
 * stored, in the text format of a bytea: "\x" and 64 hexadecimal digits.
 */
#ifndef SHOETOPIA_BASE_SECRET_H
#define SHOETOPIA_BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

enum {
	TOKEN_LENGTH = 43,
	TOKEN_SIZE = TOKEN_LENGTH + 1,
	DIGEST_SIZE = 2 + 64 + 1,
	RANDOM_ID_SIZE = 32 + 1,
};

/* Call once before all else, in one thread. False if the system gives no random bytes. */
bool secret_init(void);

/* Makes a new session token. */
void secret_token(char out[static TOKEN_SIZE]);

/* Whether `text` of `length` has the form of a token; a session with it need not exist. */
bool secret_token_well_formed(const char *text, size_t length);

/* The digest of `length` bytes. */
void secret_digest(const void *data, size_t length, char out[static DIGEST_SIZE]);

/* 128 random bits as 32 hexadecimal digits, for request ids and new idempotency keys. */
void secret_random_id(char out[static RANDOM_ID_SIZE]);

/*
 * Hashes a password with Argon2id (19 MiB, two passes), which is slow on purpose. Free with
 * g_free(); NULL if there is not enough memory.
 */
char *secret_password_hash(const char *password);

/* Whether `password` has this hash; takes as long as making it. */
bool secret_password_matches(const char *hash, const char *password);

/*
 * Whether `hex` is the HMAC-SHA256 of `length` bytes with this key, in hexadecimal digits. Takes as
 * long for any wrong one.
 */
bool secret_hmac_matches(const char *key, const void *data, size_t length, const char *hex);

/* Overwrites memory that held a secret. */
void secret_wipe(void *data, size_t length);

#endif
