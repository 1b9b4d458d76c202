/*
 * One request on its way in and its answer on the way out, the same for FastCGI (fcgi.c) and plain CGI (cgi.c).
 */
#ifndef SHOETOPIA_HTTP_EXCHANGE_H
#define SHOETOPIA_HTTP_EXCHANGE_H

#include <stddef.h>
#include <sys/types.h>

struct site;

struct exchange {
	void *self;
	/* A CGI variable; NULL if it is not there. The first of two wins. */
	const char *(*param)(void *self, const char *name);
	/* Reads up to `size` bytes of the body; 0 at its end, -1 when it broke off. */
	ssize_t (*read)(void *self, void *buffer, size_t size);
	/* Writes the answer, headers first, as CGI wants it. */
	void (*write)(void *self, const char *data, size_t size);
	/*
	 * For an answer that another thread gives, while the one that serves sleeps until the next request has come. `next_fd`: what can be read then, or
	 * is closed at its other end; the body was read. -1: not with this request. `end`: all was written. Both NULL: not with any.
	 */
	int (*next_fd)(void *self);
	void (*end)(void *self);
};

/* Answers one request. Always reads its body to the end. */
void gate_serve(const struct site *site, const struct exchange *x);

#endif
