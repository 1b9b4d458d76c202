#include "db/pool.h"

#include <glib.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#include "base/log.h"
#include "db/clock.h"
#include "db/hosts.h"

enum {
	CANCEL_MS = 2000, /* time for a cancelled statement to end */
	CANCEL_MAX_MS =
		2500, /* time for that and for the request, before the connection is given up */
	CLOSE_WAIT_MS = 5000, /* pool_free(): for slots that are being cancelled */
};

struct pool_slot {
	struct conn *conn; /* the holder's; NULL: closed */
	bool used_before;  /* it has had a connection */
	struct pool_note note;
	struct pool *pool;
	struct pool_slot *next; /* in a stack of the pool */
};

/* A thread that waits for a slot; on its stack. */
struct waiter {
	pthread_cond_t cond;
	struct pool_slot *slot; /* set by the thread that hands one over */
	struct waiter *next;
};

struct pool {
	pthread_mutex_t lock;
	pthread_cond_t all_released;
	struct pool_slot *open;   /* free slots, the last used first: idle connections stay few */
	struct pool_slot *closed; /* free slots without a connection */
	struct waiter *first;
	struct waiter **last;
	struct pool_slot *slots;
	int n_slots;
	int lock_ms;                   /* of its connections; 0: as the role's */
	const struct conn_address *at; /* NULL: to where libpq's environment leads */
	atomic_bool failed;
	int in_use;
	atomic_int n_open;
	atomic_ulong reconnects;
};

struct pool *
pool_new(int n_slots, int lock_ms)
{
	struct pool *pool = g_new0(struct pool, 1);

	pthread_mutex_init(&pool->lock, NULL);
	clock_cond_init(&pool->all_released);
	pool->last = &pool->first;
	pool->n_slots = n_slots;
	pool->lock_ms = lock_ms;
	pool->slots = g_new0(struct pool_slot, n_slots);
	for (int i = 0; i < n_slots; i++) {
		pool->slots[i].pool = pool;
		pool->slots[i].next = pool->closed;
		pool->closed = &pool->slots[i];
	}
	return pool;
}

struct pool *
pool_new_at(int n_slots, const struct conn_address *at)
{
	struct pool *pool = pool_new(n_slots, 0);

	pool->at = at;
	return pool;
}

static void
slot_close(struct pool_slot *slot)
{
	if (slot->conn == NULL)
		return;
	conn_close(slot->conn);
	slot->conn = NULL;
	atomic_fetch_sub(&slot->pool->n_open, 1);
}

void
pool_free(struct pool *pool)
{
	struct timespec until = clock_timespec(clock_ms() + CLOSE_WAIT_MS);
	int waited = 0;
	bool unused;

	pthread_mutex_lock(&pool->lock);
	while (pool->in_use > 0 && waited == 0)
		waited = pthread_cond_timedwait(&pool->all_released, &pool->lock, &until);
	unused = pool->in_use == 0;
	pthread_mutex_unlock(&pool->lock);
	/* A server does not react to a cancel request: that thread still uses the pool */
	if (!unused)
		return;
	for (int i = 0; i < pool->n_slots; i++)
		slot_close(&pool->slots[i]);
	pthread_cond_destroy(&pool->all_released);
	pthread_mutex_destroy(&pool->lock);
	g_free(pool->slots);
	g_free(pool);
}

static struct pool_slot *
pop(struct pool_slot **stack)
{
	struct pool_slot *slot = *stack;

	if (slot != NULL)
		*stack = slot->next;
	return slot;
}

/* Removes a waiter from any position. The lock is held. */
static void
waiter_remove(struct pool *pool, struct waiter *me)
{
	struct waiter **at = &pool->first;

	while (*at != me)
		at = &(*at)->next;
	*at = me->next;
	if (pool->last == &me->next)
		pool->last = at;
}

/* Waits until a slot is handed over; NULL when the deadline passed. The lock is held. */
static struct pool_slot *
wait_for_slot(struct pool *pool, int64_t deadline)
{
	struct waiter me = { .slot = NULL };
	struct timespec until = clock_timespec(deadline);
	int waited = 0;

	clock_cond_init(&me.cond);
	*pool->last = &me;
	pool->last = &me.next;
	while (me.slot == NULL && waited == 0)
		waited = pthread_cond_timedwait(&me.cond, &pool->lock, &until);
	if (me.slot == NULL)
		waiter_remove(pool, &me);
	pthread_cond_destroy(&me.cond);
	return me.slot;
}

struct pool_slot *
pool_acquire(struct pool *pool, int64_t deadline)
{
	struct pool_slot *slot;

	pthread_mutex_lock(&pool->lock);
	slot = pop(&pool->open);
	if (slot == NULL)
		slot = pop(&pool->closed);
	if (slot != NULL)
		pool->in_use++;
	else
		slot = wait_for_slot(pool, deadline);
	pthread_mutex_unlock(&pool->lock);
	return slot;
}

/* Without the database nothing works; without a server for reads others answer: logged once. */
static void
log_unconnected(struct pool *pool, const char *why)
{
	static _Atomic int64_t last_logged;

	bool failed_before = atomic_exchange(&pool->failed, true);

	if (pool->at != NULL && !failed_before)
		log_line(LOG_WARN, "no connection to a reader: %s", why);
	else if (pool->at == NULL && clock_once_a_second(&last_logged))
		log_line(LOG_WARN, "no connection to the database: %s", why);
}

bool
pool_connect(struct pool_slot *slot, enum conn_use use, int64_t deadline)
{
	struct pool *pool = slot->pool;
	g_autofree char *why = NULL;

	if (slot->conn != NULL && conn_use(slot->conn) >= use && conn_is_alive(slot->conn))
		return true;
	slot_close(slot);
	slot->conn = pool->at != NULL ? conn_open_at(deadline, pool->at, &why)
				      : hosts_open(deadline, use, pool->lock_ms, &why);
	if (slot->conn == NULL) {
		log_unconnected(pool, why);
		return false;
	}
	atomic_store(&pool->failed, false);
	slot->note = (struct pool_note){ 0 };
	atomic_fetch_add(&slot->pool->n_open, 1);
	if (slot->used_before)
		atomic_fetch_add(&slot->pool->reconnects, 1);
	slot->used_before = true;
	return true;
}

struct conn *
pool_conn(const struct pool_slot *slot)
{
	return slot->conn;
}

struct pool_note *
pool_note(struct pool_slot *slot)
{
	return &slot->note;
}

bool
pool_failed(const struct pool *pool)
{
	return atomic_load(&pool->failed);
}

bool
pool_has_waiters(struct pool *pool)
{
	bool waited_for;

	pthread_mutex_lock(&pool->lock);
	waited_for = pool->first != NULL;
	pthread_mutex_unlock(&pool->lock);
	return waited_for;
}

void
pool_release(struct pool_slot *slot)
{
	struct pool *pool = slot->pool;
	struct waiter *next;
	struct pool_slot **stack;

	if (slot->conn != NULL && !conn_is_clean(slot->conn))
		slot_close(slot);
	pthread_mutex_lock(&pool->lock);
	next = pool->first;
	if (next != NULL) {
		pool->first = next->next;
		if (pool->first == NULL)
			pool->last = &pool->first;
		next->slot = slot;
		pthread_cond_signal(&next->cond);
	} else {
		stack = slot->conn != NULL ? &pool->open : &pool->closed;
		slot->next = *stack;
		*stack = slot;
		if (--pool->in_use == 0)
			pthread_cond_signal(&pool->all_released);
	}
	pthread_mutex_unlock(&pool->lock);
}

/* Starts a detached thread. It blocks all signals: the main thread handles them. */
static bool
start_thread(void *(*run)(void *), void *arg)
{
	sigset_t all, before;
	pthread_attr_t attr;
	pthread_t thread;
	int failed;

	sigfillset(&all);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	failed = pthread_create(&thread, &attr, run, arg);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	return failed == 0;
}

/* A cancel request, and the thread that waits for its end. The one that comes last frees it. */
struct cancel {
	pthread_mutex_t lock;
	pthread_cond_t ended;
	struct conn *conn;
	bool has_ended;
	bool given_up;
};

static struct cancel *
cancel_new(struct conn *conn)
{
	struct cancel *cancel = g_new0(struct cancel, 1);

	pthread_mutex_init(&cancel->lock, NULL);
	clock_cond_init(&cancel->ended);
	cancel->conn = conn;
	return cancel;
}

static void
cancel_free(struct cancel *cancel)
{
	pthread_cond_destroy(&cancel->ended);
	pthread_mutex_destroy(&cancel->lock);
	g_free(cancel);
}

static void *
cancel_send(void *arg)
{
	struct cancel *cancel = arg;
	bool given_up;

	conn_cancel(cancel->conn, clock_ms() + CANCEL_MS);
	pthread_mutex_lock(&cancel->lock);
	cancel->has_ended = true;
	given_up = cancel->given_up;
	pthread_cond_signal(&cancel->ended);
	pthread_mutex_unlock(&cancel->lock);
	if (given_up) {
		conn_close(cancel->conn);
		cancel_free(cancel);
	}
	return NULL;
}

/* False if it has not ended in time: then the other thread closes the connection. */
static bool
cancel_wait(struct cancel *cancel)
{
	struct timespec until = clock_timespec(clock_ms() + CANCEL_MAX_MS);
	bool has_ended;
	int waited = 0;

	pthread_mutex_lock(&cancel->lock);
	while (!cancel->has_ended && waited == 0)
		waited = pthread_cond_timedwait(&cancel->ended, &cancel->lock, &until);
	has_ended = cancel->has_ended;
	cancel->given_up = !has_ended;
	pthread_mutex_unlock(&cancel->lock);
	if (has_ended)
		cancel_free(cancel);
	return has_ended;
}

/*
 * A cancel request waits for as long as the server hangs. The slot does not: its next connection
 * may lead to another host.
 */
static void *
cancel_and_release(void *arg)
{
	struct pool_slot *slot = arg;
	struct cancel *cancel = cancel_new(slot->conn);

	if (!start_thread(cancel_send, cancel)) {
		cancel_free(cancel);
		slot_close(slot);
	} else if (!cancel_wait(cancel)) {
		slot->conn = NULL;
		atomic_fetch_sub(&slot->pool->n_open, 1);
	}
	pool_release(slot);
	return NULL;
}

void
pool_cancel(struct pool_slot *slot)
{
	if (!start_thread(cancel_and_release, slot)) {
		slot_close(slot); /* the role's statement_timeout ends the statement */
		pool_release(slot);
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
