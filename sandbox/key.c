#include "sandbox/key.h"

#include <glib.h>
#include <pthread.h>

struct key_set {
	pthread_mutex_t lock;
	GHashTable *keys;
};

struct key_set *
key_set_new(void)
{
	struct key_set *set = g_new0(struct key_set, 1);

	pthread_mutex_init(&set->lock, NULL);
	set->keys = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	return set;
}

void
key_set_free(struct key_set *set)
{
	if (set == NULL)
		return;
	g_hash_table_unref(set->keys);
	pthread_mutex_destroy(&set->lock);
	g_free(set);
}

bool
key_take(struct key_set *set, const char *key)
{
	bool is_new;

	pthread_mutex_lock(&set->lock);
	is_new = g_hash_table_add(set->keys, g_strdup(key));
	pthread_mutex_unlock(&set->lock);
	return is_new;
}

void
key_release(struct key_set *set, const char *key)
{
	pthread_mutex_lock(&set->lock);
	g_hash_table_remove(set->keys, key);
	pthread_mutex_unlock(&set->lock);
}
