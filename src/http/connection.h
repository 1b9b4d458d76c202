/*
 * The web server's connections: taken up from a listening socket, and each request on them served. libfcgi reads and writes the requests. It would also
 * wait for connections, but with a thread for each, idle ones too; so it is given connections that are ours, one request after the other.
 */
#ifndef SHOETOPIA_HTTP_CONNECTION_H
#define SHOETOPIA_HTTP_CONNECTION_H

#include <fcgiapp.h>
#include <stdatomic.h>

#include "http/lead.h"
#include "http/transport.h"

enum { CONNECTIONS_MAX = 512 }; /* idle ones too; who comes then waits in the line of the socket */

/* Whoever has one (the leader, the thread that serves it, the one that answers) has it alone, until its next request is awaited. */
struct connection {
	struct connections *all;
	struct transport transport;
	FCGX_Request request;
	bool hasty; /* who writes there does not wait long: others wait for the same thread */
	bool ended; /* by us: what may still come could not be answered, and is not read */
	pthread_mutex_t lock; /* held while it is awaited: who hears of the event finds that done */
	bool idle;            /* under the lock: the next request is awaited */
	int quiet;            /* turns of a stop for which it was idle; the leader's */
	struct connection *next; /* of those that are not in use */
};

struct connections {
	struct lead *lead;
	const struct site *site;
	int fd; /* the listening socket */
	atomic_bool stopping;
	pthread_mutex_t lock;
	struct connection *free;
	int open;
	bool listening; /* for more of them */
	bool line_ended;
	struct connection list[CONNECTIONS_MAX];
};

/* New connections at `fd` are events of `all`, and requests on them are events of theirs. Makes `fd` non-blocking. False, with errno, if that cannot be. */
bool connections_open(struct connections *all, struct lead *lead, const struct site *site, int fd);
void connections_close(struct connections *all);

/*
 * The program stops, as any thread may say: connections are closed behind their next answer. `line`: those in the line of the socket, which takes nobody
 * more, are still served; else it is other processes' affair.
 */
void connections_stop(struct connections *all, bool line);

/* Whether none is open, and none will be. */
bool connections_gone(struct connections *all);

/* ---- for the leader ---- */

/* Takes up some that are in the line of the socket. */
void connections_accept(struct connections *all);

/* Serves the request whose event has come. It may leave the lead. */
void connection_serve(struct connection *c);

/* One of the turns of a stop in which nothing came: closes those that are idle for some of them. */
void connections_close_quiet(struct connections *all);

#endif
