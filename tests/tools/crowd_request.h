/* The requests of the program crowd, read from lines of JSON: see crowd.c. */
#ifndef SHOETOPIA_TOOLS_CROWD_REQUEST_H
#define SHOETOPIA_TOOLS_CROWD_REQUEST_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

enum { REQUESTS_MAX = 200000 };

struct request {
	char *method;
	char *url;
	char *body; /* NULL: none */
	struct curl_slist *headers;
};

/* Prints what is wrong and exits with status 1. detail may be empty. */
_Noreturn void die(const char *what, const char *detail);

/* Returns p; dies if it is NULL, because memory is exhausted. */
void *must(void *p);

/* Whether it is http://127.0.0.1:PORT or http://[::1]:PORT, without a path. */
bool base_is_loopback(const char *base);

/*
 * Reads standard input to its end; dies at the first line that is wrong, and if there is none. Free
 * with requests_free().
 */
struct request *requests_read(const char *base, size_t *count);

void requests_free(struct request *requests, size_t count);

#endif
