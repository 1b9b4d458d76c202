#include "db/pool.h"

#include <glib.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#include "base/log.h"
#include "db/clock.h"

enum {
	RESCUE_MS = 2000,  /* how long a cancelled statement may take to end */
	FAREWELL_MS = 5000 /* how long pool_free() waits for rescues */
};

/* A thread in the line; lives on its stack. */
struct waiter {
	pthread_cond_t cond;
	struct place *got;
	struct waiter *next;
};

struct pool {
	pthread_mutex_t lock;
	pthread_cond_t all_back;
	struct place *
		open; /* stacks: the connection used last is taken first, so that a quiet time needs few */
	struct place *closed;
	struct waiter *first; /* the line */
	struct waiter **last;
	struct place *places;
	int n_places;
	int in_use;
	atomic_int n_open;
	atomic_ulong reconnects;
};

struct pool *
pool_new(int places)
{
	struct pool *pool = g_new0(struct pool, 1);

	pthread_mutex_init(&pool->lock, NULL);
	clock_cond_init(&pool->all_back);
	pool->last = &pool->first;
	pool->n_places = places;
	pool->places = g_new0(struct place, places);
	for (int i = 0; i < places; i++) {
		pool->places[i].pool = pool;
		pool->places[i].next = pool->closed;
		pool->closed = &pool->places[i];
	}
	return pool;
}

static void
place_close(struct place *place)
{
	if (place->conn == NULL)
		return;
	conn_close(place->conn);
	place->conn = NULL;
	atomic_fetch_sub(&place->pool->n_open, 1);
}

void
pool_free(struct pool *pool)
{
	struct timespec until = clock_timespec(clock_ms() + FAREWELL_MS);
	int waited = 0;
	bool rescued;

	pthread_mutex_lock(&pool->lock);
	while (pool->in_use > 0 && waited == 0)
		waited = pthread_cond_timedwait(&pool->all_back, &pool->lock, &until);
	rescued = pool->in_use == 0;
	pthread_mutex_unlock(&pool->lock);
	if (!rescued) /* a rescue still hangs on a server that does not react; it needs the pool, and the process is about to end */
		return;
	for (int i = 0; i < pool->n_places; i++)
		place_close(&pool->places[i]);
	pthread_cond_destroy(&pool->all_back);
	pthread_mutex_destroy(&pool->lock);
	g_free(pool->places);
	g_free(pool);
}

static struct place *
pop(struct place **stack)
{
	struct place *place = *stack;

	if (place != NULL)
		*stack = place->next;
	return place;
}

/* Takes `me` out of the line; the lock is held. */
static void
leave_line(struct pool *pool, struct waiter *me)
{
	struct waiter **at = &pool->first;

	while (*at != me)
		at = &(*at)->next;
	*at = me->next;
	if (pool->last == &me->next)
		pool->last = at;
}

/* Waits in the line until somebody hands a place over; the lock is held. */
static struct place *
wait_in_line(struct pool *pool, int64_t deadline)
{
	struct waiter me = { .got = NULL };
	struct timespec until = clock_timespec(deadline);
	int waited = 0;

	clock_cond_init(&me.cond);
	*pool->last = &me;
	pool->last = &me.next;
	while (me.got == NULL && waited == 0)
		waited = pthread_cond_timedwait(&me.cond, &pool->lock, &until);
	if (me.got == NULL)
		leave_line(pool, &me);
	pthread_cond_destroy(&me.cond);
	return me.got;
}

struct place *
pool_take(struct pool *pool, int64_t deadline)
{
	struct place *place;

	pthread_mutex_lock(&pool->lock);
	place = pop(&pool->open);
	if (place == NULL)
		place = pop(&pool->closed);
	if (place != NULL)
		pool->in_use++;
	else
		place = wait_in_line(pool, deadline);
	pthread_mutex_unlock(&pool->lock);
	return place;
}

bool
place_connect(struct place *place, int64_t deadline)
{
	static _Atomic int64_t last_told;
	g_autofree char *why = NULL;

	if (place->conn != NULL && conn_is_alive(place->conn))
		return true;
	place_close(place);
	place->conn = conn_open(deadline, &why);
	if (place->conn == NULL) {
		if (clock_once_a_second(&last_told))
			log_line(LOG_WARN, "no connection to the database: %s", why);
		return false;
	}
	atomic_fetch_add(&place->pool->n_open, 1);
	if (place->used_before)
		atomic_fetch_add(&place->pool->reconnects, 1);
	place->used_before = true;
	return true;
}

bool
pool_is_wanted(struct pool *pool)
{
	bool wanted;

	pthread_mutex_lock(&pool->lock);
	wanted = pool->first != NULL;
	pthread_mutex_unlock(&pool->lock);
	return wanted;
}

void
pool_give(struct place *place)
{
	struct pool *pool = place->pool;
	struct waiter *next;
	struct place **stack;

	if (place->conn != NULL && !conn_is_clean(place->conn))
		place_close(place);
	pthread_mutex_lock(&pool->lock);
	next = pool->first;
	if (next != NULL) {
		pool->first = next->next;
		if (pool->first == NULL)
			pool->last = &pool->first;
		next->got = place;
		pthread_cond_signal(&next->cond);
	} else {
		stack = place->conn != NULL ? &pool->open : &pool->closed;
		place->next = *stack;
		*stack = place;
		if (--pool->in_use == 0)
			pthread_cond_signal(&pool->all_back);
	}
	pthread_mutex_unlock(&pool->lock);
}

static void *
rescue(void *arg)
{
	struct place *place = arg;

	conn_cancel(place->conn, clock_ms() + RESCUE_MS);
	pool_give(place);
	return NULL;
}

void
pool_rescue(struct place *place)
{
	sigset_t all, before;
	pthread_attr_t attr;
	pthread_t thread;
	int failed;

	sigfillset(&all);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_sigmask(SIG_SETMASK, &all,
		&before); /* the program's signals are its main thread's business */
	failed = pthread_create(&thread, &attr, rescue, place);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	if (failed) {
		place_close(place); /* the server's own statement_timeout ends it */
		pool_give(place);
	}
}

void
pool_stats(struct pool *pool, struct pool_stats *out)
{
	pthread_mutex_lock(&pool->lock);
	out->in_use = pool->in_use;
	out->waiting = 0;
	for (const struct waiter *w = pool->first; w != NULL; w = w->next)
		out->waiting++;
	pthread_mutex_unlock(&pool->lock);
	out->open = atomic_load(&pool->n_open);
	out->reconnects = atomic_load(&pool->reconnects);
}
