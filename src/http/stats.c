#include "http/stats.h"

#include <glib.h>
#include <stdatomic.h>

static const int statuses[STATS_STATUSES - 1] = { 200, 201, 204, 303, 304, 400, 401, 403, 404, 405,
	406, 409, 412, 413, 415, 422, 428, 429, 500, 503 };

static const struct bound {
	int64_t microseconds;
	const char *seconds;
} bounds[STATS_BUCKETS] = {
	{ 1000, "0.001" },
	{ 2500, "0.0025" },
	{ 5000, "0.005" },
	{ 10000, "0.01" },
	{ 25000, "0.025" },
	{ 50000, "0.05" },
	{ 100000, "0.1" },
	{ 250000, "0.25" },
	{ 500000, "0.5" },
	{ 1000000, "1" },
	{ 2500000, "2.5" },
	{ 5000000, "5" },
	{ 10000000, "10" },
	{ INT64_MAX, "+Inf" },
};

static struct {
	atomic_ulong answered[6];
	atomic_int in_progress;
	struct {
		_Atomic uint64_t statuses[STATS_STATUSES];
		_Atomic uint64_t buckets[STATS_BUCKETS];
		_Atomic uint64_t microseconds;
		_Atomic uint64_t replayed;
	} routes[STATS_ROUTES_MAX];
} counters;

void
http_stats(struct http_stats *out)
{
	for (int i = 0; i < 6; i++)
		out->answered[i] = atomic_load(&counters.answered[i]);
	out->in_progress = atomic_load(&counters.in_progress);
}

void
http_stats_route(size_t route, struct route_stats *out)
{
	for (size_t i = 0; i < STATS_STATUSES; i++)
		out->statuses[i] = atomic_load(&counters.routes[route].statuses[i]);
	for (size_t i = 0; i < STATS_BUCKETS; i++)
		out->buckets[i] = atomic_load(&counters.routes[route].buckets[i]);
	out->microseconds = atomic_load(&counters.routes[route].microseconds);
	out->replayed = atomic_load(&counters.routes[route].replayed);
}

int
stats_status(size_t i)
{
	return i < G_N_ELEMENTS(statuses) ? statuses[i] : 0;
}

const char *
stats_bound(size_t i)
{
	return bounds[i].seconds;
}

static size_t
index_of_status(int status)
{
	size_t i = 0;

	while (i < G_N_ELEMENTS(statuses) && statuses[i] != status)
		i++;
	return i;
}

static size_t
index_of_time(int64_t microseconds)
{
	size_t i = 0;

	while (microseconds > bounds[i].microseconds)
		i++;
	return i;
}

static void
increment(_Atomic uint64_t *counter, uint64_t n)
{
	atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

int64_t
stats_request_begun(void)
{
	atomic_fetch_add(&counters.in_progress, 1);
	return g_get_monotonic_time();
}

void
stats_request_answered(size_t route, int status, bool replayed, int64_t begun)
{
	int64_t microseconds = g_get_monotonic_time() - begun;

	if (route >= STATS_ROUTES_MAX)
		route = STATS_ROUTES_MAX - 1;
	atomic_fetch_add(&counters.answered[status / 100 % 6], 1);
	increment(&counters.routes[route].statuses[index_of_status(status)], 1);
	increment(&counters.routes[route].buckets[index_of_time(microseconds)], 1);
	increment(&counters.routes[route].microseconds, (uint64_t)MAX(microseconds, 0));
	if (replayed)
		increment(&counters.routes[route].replayed, 1);
}

void
stats_request_ended(void)
{
	atomic_fetch_sub(&counters.in_progress, 1);
}
