/*
 * One request on its way in and its answer on the way out, the same for FastCGI (fcgi.c) and plain
 * CGI (cgi.c).
 */
#ifndef SHOETOPIA_HTTP_EXCHANGE_H
#define SHOETOPIA_HTTP_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct transport {
	void *self;
	/* A CGI variable; NULL if it is not there. The first of two wins. */
	const char *(*param)(void *self, const char *name);
	/* Reads up to `size` bytes of the body; 0 at its end, -1 when it broke off. */
	ssize_t (*read)(void *self, void *buffer, size_t size);
	/* Writes the answer, headers first, as CGI wants it. */
	void (*write)(void *self, const char *data, size_t size);
	/*
	 * For a response that another thread completes while this one serves other requests; all
	 * three NULL: not supported. can_detach: whether that is possible with this request.
	 * detach: reads the rest of the request and limits how long a write may block. complete:
	 * called by the other thread when all is written; the transport must not be used after it.
	 */
	bool (*can_detach)(void *self);
	void (*detach)(void *self);
	void (*complete)(void *self);
	/*
	 * Called once before the thread may block: gives up leadership, so that another thread
	 * waits for events. NULL: no other requests wait for this thread.
	 */
	void (*before_blocking)(void *self);
};

#endif
