/*
 * What the crowd is to ask: requests read from lines of JSON, see crowd.c.
 */
#ifndef CROWD_REQUEST_H
#define CROWD_REQUEST_H

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

/* Says what is wrong and ends the program with 1. detail may be empty. */
_Noreturn void die(const char *what, const char *detail);

/* Gives p back, and dies if it is NULL for want of memory. */
void *must(void *p);

/* http://127.0.0.1:PORT or http://[::1]:PORT, without a path: nothing else is ever spoken to. */
bool base_is_loopback(const char *base);

/* Reads standard input to its end; dies at the first line that is wrong, and if there is none. Free with requests_free. */
struct request *requests_read(const char *base, size_t *count);

void requests_free(struct request *requests, size_t count);

#endif
