/*
 * The FastCGI server: worker threads, connections of the web server, and a graceful shutdown.
 */
#ifndef SHOETOPIA_HTTP_FCGI_H
#define SHOETOPIA_HTTP_FCGI_H

#include <stdbool.h>

#include "http/http.h"

/*
 * Serves FastCGI on the listening socket `fd` with `n_threads` threads until SIGTERM or SIGINT,
 * then shuts down gracefully: completes the requests in progress, for at most 30 s. `owns_socket`:
 * this process opened the socket and shares it with no other, so it also serves the connections in
 * its listen backlog. Blocks all signals in the calling thread. Returns an exit status.
 */
int fcgi_serve(const struct site *site, int fd, bool owns_socket, int n_threads);

/*
 * Opens a listening Unix socket at `path`, mode 0660, and replaces one that is there. -1, logged,
 * on failure.
 */
int fcgi_listen(const char *path, int backlog);

/*
 * The listening socket that the parent passes: standard input, as FastCGI process managers do, or
 * descriptor 3 with LISTEN_PID and LISTEN_FDS, as systemd does. -1: none.
 */
int fcgi_inherited_socket(void);

#endif
