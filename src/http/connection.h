/*
 * The connections of the web server: accepted from the listening socket, and each request on them
 * served.
 *
 * libfcgi reads and writes the requests. It would also accept and wait, but with one thread per
 * connection, idle ones included; so this file accepts, waits for events, and gives libfcgi one
 * connection for one request at a time.
 *
 * A connection belongs to one thread at a time: the leader, the thread that serves its request, or
 * the one that completes a detached request; until the event of its next request is armed.
 */
#ifndef SHOETOPIA_HTTP_CONNECTION_H
#define SHOETOPIA_HTTP_CONNECTION_H

#include "http/http.h"
#include "http/leader.h"

struct connection;
struct connections;

/*
 * From now on connections at the listening socket `fd` are events of the returned value, and
 * requests on them events of their struct connection. Makes `fd` non-blocking. NULL, with errno, on
 * failure.
 */
struct connections *connections_new(struct leader *leader, const struct site *site, int fd);

/* All connections must be closed. */
void connections_free(struct connections *all);

/*
 * Starts a graceful shutdown; callable from any thread. Each connection closes after its next
 * response. `drain_backlog`: also serve the connections that are in the listen backlog already;
 * false if other processes share the socket and accept them.
 */
void connections_stop(struct connections *all, bool drain_backlog);

/* Whether none is open and none will be accepted. */
bool connections_all_closed(struct connections *all);

/* ---- for the leader ---- */

/* Accepts some connections from the listen backlog. */
void connections_accept(struct connections *all);

/* Serves the request, or the end, that is the event of this connection. May release leadership. */
void connection_serve(struct connection *c);

/* One tick of a shutdown without events: closes connections that have been idle for some ticks. */
void connections_close_idle(struct connections *all);

#endif
