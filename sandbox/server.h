/* HTTP: one thread for each connection, on loopback. */
#ifndef SHOETOPIA_SANDBOX_SERVER_H
#define SHOETOPIA_SANDBOX_SERVER_H

#include <netinet/in.h>

#include "sandbox/sandbox.h"

struct server;

/*
 * A socket that listens on an address; port 0 takes a free one, which it stores in `address`. -1 if
 * it cannot be used; says so in the log.
 */
int server_listen(struct sockaddr_in *address);

/*
 * Serves on a listening socket, which it takes over. `wake` is called with `data` after each call
 * that may have changed something.
 */
struct server *server_start(
	struct sandbox *sandbox, int listening, void (*wake)(void *data), void *data);

/* Completes the calls in progress. */
void server_stop(struct server *server);

#endif
