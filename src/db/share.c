#include "db/share.h"

#include <glib.h>
#include <pthread.h>

#include "db/clock.h"

struct share {
	pthread_mutex_t lock;
	pthread_cond_t released;
	GHashTable *owners; /* how many places an owner has; none: not in it */
	int taken;
	int max;
	int max_of_owner;
};

struct share *
share_new(int max, int max_of_owner)
{
	struct share *share = g_new0(struct share, 1);

	pthread_mutex_init(&share->lock, NULL);
	clock_cond_init(&share->released);
	share->owners = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	share->max = max;
	share->max_of_owner = max_of_owner;
	return share;
}

void
share_free(struct share *share)
{
	if (share == NULL)
		return;
	g_hash_table_destroy(share->owners);
	pthread_cond_destroy(&share->released);
	pthread_mutex_destroy(&share->lock);
	g_free(share);
}

static int
taken_by(const struct share *share, const char *owner)
{
	return owner == NULL ? 0 : GPOINTER_TO_INT(g_hash_table_lookup(share->owners, owner));
}

static void
set_taken_by(struct share *share, const char *owner, int taken)
{
	if (owner == NULL)
		return;
	if (taken == 0)
		g_hash_table_remove(share->owners, owner);
	else
		g_hash_table_replace(share->owners, g_strdup(owner), GINT_TO_POINTER(taken));
}

bool
share_take(struct share *share, const char *owner, int64_t deadline)
{
	struct timespec until = clock_timespec(deadline);
	int waited = 0;
	bool is_free;

	pthread_mutex_lock(&share->lock);
	while (!(is_free = share->taken < share->max &&
			       taken_by(share, owner) < share->max_of_owner) &&
		waited == 0)
		waited = pthread_cond_timedwait(&share->released, &share->lock, &until);
	if (is_free) {
		share->taken++;
		set_taken_by(share, owner, taken_by(share, owner) + 1);
	}
	pthread_mutex_unlock(&share->lock);
	return is_free;
}

void
share_release(struct share *share, const char *owner)
{
	pthread_mutex_lock(&share->lock);
	share->taken--;
	set_taken_by(share, owner, taken_by(share, owner) - 1);
	pthread_cond_broadcast(&share->released);
	pthread_mutex_unlock(&share->lock);
}
