#include "sandbox/fault.h"

#include <glib.h>
#include <pthread.h>
#include <string.h>

#include "base/json.h"

enum {
	DELAY_MS_MAX = 600000,
	SETTLE_MS = 500, /* if it is not set */
};

struct faults {
	pthread_mutex_t lock;
	int64_t start;
	int64_t seed;
	double rates[FAULT_RATES];
	int64_t times_ms[TIME_COUNT];
	uint64_t decisions[FAULT_COUNT]; /* how many there were of each kind */
};

static const char *const rate_names[FAULT_RATES] = {
	[FAULT_LOSE_ANSWERS] = "lose_answers",
	[FAULT_ERRORS] = "errors",
	[FAULT_TOO_MANY] = "too_many",
	[FAULT_LOSE_EVENTS] = "lose_events",
	[FAULT_DOUBLE_EVENTS] = "double_events",
	[FAULT_REORDER_EVENTS] = "reorder_events",
	[FAULT_REFUSE_EXPIRES] = "refuse_expires",
	[FAULT_PENDING_REFUNDS] = "pending_refunds",
	[FAULT_FAIL_REFUNDS] = "fail_refunds",
};

static const char *const time_names[TIME_COUNT] = {
	[TIME_DELAY] = "delay_ms",
	[TIME_DELAY_EVENTS] = "delay_events_ms",
	[TIME_SETTLE_REFUNDS] = "settle_refunds_ms",
};

struct faults *
faults_new(const char *saved, int64_t start)
{
	struct faults *faults = g_new0(struct faults, 1);

	pthread_mutex_init(&faults->lock, NULL);
	faults->start = start;
	faults->times_ms[TIME_SETTLE_REFUNDS] = SETTLE_MS;
	if (saved != NULL)
		faults_set(faults, saved, strlen(saved));
	return faults;
}

void
faults_free(struct faults *faults)
{
	if (faults == NULL)
		return;
	pthread_mutex_destroy(&faults->lock);
	g_free(faults);
}

static size_t
index_of(const char *const *names, size_t n, const char *name)
{
	size_t i = 0;

	while (i < n && strcmp(names[i], name) != 0)
		i++;
	return i;
}

/* Sets one member; returns NULL or what is wrong with it. */
static const char *
set_member(struct faults *faults, const char *name, const struct json *value)
{
	size_t rate = index_of(rate_names, FAULT_RATES, name);
	size_t time = index_of(time_names, TIME_COUNT, name);

	if (strcmp(name, "seed") == 0)
		return json_int64(value, &faults->seed) ? NULL : "seed is an integer";
	if (time < TIME_COUNT) {
		int64_t ms;

		if (!json_int64(value, &ms) || ms < 0 || ms > DELAY_MS_MAX)
			return "a time is a number of milliseconds from 0 to 600000";
		faults->times_ms[time] = ms;
		return NULL;
	}
	if (rate == FAULT_RATES)
		return "there is no such fault; GET /sandbox/faults lists them";
	if (json_kind(value) != JSON_KIND_NUMBER ||
		!(json_number(value) >= 0 && json_number(value) <= 1))
		return "a rate is a number from 0 to 1";
	faults->rates[rate] = json_number(value);
	return NULL;
}

const char *
faults_set(struct faults *faults, const char *text, size_t length)
{
	struct faults wanted = { .times_ms[TIME_SETTLE_REFUNDS] = SETTLE_MS };
	enum json_fault fault;
	const char *why;
	JSON_AUTO struct json *root = json_parse(text, length, &fault, &why);

	if (root == NULL || json_kind(root) != JSON_KIND_OBJECT)
		return "the body is a JSON object";
	for (void *it = json_first(root); it != NULL; it = json_next(root, it))
		if ((why = set_member(&wanted, json_name(it), json_value(it))) != NULL)
			return why;
	pthread_mutex_lock(&faults->lock);
	faults->seed = wanted.seed;
	memcpy(faults->rates, wanted.rates, sizeof wanted.rates);
	memcpy(faults->times_ms, wanted.times_ms, sizeof wanted.times_ms);
	memset(faults->decisions, 0, sizeof faults->decisions);
	pthread_mutex_unlock(&faults->lock);
	return NULL;
}

char *
faults_dump(struct faults *faults)
{
	GString *out = g_string_new("{");
	char number[G_ASCII_DTOSTR_BUF_SIZE];

	pthread_mutex_lock(&faults->lock);
	g_string_append_printf(out, "\"seed\":%" G_GINT64_FORMAT, faults->seed);
	for (size_t i = 0; i < FAULT_RATES; i++)
		g_string_append_printf(out, ",\"%s\":%s", rate_names[i],
			g_ascii_formatd(number, sizeof number, "%.9g", faults->rates[i]));
	for (size_t i = 0; i < TIME_COUNT; i++)
		g_string_append_printf(
			out, ",\"%s\":%" G_GINT64_FORMAT, time_names[i], faults->times_ms[i]);
	pthread_mutex_unlock(&faults->lock);
	g_string_append_c(out, '}');
	return g_string_free(out, FALSE);
}

/* SplitMix64: all bits of the result depend on all bits of x. */
static uint64_t
mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15U;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
	return x ^ (x >> 31);
}

/* The next random number of a kind, from 0 to below 1. Call it with the lock. */
static double
next_random(struct faults *faults, enum fault fault)
{
	uint64_t x = mix((uint64_t)faults->seed);

	x = mix(x ^ (uint64_t)faults->start);
	x = mix(x ^ fault);
	x = mix(x ^ faults->decisions[fault]++);
	return (double)(x >> 11) * 0x1p-53;
}

bool
fault_happens(struct faults *faults, enum fault fault)
{
	bool happens;

	pthread_mutex_lock(&faults->lock);
	happens = next_random(faults, fault) < faults->rates[fault];
	pthread_mutex_unlock(&faults->lock);
	return happens;
}

bool
fault_flips(struct faults *faults)
{
	bool flips;

	pthread_mutex_lock(&faults->lock);
	flips = next_random(faults, FAULT_AFTER_EFFECT) < 0.5;
	pthread_mutex_unlock(&faults->lock);
	return flips;
}

int64_t
fault_time_ms(struct faults *faults, enum fault_time time)
{
	int64_t ms;

	pthread_mutex_lock(&faults->lock);
	ms = faults->times_ms[time];
	pthread_mutex_unlock(&faults->lock);
	return ms;
}

int64_t
fault_random_ms(struct faults *faults, int64_t max_ms)
{
	double random;

	pthread_mutex_lock(&faults->lock);
	random = next_random(faults, FAULT_TIMES);
	pthread_mutex_unlock(&faults->lock);
	return (int64_t)(random * (double)(max_ms + 1));
}
