/*
 * Calls the site's background task periodically, in a thread of its own: a database that does not
 * answer must not delay the shutdown.
 */
#ifndef SHOETOPIA_HTTP_BACKGROUND_H
#define SHOETOPIA_HTTP_BACKGROUND_H

#include "http/http.h"

struct background;

/*
 * Starts the thread, if the site has a background task. A failure is logged; the server works
 * without it. Free with background_stop().
 */
struct background *background_start(const struct site *site);

/* Waits for the end of the call in progress, stops the thread and frees `b`. */
void background_stop(struct background *b);

#endif
