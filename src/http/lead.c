#include "http/lead.h"

#include <sys/eventfd.h>
#include <unistd.h>

static _Thread_local bool leads; /* a process has one lead */

static bool
watch(int epoll_fd, int how, int fd, uint32_t events, void *whose)
{
	struct epoll_event event = { .events = events, .data.ptr = whose };

	return epoll_ctl(epoll_fd, how, fd, &event) == 0;
}

bool
lead_open(struct lead *l)
{
	*l = (struct lead){ .events_fd = epoll_create1(EPOLL_CLOEXEC),
		.vacancy_fd = epoll_create1(EPOLL_CLOEXEC),
		.left_fd = eventfd(1, EFD_CLOEXEC) };
	pthread_mutex_init(&l->lock, NULL);
	return l->events_fd >= 0 && l->vacancy_fd >= 0 && l->left_fd >= 0 &&
		watch(l->vacancy_fd, EPOLL_CTL_ADD, l->events_fd, 0, NULL) &&
		watch(l->vacancy_fd, EPOLL_CTL_ADD, l->left_fd, 0, NULL);
}

void
lead_close(struct lead *l)
{
	close(l->events_fd);
	close(l->vacancy_fd);
	close(l->left_fd);
	pthread_mutex_destroy(&l->lock);
}

bool
lead_watch(struct lead *l, int fd, int how, uint32_t events, void *whose)
{
	return watch(l->events_fd, how, fd, events, whose);
}

/* Who is woken for a vacancy may find it taken again; then it waits for the next one. */
bool
lead_take(struct lead *l)
{
	struct epoll_event event;

	while (!leads) {
		pthread_mutex_lock(&l->lock);
		leads = !l->taken;
		l->taken = true;
		if (leads)
			watch(l->vacancy_fd, EPOLL_CTL_MOD, l->events_fd, 0, NULL);
		pthread_mutex_unlock(&l->lock);
		if (!leads)
			epoll_wait(l->vacancy_fd, &event, 1, -1);
	}
	return !l->over;
}

/* One thread is woken, once; but all of them when all is over. */
void
lead_leave(struct lead *l)
{
	if (!leads)
		return;
	leads = false;
	pthread_mutex_lock(&l->lock);
	l->taken = false;
	if (l->over)
		watch(l->vacancy_fd, EPOLL_CTL_MOD, l->left_fd, EPOLLIN, NULL);
	else
		watch(l->vacancy_fd, EPOLL_CTL_MOD,
			l->next < l->n_events ? l->left_fd : l->events_fd, EPOLLIN | EPOLLONESHOT,
			NULL);
	pthread_mutex_unlock(&l->lock);
}

void *
lead_next(struct lead *l, int timeout_ms)
{
	if (l->next >= l->n_events) {
		l->next = 0;
		l->n_events = epoll_wait(l->events_fd, l->events, LEAD_EVENTS_MAX, timeout_ms);
	}
	return l->next < l->n_events ? l->events[l->next++].data.ptr : NULL;
}

void
lead_end(struct lead *l)
{
	l->over = true;
}
