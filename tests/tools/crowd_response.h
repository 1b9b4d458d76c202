/* A line of output of the program crowd: see crowd.c. */
#ifndef SHOETOPIA_TOOLS_CROWD_RESPONSE_H
#define SHOETOPIA_TOOLS_CROWD_RESPONSE_H

#include <curl/curl.h>
#include <stddef.h>

struct response {
	size_t index;     /* of the request */
	CURL *easy;       /* for status and headers; NULL: there was no response */
	const char *body; /* NULL if body_size is 0 */
	size_t body_size;
	double latency_ms, done_ms;
	int unknown;       /* attempts without an outcome */
	const char *error; /* why there is no complete response; NULL */
};

/* Prints it as a line of JSON. */
void response_print(const struct response *response);

#endif
