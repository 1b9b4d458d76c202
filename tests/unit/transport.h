/*
 * A web server that is not there: gives the gate one request, written down as text, and takes the answer apart.
 *
 * A request is lines, then an empty line, then the body:
 *
 *     POST /api/shops?a=b
 *     Content-Type: application/json
 *     REMOTE_ADDR=127.0.0.1
 *
 *     {"name":"Heel"}
 *
 * "Name: value" is a header, NAME=value a CGI variable as it is. REQUEST_METHOD and REQUEST_URI come from the first line, CONTENT_LENGTH from the
 * body; a variable that is given wins over these. Used by the unit tests of the http room, and by the fuzzers.
 */
#ifndef SHOETOPIA_TEST_EXCHANGE_H
#define SHOETOPIA_TEST_EXCHANGE_H

#include <glib.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "http/transport.h"

struct talk {
	GHashTable *params; /* CGI variables */
	char *body;         /* of the request */
	size_t length;
	size_t taken;    /* how much of it was read */
	size_t piece;    /* the most that one read gives; 0: whatever is asked for */
	bool breaks_off; /* the body ends with an error */
	bool at_end;     /* a read met its end */
	unsigned writes;
	bool kept;               /* the connection: another thread may answer */
	bool plain;              /* an transport as plain CGI has it, where none can */
	bool left;               /* another thread answered, or still does */
	void (*when_left)(void); /* called once the gate has left it to that one; NULL */
	unsigned takes_time;     /* how often the gate said that it may take its time */
	atomic_uint ends;        /* how often it was said that all is written */
	sem_t ended;             /* posted each time */
	const char *misuse;      /* what was done with the transport that must not be; NULL */
	GString *out;            /* the whole answer */

	/* The answer, taken apart; texts live as long as the talk. */
	int status;
	GPtrArray *headers; /* "Name: value" */
	const char *page;   /* its body */
	size_t page_length;
};

/* Writes down a request of `length` bytes. Free with talk_free(). */
struct talk *talk_new(const char *text, size_t length);

/* Lets the gate answer, waits if another thread does, and takes the answer apart. NULL, or what is wrong with any answer like that. */
const char *talk_serve(struct talk *talk, const struct site *site);

/* The value of a header of the answer, the name in any case; NULL. */
const char *talk_header(const struct talk *talk, const char *name);

void talk_free(struct talk *talk);

#endif
