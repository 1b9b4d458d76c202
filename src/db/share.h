/*
 * A share of a pool: how many of its connections unbatched writes may hold at a time, in all and
 * for one owner. They hold them for seconds where a row is locked, and batches need the others.
 * Thread-safe.
 */
#ifndef SHOETOPIA_DB_SHARE_H
#define SHOETOPIA_DB_SHARE_H

#include <stdbool.h>
#include <stdint.h>

struct share;

/* Never NULL. */
struct share *share_new(int max, int max_of_owner);

/* No place may be taken. NULL is allowed. */
void share_free(struct share *share);

/* Takes a place, waiting for one; false when the deadline passed first. An owner of NULL has no
 * limit of its own. */
bool share_take(struct share *share, const char *owner, int64_t deadline);

/* Gives it back. */
void share_release(struct share *share, const char *owner);

#endif
