/*
 * A fake web server: gives the gate one request, written as text, and parses the response.
 *
 * A request is lines, then an empty line, then the body:
 *
 *     POST /api/shops?a=b
 *     Content-Type: application/json
 *     REMOTE_ADDR=127.0.0.1
 *     {"name":"Heel"}
 *
 * "Name: value" is a header, NAME=value a CGI variable. REQUEST_METHOD and REQUEST_URI come from
 * the first line, CONTENT_LENGTH from the body; a variable that is given overrides these. Used by
 * the unit tests of the HTTP layer and by the fuzzers.
 */
#ifndef SHOETOPIA_TEST_TRANSPORT_H
#define SHOETOPIA_TEST_TRANSPORT_H

#include <glib.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "http/http.h"
#include "http/transport.h"

struct talk {
	GHashTable *params; /* CGI variables */
	char *body;         /* of the request */
	size_t length;
	size_t taken;    /* bytes of it that were read */
	size_t piece;    /* the most that one read gives; 0: whatever is asked for */
	bool breaks_off; /* the body ends with an error */
	bool at_end;     /* a read met its end */
	unsigned writes;
	bool kept;                  /* the connection: another thread may complete the response */
	bool plain;                 /* as plain CGI, where none can */
	bool detached;              /* detach was called */
	bool pending;               /* the gate left the response to another thread */
	void (*when_pending)(void); /* called after that; NULL */
	unsigned before_blocking_calls; /* of before_blocking */
	atomic_uint completions;        /* calls of complete */
	sem_t completed;                /* posted each time */
	const char *misuse;             /* a rule of the transport that was broken; NULL */
	GString *out;                   /* the whole response */

	/* The response, parsed; texts live as long as the talk. */
	int status;
	GPtrArray *headers; /* "Name: value" */
	const char *page;   /* its body */
	size_t page_length;
};

/* Parses a request of `length` bytes. Free with talk_free(). */
struct talk *talk_new(const char *text, size_t length);

/*
 * Has the gate serve it, waits if another thread completes the response, and parses it. NULL, or
 * what is wrong with it by rules that hold for every response.
 */
const char *talk_serve(struct talk *talk, const struct site *site);

/* The value of a header of the response, the name in any case; NULL. */
const char *talk_header(const struct talk *talk, const char *name);

void talk_free(struct talk *talk);

#endif
