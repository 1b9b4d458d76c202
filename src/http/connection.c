#include "http/connection.h"

#include <errno.h>
#include <fastcgi.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/secret.h"
#include "http/gate.h"

enum {
	ACCEPTED_MAX = 16,    /* in one go */
	ACCEPT_PAUSE_MS = 50, /* after it failed for want of descriptors or memory */
	SEND_SECONDS = 1,     /* how long a hasty writer waits for the web server to read */
	QUIET_TURNS =
		15, /* that a connection is idle before our side of it is closed, and again before it is cut */
	WHOLE_MAX = 16 * 1024, /* of a request that the leader reads itself */
};

/* ---- places for connections ---- */

/* Its next request, or its end, is an event, once. */
static bool
await(struct connection *c, int how)
{
	bool awaited;

	pthread_mutex_lock(&c->lock);
	awaited = lead_watch(c->all->lead, c->request.ipcFd, how, EPOLLIN | EPOLLONESHOT, c);
	c->idle = awaited;
	pthread_mutex_unlock(&c->lock);
	return awaited;
}

/* It is awaited no longer. */
static void
take(struct connection *c)
{
	pthread_mutex_lock(&c->lock);
	c->idle = false;
	c->quiet = 0;
	pthread_mutex_unlock(&c->lock);
}

/* Under the lock. */
static void
listen_for_more(struct connections *all, bool more)
{
	if (all->listening != more)
		lead_watch(all->lead, all->fd, EPOLL_CTL_MOD, more ? EPOLLIN : 0, all);
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

static bool
is_want(int why)
{
	return why == EMFILE || why == ENFILE || why == ENOBUFS || why == ENOMEM || why == ENOSPC;
}

/* What is to be done when nobody could be taken up, for `why`; true if one can try again. */
static bool
none_accepted(struct connections *all, int why)
{
	const struct timespec pause = { .tv_nsec = ACCEPT_PAUSE_MS * 1000000L };

	if (why == EINTR || why == ECONNABORTED)
		return true;
	if (atomic_load(&all->stopping) &&
		!is_want(why)) { /* the line is empty, and nobody can join it */
		line_ends(all);
	} else if (why != EAGAIN) {
		log_line(LOG_WARN, "cannot accept a connection: %s", strerror(why));
		nanosleep(&pause, NULL);
	}
	return false;
}

/* Has the next in the line of the socket in this place; 0, or why not. */
static int
accept_one(struct connection *c)
{
	int fd = accept4(c->all->fd, NULL, NULL, SOCK_CLOEXEC);
	int why;

	if (fd < 0)
		return errno;
	FCGX_InitRequest(&c->request, -1, 0);
	c->request.ipcFd = fd;
	c->request.keepConnection =
		1; /* or libfcgi would close it before it reads the first request, which tells */
	c->hasty = false;
	c->ended = false;
	c->quiet = 0;
	if (await(c, EPOLL_CTL_ADD))
		return 0;
	why = errno;
	close(fd);
	return why;
}

void
connections_accept(struct connections *all)
{
	for (int i = 0; i < ACCEPTED_MAX; i++) {
		struct connection *c = take_place(all);
		int why;

		if (c == NULL)
			return;
		why = accept_one(c);
		if (why == 0)
			continue;
		give_place(c);
		if (!none_accepted(all, why))
			return;
	}
}

/* ---- the end of one ---- */

/* Nothing more is sent, nor read; who has sent a request has no answer. */
static void
end(struct connection *c, int how)
{
	c->ended = true;
	shutdown(c->request.ipcFd, how);
}

/* Without a wait for the web server to close its side, as libfcgi would. */
static void
close_ended(struct connection *c)
{
	shutdown(c->request.ipcFd, SHUT_RDWR);
	FCGX_Free(&c->request, 1);
	give_place(c);
}

/* ---- the transport ---- */

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

		if (n <= 0) { /* the client has gone, or does not read; what was done stays done */
			if (c->hasty)
				end(c, SHUT_RDWR);
			return;
		}
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
	be_hasty(c, true);
}

/* libfcgi's memory is left to the thread that serves the next request. When the program stops there shall be none. */
static void
fcgi_complete(void *self)
{
	struct connection *c = self;
	bool last = atomic_load(
		&c->all->stopping); /* asked before the answer is out, behind which the next request comes */

	FCGX_FClose(c->request.err);
	if (FCGX_FClose(c->request.out) != 0)
		end(c, SHUT_RDWR);
	else if (last)
		end(c, SHUT_WR);
	await(c, EPOLL_CTL_MOD);
}

static void
fcgi_before_blocking(void *self)
{
	struct connection *c = self;

	lead_leave(c->all->lead);
	be_hasty(c, false);
}

/* ---- one request ---- */

/*
 * Whether these are the records of one request as a web server sends it, and all of them: its beginning, its parameters to an empty record, its body to an
 * empty record, all of one number. (struct FCGI_Header and FCGI_BeginRequestRecord of fastcgi.h.)
 */
static bool
are_a_request(const unsigned char *got, ssize_t n)
{
	int awaited = FCGI_BEGIN_REQUEST;

	for (ssize_t at = 0; at + FCGI_HEADER_LEN <= n;) {
		const unsigned char *record = got + at;
		int length = record[4] << 8 | record[5];
		ssize_t next = at + FCGI_HEADER_LEN + length + record[6];

		if (record[0] != FCGI_VERSION_1 || record[1] != awaited || record[2] != got[2] ||
			record[3] != got[3] || next > n)
			return false;
		if (awaited == FCGI_BEGIN_REQUEST) {
			if (length < 2 || record[8] != 0 || record[9] != FCGI_RESPONDER)
				return false;
			awaited = FCGI_PARAMS;
		} else if (length == 0 && awaited == FCGI_STDIN) {
			return true;
		} else if (length == 0) {
			awaited = FCGI_STDIN;
		}
		at = next;
	}
	return false;
}

/*
 * Whether a request has come as a whole, or the connection's end, so that to read it takes no time: nginx sends it at once, Apache passes a body on as its
 * client sends it. What is none of both may take what time it wants, of another thread.
 */
static bool
is_whole(int fd)
{
	unsigned char got[WHOLE_MAX];
	ssize_t n = recv(fd, got, sizeof got, MSG_PEEK | MSG_DONTWAIT);
	bool whole = n == 0 || are_a_request(got, n);

	if (n > 0)
		secret_wipe(got, (size_t)n);
	return whole;
}

void
connection_serve(struct connection *c)
{
	struct lead *lead = c->all->lead;
	FCGX_Request *request = &c->request;

	take(c);
	if (c->ended) {
		close_ended(c);
		return;
	}
	if (!is_whole(request->ipcFd))
		lead_leave(lead);
	FCGX_Detach(
		request); /* if it closes the connection now, it shall not wait for the other side to do so, too */
	if (FCGX_Accept_r(request) !=
		0) { /* closed by the web server, or for what came; and there is no other that libfcgi could accept */
		give_place(c);
		return;
	}
	FCGX_Attach(request);
	if (FCGX_GetError(request->in) == 0) {
		if (!gate_serve(c->all->site, &c->transport))
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

bool
connections_open(struct connections *all, struct lead *lead, const struct site *site, int fd)
{
	all->lead = lead;
	all->site = site;
	all->fd = fd;
	pthread_mutex_init(&all->lock, NULL);
	for (int i = CONNECTIONS_MAX - 1; i >= 0; i--) {
		struct connection *c = &all->list[i];

		c->all = all;
		pthread_mutex_init(&c->lock, NULL);
		c->transport = (struct transport){ .self = c,
			.param = fcgi_param,
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
	return fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) == 0 &&
		lead_watch(lead, fd, EPOLL_CTL_ADD, EPOLLIN, all);
}

void
connections_close(struct connections *all)
{
	for (int i = 0; i < CONNECTIONS_MAX; i++)
		pthread_mutex_destroy(&all->list[i].lock);
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
 * for a while, so that nobody will use it now. Some web servers do not look at idle connections: these are cut.
 */
void
connections_close_quiet(struct connections *all)
{
	for (int i = 0; i < CONNECTIONS_MAX; i++) {
		struct connection *c = &all->list[i];

		pthread_mutex_lock(&c->lock);
		if (c->idle && ++c->quiet % QUIET_TURNS == 0)
			end(c, c->quiet == QUIET_TURNS ? SHUT_WR : SHUT_RDWR);
		pthread_mutex_unlock(&c->lock);
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
