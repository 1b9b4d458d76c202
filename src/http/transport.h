/*
 * One request on its way in and its answer on the way out, the same for FastCGI (fcgi.c) and plain CGI (cgi.c).
 */
#ifndef SHOETOPIA_HTTP_EXCHANGE_H
#define SHOETOPIA_HTTP_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct site;

struct transport {
	void *self;
	/* A CGI variable; NULL if it is not there. The first of two wins. */
	const char *(*param)(void *self, const char *name);
	/* Reads up to `size` bytes of the body; 0 at its end, -1 when it broke off. */
	ssize_t (*read)(void *self, void *buffer, size_t size);
	/* Writes the answer, headers first, as CGI wants it. */
	void (*write)(void *self, const char *data, size_t size);
	/*
	 * For an answer that another thread gives, while the one that serves goes on to other requests. `may_leave`: whether that can be with this
	 * request; it reads what is left of it, and makes the connection ready. `end`: all was written; the transport is not used any more. Both
	 * NULL: not with any.
	 */
	bool (*may_leave)(void *self);
	void (*end)(void *self);
	/* From here on it may take its time: who else has come must not have to wait for this thread. NULL: nobody has. */
	void (*take_time)(void *self);
};

/* Answers one request. Always reads its body to the end. False if another thread answers it, or has; `x` is its own from then on. */
bool gate_serve(const struct site *site, const struct transport *x);

#endif
