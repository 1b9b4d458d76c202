/*
 * How one request is read and its response written: over FastCGI (connection.c) or plain CGI
 * (cgi.c). Every function gets `self`.
 */
#ifndef SHOETOPIA_HTTP_TRANSPORT_H
#define SHOETOPIA_HTTP_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct transport {
	void *self;
	/* A CGI variable, the first of several with this name; NULL if there is none. */
	const char *(*param)(void *self, const char *name);
	/* Whether there are several variables with this name. NULL: there never are. */
	bool (*is_repeated)(void *self, const char *name);
	/* Reads up to `size` bytes of the body; 0 at its end, -1 if it ended early. */
	ssize_t (*read)(void *self, void *buffer, size_t size);
	/* Writes the response as in CGI: a Status line, headers, body. */
	void (*write)(void *self, const char *data, size_t size);
	/*
	 * For a response that another thread completes while this one serves other requests; all
	 * three NULL: not supported. can_detach: whether complete() will not block; a thread that
	 * may block need not ask. detach: reads the rest of the request and limits how long a write
	 * may block. complete: called by the other thread when all is written; the transport must
	 * not be used after it.
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
