/*
 * Counters of the requests of this process, since its start. Thread-safe.
 */
#ifndef SHOETOPIA_HTTP_STATS_H
#define SHOETOPIA_HTTP_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	STATS_ROUTES_MAX = 256, /* the last one: requests that match no route */
	STATS_STATUSES = 24,    /* the last one: any other */
	STATS_BUCKETS = 14,     /* of time; the last one has no bound */
};

struct http_stats {
	unsigned long answered[6]; /* by class of status: index 1 to 5 */
	int in_progress;
};

struct route_stats {
	uint64_t statuses[STATS_STATUSES];
	uint64_t buckets[STATS_BUCKETS];
	uint64_t microseconds; /* in all */
	uint64_t replayed;     /* answers that were kept under a key */
};

/* Reads the counters of all requests, or of those of a route. */
void http_stats(struct http_stats *out);
void http_stats_route(size_t route, struct route_stats *out);

/* The status of element i of `statuses`; 0: any other. */
int stats_status(size_t i);

/* The bound of element i of `buckets`, in seconds: "0.005", "+Inf". */
const char *stats_bound(size_t i);

/* A request was received; returns the time, for stats_request_answered(). */
int64_t stats_request_begun(void);

/* Its response has been sent. */
void stats_request_ended(void);

/* Its response will have this status; called before it is sent. `route`: its index in the site. */
void stats_request_answered(size_t route, int status, bool replayed, int64_t begun);

#endif
