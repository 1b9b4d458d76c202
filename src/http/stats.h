/*
 * Counters of the requests of this process. Thread-safe.
 */
#ifndef SHOETOPIA_HTTP_STATS_H
#define SHOETOPIA_HTTP_STATS_H

struct http_stats {
	unsigned long
		answered[6]; /* since the start of the process, by class of status: index 1 to 5 */
	int in_progress;
};

/* Reads the counters. */
void http_stats(struct http_stats *out);

/* A request was received. */
void stats_request_begun(void);

/* Its response has been sent. */
void stats_request_ended(void);

/* Its response will have this status; called before it is sent. */
void stats_request_answered(int status);

#endif
