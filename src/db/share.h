/*
 * The share of the connections for writing that unbatched writes may hold, with limits for some of
 * them, so that no one kind, shop or account holds all. Places are given in order of arrival among
 * the claims whose limits allow it. Thread-safe.
 */
#ifndef SHOETOPIA_DB_SHARE_H
#define SHOETOPIA_DB_SHARE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct share;

struct claim {
	/* a write of a session; false: it begins or ends one, or is the program's own */
	bool of_session;
	const char *owner; /* the shop or session that writes; NULL: no limit of its own */
	/*
	 * when a write of this statement last missed a lock, 0: never; for the 2 s after that the
	 * claim is suspect, also while it waits. NULL: it never is.
	 */
	const _Atomic int64_t *missed_ms;
};

bool claim_is_suspect(const struct claim *claim);

/*
 * `max` places, of which writes of sessions hold all but one at most, and so do the others; one
 * owner and suspect claims hold one less; each at least one. Never NULL.
 */
struct share *share_new(int max);

/* No place may be taken. NULL is allowed. */
void share_free(struct share *share);

/*
 * Takes a place, waiting for one; false when the deadline passed first. The claim must live, and
 * its owner not change, until the place is released.
 */
bool share_take(struct share *share, const struct claim *claim, int64_t deadline);

/* Gives the place of this claim back. */
void share_release(struct share *share, const struct claim *claim);

/* How many claims wait. */
int share_waiting(struct share *share);

#endif
