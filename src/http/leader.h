/*
 * Leader/followers thread pool.
 *
 * One thread, the leader, waits in epoll for the events of all connections and handles them inline.
 * The others, the followers, sleep. Before it may block the leader releases leadership; the next
 * event then wakes one follower, which becomes the leader. If no event comes meanwhile, no follower
 * is woken, and the first thread can acquire leadership again. So requests that do not block are
 * served one after another by one thread, without waking another for each.
 *
 * A process has one such pool: which thread leads is thread-local.
 */
#ifndef SHOETOPIA_HTTP_LEADER_H
#define SHOETOPIA_HTTP_LEADER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

struct leader;

/* No thread leads yet. NULL, with errno, on failure. */
struct leader *leader_new(void);

/* No thread may use it any more. */
void leader_free(struct leader *l);

/*
 * Adds, changes or removes the events of a descriptor; `op` and `events` are those of epoll_ctl().
 * Events are reported as `owner`. Callable from any thread. False, with errno, on failure: only
 * EPOLL_CTL_ADD can fail.
 */
bool leader_watch(struct leader *l, int fd, int op, uint32_t events, void *owner);

/* Waits until this thread is the leader, unless it is already. False: leader_end() was called. */
bool leader_acquire(struct leader *l);

/* Releases leadership, if this thread has it. */
void leader_release(struct leader *l);

/* ---- for the leader ---- */

/*
 * The owner of the next event; NULL: there was none for `timeout_ms` (-1: no limit), or the wait
 * was interrupted.
 */
void *leader_next_event(struct leader *l, int timeout_ms);

/*
 * No more events are to be handled: once leadership is released, leader_acquire() returns false in
 * every thread.
 */
void leader_end(struct leader *l);

#endif
