/*
 * Random values and digests, from libsodium.
 *
 * A session's token is 32 random bytes in 43 characters of base64url. Only its BLAKE2b-256 digest leaves the program, written as
 * PostgreSQL reads a bytea: "\x" and 64 hexadecimal digits.
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

/* Call once before all else, in one thread. False if there is no randomness to be had. */
bool secret_init(void);

/* Makes a new token. */
void secret_token(char out[static TOKEN_SIZE]);

/* Whether `text` of `length` could be a token; says nothing about whether a session has it. */
bool secret_token_well_formed(const char *text, size_t length);

/* The digest of `length` bytes. */
void secret_digest(const void *data, size_t length, char out[static DIGEST_SIZE]);

/* 128 random bits as 32 hexadecimal digits, for request ids and fresh idempotency keys. */
void secret_random_id(char out[static RANDOM_ID_SIZE]);

/* Hashes a password with Argon2id (19 MiB, two passes): slow on purpose. Free with g_free(); NULL without memory. */
char *secret_password_hash(const char *password);

/* Whether `password` has this hash; as slow. */
bool secret_password_matches(const char *hash, const char *password);

/* Overwrites memory that held a secret. */
void secret_wipe(void *data, size_t length);

#endif
