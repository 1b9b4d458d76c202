/* The Idempotency-Keys of calls that are in progress: a second call with one of them is refused. */
#ifndef SHOETOPIA_SANDBOX_KEY_H
#define SHOETOPIA_SANDBOX_KEY_H

#include <stdbool.h>

struct key_set;

struct key_set *key_set_new(void);
void key_set_free(struct key_set *set);

/* Adds a key; false if it is in the set. Thread-safe, as key_release(). */
bool key_take(struct key_set *set, const char *key);
void key_release(struct key_set *set, const char *key);

#endif
