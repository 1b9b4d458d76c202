#include "http/connection.h"

#include <errno.h>
#include <fastcgi.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "base/log.h"

enum {
	ACCEPTED_MAX = 16,     /* in one go */
	ACCEPT_PAUSE_MS = 50,  /* after it failed for want of descriptors or memory */
	SEND_SECONDS = 1,      /* how long a hasty writer waits for the web server to read */
	QUIET_TURNS = 15,      /* that a connection is idle before it is closed */
	WHOLE_MAX = 16 * 1024, /* of a request that the leader reads itself */
};

/* ---- places for connections ---- */

/* Its next request, or its end, is an event, once. */
static void
await(struct connection *c, int how)
{
	atomic_store(&c->idle, true);
	lead_watch(c->all->lead, c->request.ipcFd, how, EPOLLIN | EPOLLONESHOT, c);
}

/* Under the lock. */
static void
listen_for_more(struct connections *all, bool more)
{
	if (all->listening != more)
		lead_watch(all->lead, all->fd, more ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, EPOLLIN, all);
	all->listening = more;
}

/* NULL: all are in use. Then nobody listens for more until one is free. */
static struct connection *
take_place(struct connections *all)
{
	struct connection *c;

	pthread_mutex_lock(&all->lock);
	c = all->free;
	if (c != NULL) {
		all->free = c->next;
		all->open++;
	} else {
		listen_for_more(all, false);
	}
	pthread_mutex_unlock(&all->lock);
	return c;
}

static void
give_place(struct connection *c)
{
	struct connections *all = c->all;

	pthread_mutex_lock(&all->lock);
	c->next = all->free;
	all->free = c;
	all->open--;
	if (!all->line_ended)
		listen_for_more(all, true);
	pthread_mutex_unlock(&all->lock);
}

static void
line_ends(struct connections *all)
{
	pthread_mutex_lock(&all->lock);
	all->line_ended = true;
	listen_for_more(all, false);
	pthread_mutex_unlock(&all->lock);
}

/* What is to be done when nobody could be taken up; true if one can try again. */
static bool
none_accepted(struct connections *all)
{
	const struct timespec pause = { .tv_nsec = ACCEPT_PAUSE_MS * 1000000L };

	switch (errno) {
	case EINTR:
	case ECONNABORTED:
		return true;
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
		log_line(LOG_WARN, "cannot accept a connection: %s", strerror(errno));
		nanosleep(&pause, NULL);
		return false;
	default:
		if (atomic_load(&all->stopping)) /* the line is empty, and nobody can join it */
			line_ends(all);
		return false;
	}
}

void
connections_accept(struct connections *all)
{
	for (int i = 0; i < ACCEPTED_MAX; i++) {
		struct connection *c = take_place(all);
		int fd;

		if (c == NULL)
			return;
		fd = accept4(all->fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0) {
			int why = errno;

			give_place(c);
			errno = why;
			if (none_accepted(all))
				continue;
			return;
		}
		FCGX_InitRequest(&c->request, -1, 0);
		c->request.ipcFd = fd;
		c->request.keepConnection = 1; /* or libfcgi would close it before it reads the first request, which tells */
		c->hasty = false;
		c->quiet = 0;
		await(c, EPOLL_CTL_ADD);
	}
}

/* ---- the exchange ---- */

static const char *
fcgi_param(void *self, const char *name)
{
	struct connection *c = self;

	return FCGX_GetParam(name, c->request.envp);
}

static ssize_t
fcgi_read(void *self, void *buffer, size_t size)
{
	struct connection *c = self;
	int n = FCGX_GetStr(buffer, (int)size, c->request.in);

	return n > 0 ? n : FCGX_GetError(c->request.in) != 0 ? -1 : 0;
}

static void
fcgi_write(void *self, const char *data, size_t size)
{
	struct connection *c = self;

	while (size > 0) {
		int n = FCGX_PutStr(data, (int)(size > 65536 ? 65536 : size), c->request.out);

		if (n <= 0)
			return; /* the client has gone; what was done stays done */
		data += n;
		size -= (size_t)n;
	}
}

/* What the body still holds would be read as the next request's records. */
static void
drain(struct connection *c)
{
	char piece[512]; /* the gate leaves nothing, mostly */

	while (FCGX_GetStr(piece, sizeof piece, c->request.in) > 0)
		;
}

static void
be_hasty(struct connection *c, bool hasty)
{
	const struct timeval send = { .tv_sec = hasty ? SEND_SECONDS : 0 };

	if (c->hasty != hasty)
		setsockopt(c->request.ipcFd, SOL_SOCKET, SO_SNDTIMEO, &send, sizeof send);
	c->hasty = hasty;
}

/* One that is not kept is closed by who serves it, since that may take its time. */
static bool
fcgi_may_leave(void *self)
{
	struct connection *c = self;

	if (!c->request.keepConnection || atomic_load(&c->all->stopping))
		return false;
	drain(c);
	be_hasty(c, true);
	return true;
}

/* libfcgi's memory is left to the thread that serves the next request. When the program stops there shall be none. */
static void
fcgi_end(void *self)
{
	struct connection *c = self;

	FCGX_FClose(c->request.err);
	FCGX_FClose(c->request.out);
	if (atomic_load(&c->all->stopping))
		shutdown(c->request.ipcFd, SHUT_WR);
	await(c, EPOLL_CTL_MOD);
}

static void
fcgi_take_time(void *self)
{
	struct connection *c = self;

	lead_leave(c->all->lead);
	be_hasty(c, false);
}

/* ---- one request ---- */

/*
 * Whether a request has come as a whole, or the connection's end, so that to read it takes no time: nginx sends it at once, Apache passes a body on as its
 * client sends it. A record has 8 bytes before it, with its type and length, and the last of a request is an empty one of its body.
 */
static bool
is_whole(int fd)
{
	unsigned char got[WHOLE_MAX];
	ssize_t n = recv(fd, got, sizeof got, MSG_PEEK | MSG_DONTWAIT);

	for (ssize_t at = 0; at + FCGI_HEADER_LEN <= n;) {
		const unsigned char *record = got + at;
		int length = record[4] << 8 | record[5];

		if (record[1] == FCGI_STDIN && length == 0)
			return true;
		at += FCGI_HEADER_LEN + length + record[6];
	}
	return n == 0;
}

void
connection_serve(struct connection *c)
{
	struct lead *lead = c->all->lead;
	FCGX_Request *request = &c->request;

	atomic_store(&c->idle, false);
	c->quiet = 0;
	if (!is_whole(request->ipcFd))
		lead_leave(lead);
	if (FCGX_Accept_r(request) != 0) { /* the web server has closed it, and there is no other that libfcgi could accept */
		give_place(c);
		return;
	}
	if (FCGX_GetError(request->in) == 0) {
		if (!gate_serve(c->all->site, &c->exchange))
			return;
		drain(c);
	}
	lead_leave(lead);
	if (atomic_load(&c->all->stopping))
		request->keepConnection = 0;
	FCGX_Finish_r(request);
	if (request->ipcFd >= 0)
		await(c, EPOLL_CTL_MOD);
	else
		give_place(c);
}

/* ---- all of them ---- */

void
connections_open(struct connections *all, struct lead *lead, const struct site *site, int fd)
{
	all->lead = lead;
	all->site = site;
	all->fd = fd;
	pthread_mutex_init(&all->lock, NULL);
	for (int i = CONNECTIONS_MAX - 1; i >= 0; i--) {
		struct connection *c = &all->list[i];

		c->all = all;
		c->exchange = (struct exchange){
			.self = c, .param = fcgi_param, .read = fcgi_read, .write = fcgi_write, .may_leave = fcgi_may_leave, .end = fcgi_end, .take_time = fcgi_take_time
		};
		c->next = all->free;
		all->free = c;
	}
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	pthread_mutex_lock(&all->lock);
	listen_for_more(all, true);
	pthread_mutex_unlock(&all->lock);
}

void
connections_close(struct connections *all)
{
	pthread_mutex_destroy(&all->lock);
}

void
connections_stop(struct connections *all, bool line)
{
	atomic_store(&all->stopping, true);
	if (line)
		shutdown(all->fd, SHUT_RD);
	else
		line_ends(all);
}

/*
 * A connection that is closed just when the next request is sent loses it. So a crowd's are closed behind an answer, and an idle one only when it was idle
 * for a while, so that nobody will use it now.
 */
void
connections_close_quiet(struct connections *all)
{
	for (int i = 0; i < CONNECTIONS_MAX; i++) {
		struct connection *c = &all->list[i];

		if (atomic_load(&c->idle) && ++c->quiet == QUIET_TURNS)
			shutdown(c->request.ipcFd, SHUT_WR);
	}
}

bool
connections_gone(struct connections *all)
{
	bool gone;

	pthread_mutex_lock(&all->lock);
	gone = all->line_ended && all->open == 0;
	pthread_mutex_unlock(&all->lock);
	return gone;
}
