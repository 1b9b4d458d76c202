#include "http/connection.h"

#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "http/fcgi_record.h"
#include "http/gate.h"
#include "http/slow_request.h"
#include "http/socket.h"

enum {
	CONNECTIONS_MAX = 512, /* idle ones included; more stay in the listen backlog */
	ACCEPTED_MAX = 16,     /* for one event */
	ACCEPT_PAUSE_MS = 50,  /* after a failure for lack of descriptors or memory */
	SEND_SECONDS = 1,      /* send timeout of detached requests */
	/* ticks of a shutdown until an idle connection's sending side closes, then both sides */
	IDLE_TICKS = 15,
};

struct connection {
	struct connections *all;
	struct transport transport;
	FCGX_Request request;
	/* a write fails after SEND_SECONDS: the thread has responses of others to send */
	bool send_timeout;
	bool ended; /* shut down by us: more requests could not be answered, so they are not read */
	/* held while the event is armed: the thread that gets the event sees `idle` set */
	pthread_mutex_t lock;
	bool idle;               /* under the lock: the event of its next request is armed */
	int idle_ticks;          /* under the lock: ticks of a shutdown since it became idle */
	struct connection *next; /* in the free list */
};

struct connections {
	struct leader *leader;
	const struct site *site;
	int fd; /* the listening socket */
	atomic_bool stopping;
	pthread_mutex_t lock; /* of all that follows */
	struct connection *free;
	int open;
	bool listening; /* events of `fd` are armed */
	bool backlog_drained;
	struct connection list[CONNECTIONS_MAX];
};

/* ---- the pool of connections ---- */

/* Arms one event, the next request or the end; then another thread may have the connection. */
static bool
arm_event(struct connection *c, int op)
{
	bool armed;

	pthread_mutex_lock(&c->lock);
	armed = leader_watch(c->all->leader, c->request.ipcFd, op, EPOLLIN | EPOLLONESHOT, c);
	c->idle = armed;
	pthread_mutex_unlock(&c->lock);
	return armed;
}

static void
set_busy(struct connection *c)
{
	pthread_mutex_lock(&c->lock);
	c->idle = false;
	c->idle_ticks = 0;
	pthread_mutex_unlock(&c->lock);
}

/* Under the lock. */
static void
set_listening(struct connections *all, bool listening)
{
	if (all->listening != listening)
		leader_watch(all->leader, all->fd, EPOLL_CTL_MOD, listening ? EPOLLIN : 0, all);
	all->listening = listening;
}

/* NULL: all are in use. Events of the listening socket are then disabled until one is free. */
static struct connection *
connection_take(struct connections *all)
{
	struct connection *c;

	pthread_mutex_lock(&all->lock);
	c = all->free;
	if (c != NULL) {
		all->free = c->next;
		all->open++;
	} else {
		set_listening(all, false);
	}
	pthread_mutex_unlock(&all->lock);
	return c;
}

static void
connection_put(struct connection *c)
{
	struct connections *all = c->all;

	pthread_mutex_lock(&all->lock);
	c->next = all->free;
	all->free = c;
	all->open--;
	if (!all->backlog_drained)
		set_listening(all, true);
	pthread_mutex_unlock(&all->lock);
}

static void
stop_accepting(struct connections *all)
{
	pthread_mutex_lock(&all->lock);
	all->backlog_drained = true;
	set_listening(all, false);
	pthread_mutex_unlock(&all->lock);
}

/* Handles the failure of an accept; true if the next one may succeed. */
static bool
accept_failed(struct connections *all, int error)
{
	const struct timespec pause = { .tv_nsec = ACCEPT_PAUSE_MS * 1000000L };

	if (error == EINTR || error == ECONNABORTED)
		return true;
	if (atomic_load(&all->stopping) && !socket_is_shortage(error)) {
		stop_accepting(all); /* the backlog is empty and takes no more */
	} else if (error != EAGAIN) {
		log_line(LOG_WARN, "cannot accept a connection: %s", strerror(error));
		nanosleep(&pause, NULL);
	}
	return false;
}

/* Accepts a connection from the backlog; 0, or the error number. */
static int
accept_one(struct connection *c)
{
	int fd = accept4(c->all->fd, NULL, NULL, SOCK_CLOEXEC);
	int error;

	if (fd < 0)
		return errno;
	FCGX_InitRequest(&c->request, -1, 0);
	c->request.ipcFd = fd;
	c->request.keepConnection = 1; /* else libfcgi closes it before the first request */
	c->send_timeout = false;
	c->ended = false;
	c->idle_ticks = 0;
	if (arm_event(c, EPOLL_CTL_ADD))
		return 0;
	error = errno;
	close(fd);
	return error;
}

void
connections_accept(struct connections *all)
{
	for (int i = 0; i < ACCEPTED_MAX; i++) {
		struct connection *c = connection_take(all);
		int error;

		if (c == NULL)
			return;
		error = accept_one(c);
		if (error == 0)
			continue;
		connection_put(c);
		if (!accept_failed(all, error))
			return;
	}
}

/* ---- closing ---- */

/* Shuts down one or both directions. Requests that were sent get no response. */
static void
shut_down(struct connection *c, int how)
{
	c->ended = true;
	shutdown(c->request.ipcFd, how);
}

/* Does not wait for the web server to close its side, as libfcgi would. */
static void
close_ended(struct connection *c)
{
	shutdown(c->request.ipcFd, SHUT_RDWR);
	FCGX_Free(&c->request, 1);
	connection_put(c);
}

/* ---- the transport ---- */

static const char *
fcgi_param(void *self, const char *name)
{
	struct connection *c = self;

	return FCGX_GetParam(name, c->request.envp);
}

static bool
fcgi_is_repeated(void *self, const char *name)
{
	return fcgi_has_repeated(((struct connection *)self)->request.envp, name);
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

		/* the client is gone, or does not read; the transaction stays committed */
		if (n <= 0) {
			if (c->send_timeout)
				shut_down(c, SHUT_RDWR);
			return;
		}
		data += n;
		size -= (size_t)n;
	}
}

/* Reads the rest of the body, which would be parsed as the records of the next request. */
static void
drain(struct connection *c)
{
	char buffer[512]; /* small: the gate has usually read all of it */

	while (FCGX_GetStr(buffer, sizeof buffer, c->request.in) > 0)
		;
}

static void
set_send_timeout(struct connection *c, bool on)
{
	if (c->send_timeout != on)
		socket_set_send_timeout(c->request.ipcFd, on ? SEND_SECONDS : 0);
	c->send_timeout = on;
}

/* Not if the connection closes after the response: closing may block. */
static bool
fcgi_can_detach(void *self)
{
	struct connection *c = self;

	return c->request.keepConnection && !atomic_load(&c->all->stopping);
}

static void
fcgi_detach(void *self)
{
	struct connection *c = self;

	drain(c);
	set_send_timeout(c, true);
}

/* Ends the request, and the connection unless it is kept. */
static void
finish(struct connection *c)
{
	FCGX_Finish_r(&c->request);
	if (c->request.ipcFd >= 0)
		arm_event(c, EPOLL_CTL_MOD);
	else
		connection_put(c);
}

/*
 * libfcgi's buffers are freed by the thread that serves the next request, if there may be one. A
 * connection that is not kept closes here, without waiting for the web server to close its side.
 */
static void
fcgi_complete(void *self)
{
	struct connection *c = self;
	/* read before the response is flushed: the next request may come right after it */
	bool last = atomic_load(&c->all->stopping);

	if (!c->request.keepConnection) {
		FCGX_Detach(&c->request);
		finish(c);
		return;
	}
	FCGX_FClose(c->request.err);
	if (FCGX_FClose(c->request.out) != 0)
		shut_down(c, SHUT_RDWR);
	else if (last)
		shut_down(c, SHUT_WR);
	arm_event(c, EPOLL_CTL_MOD);
}

static void
fcgi_before_blocking(void *self)
{
	struct connection *c = self;

	slow_request_end();
	leader_release(c->all->leader);
	set_send_timeout(c, false);
}

/* ---- one request ---- */

void
connection_serve(struct connection *c)
{
	FCGX_Request *request = &c->request;

	set_busy(c);
	if (!c->ended && !fcgi_is_readable_at_once(request->ipcFd)) {
		leader_release(c->all->leader);
		c->ended = !slow_request_begin(request->ipcFd); /* refused: 503 */
	}
	if (c->ended) {
		close_ended(c);
		return;
	}
	fcgi_check_reads();
	/* detached: if libfcgi closes the connection, it does not wait for the other side */
	FCGX_Detach(request);
	if (FCGX_Accept_r(request) != 0) { /* closed by the web server, or for an invalid request */
		connection_put(c);
		return;
	}
	FCGX_Attach(request);
	if (FCGX_GetError(request->in) == 0) {
		if (!gate_serve(c->all->site, &c->transport))
			return;
		drain(c);
	}
	leader_release(c->all->leader);
	if (atomic_load(&c->all->stopping))
		request->keepConnection = 0;
	finish(c);
}

/* ---- all connections ---- */

struct connections *
connections_new(struct leader *leader, const struct site *site, int fd)
{
	struct connections *all = FCGX_Init() == 0 ? calloc(1, sizeof *all) : NULL;

	if (all == NULL)
		return NULL;
	all->leader = leader;
	all->site = site;
	all->fd = fd;
	pthread_mutex_init(&all->lock, NULL);
	for (int i = CONNECTIONS_MAX - 1; i >= 0; i--) {
		struct connection *c = &all->list[i];

		c->all = all;
		pthread_mutex_init(&c->lock, NULL);
		c->transport = (struct transport){ .self = c,
			.param = fcgi_param,
			.is_repeated = fcgi_is_repeated,
			.read = fcgi_read,
			.write = fcgi_write,
			.can_detach = fcgi_can_detach,
			.detach = fcgi_detach,
			.complete = fcgi_complete,
			.before_blocking = fcgi_before_blocking };
		c->next = all->free;
		all->free = c;
	}
	all->listening = true;
	if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) == 0 &&
		leader_watch(leader, fd, EPOLL_CTL_ADD, EPOLLIN, all))
		return all;
	connections_free(all);
	return NULL;
}

void
connections_free(struct connections *all)
{
	for (int i = 0; i < CONNECTIONS_MAX; i++)
		pthread_mutex_destroy(&all->list[i].lock);
	pthread_mutex_destroy(&all->lock);
	free(all);
}

void
connections_stop(struct connections *all, bool drain_backlog)
{
	atomic_store(&all->stopping, true);
	if (drain_backlog)
		shutdown(all->fd, SHUT_RD);
	else
		stop_accepting(all);
}

/*
 * If a connection closes just when the web server sends the next request, that request is lost. So
 * busy connections close after a response, and an idle one only after it was idle for some time.
 * Some web servers do not notice that our sending side is closed: then both are, later.
 */
void
connections_close_idle(struct connections *all)
{
	for (int i = 0; i < CONNECTIONS_MAX; i++) {
		struct connection *c = &all->list[i];

		pthread_mutex_lock(&c->lock);
		if (c->idle && ++c->idle_ticks % IDLE_TICKS == 0)
			shut_down(c, c->idle_ticks == IDLE_TICKS ? SHUT_WR : SHUT_RDWR);
		pthread_mutex_unlock(&c->lock);
	}
}

bool
connections_all_closed(struct connections *all)
{
	bool closed;

	pthread_mutex_lock(&all->lock);
	closed = all->backlog_drained && all->open == 0;
	pthread_mutex_unlock(&all->lock);
	return closed;
}
