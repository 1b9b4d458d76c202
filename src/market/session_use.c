#include "market/session_use.h"

#include <glib.h>
#include <pthread.h>
#include <string.h>

#include "base/secret.h"

enum {
	SLOTS = 1024,       /* sessions whose use is remembered at a time */
	NOTED_SECONDS = 60, /* after which a use is noted again */
};

enum state { FREE = 0, NOTED, SENDING, WRITTEN };

struct slot {
	char digest[DIGEST_SIZE];
	enum state state;
	gint64 noted_us; /* monotonic */
};

static struct slot slots[SLOTS];
static unsigned n_noted;
/* Of both; never held during a call of the database. ThreadSanitizer does not know GMutex. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* Digests are random hexadecimal digits after "\x", so any of them make a hash. */
static struct slot *
slot_of(const char *digest)
{
	g_autofree char *digits = g_strndup(digest + 2, 8);

	return &slots[g_ascii_strtoull(digits, NULL, 16) % SLOTS];
}

static bool
is_usable(const struct slot *slot, const char *digest, gint64 now_us)
{
	if (slot->state == NOTED || slot->state == SENDING)
		return false;
	return slot->state == FREE || strcmp(slot->digest, digest) != 0 ||
		now_us - slot->noted_us >= NOTED_SECONDS * G_USEC_PER_SEC;
}

void
session_use_note(const char *digest)
{
	gint64 now_us = g_get_monotonic_time();
	struct slot *slot = slot_of(digest);

	pthread_mutex_lock(&lock);
	if (is_usable(slot, digest, now_us)) {
		g_strlcpy(slot->digest, digest, sizeof slot->digest);
		slot->state = NOTED;
		slot->noted_us = now_us;
		n_noted++;
	}
	pthread_mutex_unlock(&lock);
}

/* The noted digests with commas between them, which are SENDING from then on; NULL: none. */
static char *
take_noted(void)
{
	g_autoptr(GString) list = NULL;

	pthread_mutex_lock(&lock);
	for (size_t i = 0; n_noted > 0 && i < SLOTS; i++) {
		if (slots[i].state != NOTED)
			continue;
		if (list == NULL)
			list = g_string_new(NULL);
		else
			g_string_append_c(list, ',');
		g_string_append(list, slots[i].digest);
		slots[i].state = SENDING;
		n_noted--;
	}
	pthread_mutex_unlock(&lock);
	return list == NULL ? NULL : g_string_free(g_steal_pointer(&list), FALSE);
}

static void
set_sent(enum state state)
{
	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < SLOTS; i++)
		if (slots[i].state == SENDING)
			slots[i].state = state;
	pthread_mutex_unlock(&lock);
}

void
session_use_flush(struct db *db)
{
	g_autofree char *sessions = take_noted();
	const struct db_param param = { .name = "sessions", .text = sessions };
	struct db_result row = { 0 };

	if (sessions == NULL)
		return;
	set_sent(db_call(db, SQL_note_sessions, &param, 1, &row) == ERR_NONE ? WRITTEN : FREE);
	db_result_clear(&row);
}
