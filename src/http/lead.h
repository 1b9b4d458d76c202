/*
 * The lead among threads: one of them waits for events and takes them, one by one. Before it does what may take its time it leaves the lead; another
 * thread has it as soon as something comes. If nothing does, nobody is woken, and who left may be back before.
 */
#ifndef SHOETOPIA_HTTP_LEAD_H
#define SHOETOPIA_HTTP_LEAD_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

enum { LEAD_EVENTS_MAX = 64 }; /* taken from the kernel in one go */

struct lead {
	pthread_mutex_t lock;
	bool taken;
	int events_fd;  /* an epoll: all that may come */
	int vacancy_fd; /* an epoll: something came, and nobody leads */
	int left_fd;    /* can always be read: something is left that had come before */
	/* the leader's */
	struct epoll_event events[LEAD_EVENTS_MAX];
	int n_events, next;
	bool over;
};

/* False, with errno, if the kernel refuses it. Nobody leads yet. */
bool lead_open(struct lead *l);

/* No thread may be inside any more. */
void lead_close(struct lead *l);

/* Events at `fd` have something to do with `whose`; `how` and `events` as epoll_ctl() has them. Any thread may say so. False, with errno: only an
 * EPOLL_CTL_ADD can be refused. */
bool lead_watch(struct lead *l, int fd, int how, uint32_t events, void *whose);

/* Waits until this thread leads, if it does not yet. False: all is over. */
bool lead_take(struct lead *l);

/* Leaves the lead, if this thread has it. */
void lead_leave(struct lead *l);

/* For the leader: whose event comes next; NULL: none came in so many milliseconds (-1: there is no limit). */
void *lead_next(struct lead *l, int timeout_ms);

/* The leader says that nothing more is to be done: as soon as it leaves, each thread is told so by its lead_take(). */
void lead_end(struct lead *l);

#endif
