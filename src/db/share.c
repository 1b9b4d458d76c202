#include "db/share.h"

#include <glib.h>
#include <pthread.h>
#include <string.h>

#include "db/clock.h"

enum { SUSPECT_MS = 2000 };

/* A claim that waits for a place; on the stack of its thread. */
struct waiter {
	const struct claim *claim;
	pthread_cond_t given;
	bool has_place;
};

struct share {
	pthread_mutex_t lock;
	GQueue taken;   /* the claims that have places */
	GQueue waiters; /* in order of arrival; no limit allows any of them a place */
	unsigned max;
	unsigned kind_max; /* of claims of sessions, and of others */
	unsigned part_max; /* of one owner, and of suspects */
};

bool
claim_is_suspect(const struct claim *claim)
{
	int64_t missed_ms = claim->missed_ms == NULL ? 0 : atomic_load(claim->missed_ms);

	return missed_ms != 0 && clock_ms() - missed_ms < SUSPECT_MS;
}

struct share *
share_new(int max)
{
	struct share *share = g_new0(struct share, 1);

	pthread_mutex_init(&share->lock, NULL);
	g_queue_init(&share->taken);
	g_queue_init(&share->waiters);
	share->max = (unsigned)max;
	share->kind_max = (unsigned)MAX(max - 1, 1);
	share->part_max = (unsigned)MAX(max - 2, 1);
	return share;
}

void
share_free(struct share *share)
{
	if (share == NULL)
		return;
	pthread_mutex_destroy(&share->lock);
	g_free(share);
}

/* ---- places; the lock is held ---- */

/* Whether both are of one owner. */
static bool
is_same_owner(const struct claim *a, const struct claim *b)
{
	return a->owner != NULL && b->owner != NULL && strcmp(a->owner, b->owner) == 0;
}

static bool
is_free(const struct share *share, const struct claim *claim)
{
	bool suspect = claim_is_suspect(claim);
	unsigned of_kind = 0;
	unsigned of_owner = 0;
	unsigned of_suspects = 0;

	for (const GList *at = share->taken.head; at != NULL; at = at->next) {
		const struct claim *taken = at->data;

		of_kind += taken->of_session == claim->of_session;
		of_owner += is_same_owner(taken, claim);
		of_suspects += suspect && claim_is_suspect(taken);
	}
	return share->taken.length < share->max && of_kind < share->kind_max &&
		of_owner < share->part_max && of_suspects < share->part_max;
}

/* Gives places to the waiting claims that may have one. */
static void
hand_over(struct share *share)
{
	for (GList *at = share->waiters.head, *next; at != NULL; at = next) {
		struct waiter *waiter = at->data;

		next = at->next;
		if (!is_free(share, waiter->claim))
			continue;
		g_queue_push_tail(&share->taken, (gpointer)waiter->claim);
		waiter->has_place = true;
		pthread_cond_signal(&waiter->given);
		g_queue_delete_link(&share->waiters, at);
	}
}

static bool
wait_for_place(struct share *share, const struct claim *claim, int64_t deadline)
{
	struct waiter me = { .claim = claim };
	struct timespec until = clock_timespec(deadline);
	int waited = 0;

	clock_cond_init(&me.given);
	g_queue_push_tail(&share->waiters, &me);
	while (!me.has_place && waited == 0)
		waited = pthread_cond_timedwait(&me.given, &share->lock, &until);
	if (!me.has_place)
		g_queue_remove(&share->waiters, &me);
	pthread_cond_destroy(&me.given);
	return me.has_place;
}

/* ---- for callers ---- */

bool
share_take(struct share *share, const struct claim *claim, int64_t deadline)
{
	bool taken;

	pthread_mutex_lock(&share->lock);
	taken = is_free(share, claim);
	if (taken)
		g_queue_push_tail(&share->taken, (gpointer)claim);
	else
		taken = wait_for_place(share, claim, deadline);
	pthread_mutex_unlock(&share->lock);
	return taken;
}

void
share_release(struct share *share, const struct claim *claim)
{
	pthread_mutex_lock(&share->lock);
	g_queue_remove(&share->taken, claim);
	hand_over(share);
	pthread_mutex_unlock(&share->lock);
}

int
share_waiting(struct share *share)
{
	int waiting;

	pthread_mutex_lock(&share->lock);
	waiting = (int)share->waiters.length;
	pthread_mutex_unlock(&share->lock);
	return waiting;
}
