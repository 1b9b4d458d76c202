/*
 * Bounds the threads that read requests whose rest has not arrived yet: a web server that passes
 * bodies on as they come (Apache) would otherwise let clients that stall hold all threads. nginx
 * passes complete requests.
 */
#ifndef SHOETOPIA_HTTP_SLOW_REQUEST_H
#define SHOETOPIA_HTTP_SLOW_REQUEST_H

#include <stdbool.h>

/* A quarter of this process's threads, at least one, may read such requests at a time. */
void slow_request_set_threads(int n_threads);

/*
 * This thread is about to read one from `fd`. False: as many threads as may do so already, and for
 * 50 ms none of them ends, nor does the rest arrive, as that of a client that does not stall does.
 */
bool slow_request_begin(int fd);

/* This thread has read all of it; does nothing if it reads none. */
void slow_request_end(void);

#endif
