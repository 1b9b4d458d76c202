#include "http/stats.h"

#include <stdatomic.h>

static struct {
	atomic_ulong answered[6];
	atomic_int in_progress;
} counters;

void
http_stats(struct http_stats *out)
{
	for (int i = 0; i < 6; i++)
		out->answered[i] = atomic_load(&counters.answered[i]);
	out->in_progress = atomic_load(&counters.in_progress);
}

void
stats_request_begun(void)
{
	atomic_fetch_add(&counters.in_progress, 1);
}

void
stats_request_answered(int status)
{
	atomic_fetch_add(&counters.answered[status / 100 % 6], 1);
}

void
stats_request_ended(void)
{
	atomic_fetch_sub(&counters.in_progress, 1);
}
