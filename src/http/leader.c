#include "http/leader.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { EVENTS_MAX = 64 }; /* fetched by one epoll_wait() */

struct leader {
	pthread_mutex_t lock;
	bool taken;          /* under the lock: a thread leads */
	bool ended;          /* set by the leader, under the lock */
	int events_fd;       /* an epoll: the events of all connections */
	int wake_fd;         /* an epoll: ready if an event must be handled and no thread leads */
	int always_ready_fd; /* an eventfd that is always readable */
	/* the leader's */
	struct epoll_event events[EVENTS_MAX];
	int n_events, next;
};

static _Thread_local bool is_leader;

static bool
watch(int epoll_fd, int op, int fd, uint32_t events, void *owner)
{
	struct epoll_event event = { .events = events, .data.ptr = owner };

	return epoll_ctl(epoll_fd, op, fd, &event) == 0;
}

struct leader *
leader_new(void)
{
	struct leader *l = calloc(1, sizeof *l);

	if (l == NULL)
		return NULL;
	l->events_fd = epoll_create1(EPOLL_CLOEXEC);
	l->wake_fd = epoll_create1(EPOLL_CLOEXEC);
	l->always_ready_fd = eventfd(1, EFD_CLOEXEC);
	pthread_mutex_init(&l->lock, NULL);
	if (l->events_fd >= 0 && l->wake_fd >= 0 && l->always_ready_fd >= 0 &&
		watch(l->wake_fd, EPOLL_CTL_ADD, l->events_fd, 0, NULL) &&
		watch(l->wake_fd, EPOLL_CTL_ADD, l->always_ready_fd, 0, NULL))
		return l;
	leader_free(l);
	return NULL;
}

void
leader_free(struct leader *l)
{
	close(l->events_fd);
	close(l->wake_fd);
	close(l->always_ready_fd);
	pthread_mutex_destroy(&l->lock);
	free(l);
}

bool
leader_watch(struct leader *l, int fd, int op, uint32_t events, void *owner)
{
	return watch(l->events_fd, op, fd, events, owner);
}

/*
 * A follower that is woken may find that another thread leads again; it then waits for the next
 * wake-up. After the end no thread becomes the leader: when all of 256 woken threads did so one
 * after the other, it took more than 8 s on a busy machine.
 */
bool
leader_acquire(struct leader *l)
{
	struct epoll_event event;
	bool ended = false;

	while (!is_leader && !ended) {
		pthread_mutex_lock(&l->lock);
		ended = l->ended;
		is_leader = !ended && !l->taken;
		l->taken |= is_leader;
		if (is_leader)
			watch(l->wake_fd, EPOLL_CTL_MOD, l->events_fd, 0, NULL);
		pthread_mutex_unlock(&l->lock);
		if (!is_leader && !ended)
			epoll_wait(l->wake_fd, &event, 1, -1);
	}
	return is_leader && !l->ended;
}

/*
 * Arms the wake-up of one follower: at once if events that were fetched are not handled yet, else
 * by the next event. After the end it wakes all of them.
 */
void
leader_release(struct leader *l)
{
	if (!is_leader)
		return;
	is_leader = false;
	pthread_mutex_lock(&l->lock);
	l->taken = false;
	if (l->ended)
		watch(l->wake_fd, EPOLL_CTL_MOD, l->always_ready_fd, EPOLLIN, NULL);
	else
		watch(l->wake_fd, EPOLL_CTL_MOD,
			l->next < l->n_events ? l->always_ready_fd : l->events_fd,
			EPOLLIN | EPOLLONESHOT, NULL);
	pthread_mutex_unlock(&l->lock);
}

void *
leader_next_event(struct leader *l, int timeout_ms)
{
	if (l->next >= l->n_events) {
		l->next = 0;
		l->n_events = epoll_wait(l->events_fd, l->events, EVENTS_MAX, timeout_ms);
	}
	return l->next < l->n_events ? l->events[l->next++].data.ptr : NULL;
}

void
leader_end(struct leader *l)
{
	pthread_mutex_lock(&l->lock);
	l->ended = true;
	pthread_mutex_unlock(&l->lock);
}
