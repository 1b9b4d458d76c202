#include "market/metrics.h"

#include <glib.h>
#include <pthread.h>
#include <string.h>

#include "base/json.h"
#include "base/shared_counters.h"
#include "base/text.h"
#include "db/statement.h"
#include "http/stats.h"
#include "market/answer.h"
#include "market/reservation.h"

/* Prometheus's "family": all figures of one name. */
struct family {
	const char *name;
	const char *kind;
	const char *help;
};

static const struct family requests = { "requests_total", "counter",
	"Requests answered, by route and status." };
static const struct family seconds = { "request_seconds", "histogram",
	"Time from the receipt of a request to its response." };
static const struct family replays = { "replays_total", "counter",
	"Answers that were given again under an Idempotency-Key." };
static const struct family sales = { "sales_total", "counter", "Orders placed." };
static const struct family in_progress = { "requests_under_way", "gauge",
	"Requests that are being answered." };
static const struct family batches = { "batch_calls", "histogram",
	"Calls in a batch, by statement; each call counts up to the power of two above." };
static const struct family calls = { "db_calls_total", "counter",
	"Statements that the database answered." };
static const struct family retries = { "db_retries_total", "counter",
	"Statements run again after a deadlock or a serialization failure." };
static const struct family reconnects = { "db_reconnects_total", "counter",
	"Connections opened in place of lost ones." };
static const struct family busy = { "db_busy_total", "counter",
	"Calls given up for want of a connection or of time." };
static const struct family faults = { "db_faults_total", "counter",
	"Errors of the database that should not happen." };
static const struct family by_readers = { "db_reader_calls_total", "counter",
	"Statements that a standby answered." };
static const struct family connections = { "db_connections", "gauge",
	"Connections to the database, by state." };
static const struct family waiting = { "db_waiting", "gauge",
	"Calls queued for a batch, a stuck row or a connection." };
static const struct family freed = { "reservations_expired_total", "counter",
	"Pairs that returned to stock because their reservation expired." };

/* Receives the figures in an order that is always the same. `labels`: "" or {a="b"}. */
struct collector {
	void (*add)(struct collector *c, const struct family *family, const char *suffix,
		const char *labels, uint64_t value);
	bool named; /* it wants labels */
	size_t n;   /* figures so far */
	void *out;
};

static const struct site *site;

/* Labels, if they are wanted; g_free them. */
G_GNUC_PRINTF(2, 3)
static char *
labels_of(const struct collector *c, const char *format, ...)
{
	va_list args;
	char *labels;

	if (!c->named)
		return NULL;
	va_start(args, format);
	labels = g_strdup_vprintf(format, args);
	va_end(args);
	return labels;
}

/* ---- what there is ---- */

/* The routes below /api, and those at the root. */
static size_t
n_counted(void)
{
	return site->n_routes + site->n_root;
}

static const char *
route_name(size_t i)
{
	if (i < site->n_routes)
		return site->routes[i].name;
	return i < n_counted() ? site->root[i - site->n_routes].name : "none";
}

/* The routes, and at last those requests that match none. */
static size_t
route_number(size_t i)
{
	return i < n_counted() ? i : STATS_ROUTES_MAX - 1;
}

static void
collect_requests(struct collector *c)
{
	for (size_t i = 0; i <= n_counted(); i++) {
		struct route_stats stats;
		const char *name = route_name(i);

		http_stats_route(route_number(i), &stats);
		for (size_t k = 0; k < STATS_STATUSES; k++) {
			g_autofree char *labels =
				labels_of(c, "{route=\"%s\",status=\"%d\"}", name, stats_status(k));

			c->add(c, &requests, "", labels, stats.statuses[k]);
		}
	}
}

static void
collect_seconds(struct collector *c)
{
	for (size_t i = 0; i <= n_counted(); i++) {
		struct route_stats stats;
		const char *name = route_name(i);
		g_autofree char *route = labels_of(c, "{route=\"%s\"}", name);
		uint64_t n = 0;

		http_stats_route(route_number(i), &stats);
		for (size_t k = 0; k < STATS_BUCKETS; k++) {
			g_autofree char *labels =
				labels_of(c, "{route=\"%s\",le=\"%s\"}", name, stats_bound(k));

			c->add(c, &seconds, "_bucket", labels, n += stats.buckets[k]);
		}
		c->add(c, &seconds, "_sum", route, stats.microseconds);
		c->add(c, &seconds, "_count", route, n);
	}
}

static void
collect_replays(struct collector *c)
{
	uint64_t sold = 0;

	for (size_t i = 0; i < site->n_routes; i++) {
		struct route_stats stats;
		const char *name = route_name(i);
		g_autofree char *labels = labels_of(c, "{route=\"%s\"}", name);

		http_stats_route(i, &stats);
		c->add(c, &replays, "", labels, stats.replayed);
		for (size_t k = 0; strcmp(name, "checkout") == 0 && k < STATS_STATUSES; k++)
			if (stats_status(k) == 201 || stats_status(k) == 303)
				sold += stats.statuses[k];
		if (strcmp(name, "checkout") == 0)
			sold -= MIN(sold, stats.replayed);
	}
	c->add(c, &sales, "", "", sold);
}

static void
collect_batches(struct collector *c)
{
	for (int id = 1; id < SQL_COUNT; id++) {
		unsigned long sizes[DB_BATCH_BUCKETS];
		const char *name = statements[id].name;
		g_autofree char *statement = labels_of(c, "{statement=\"%s\"}", name);
		uint64_t n = 0;
		uint64_t sum = 0;

		if (!db_is_batched((enum sql_id)id))
			continue;
		db_batch_sizes(answer_db(), (enum sql_id)id, sizes);
		for (int k = 0; k < DB_BATCH_BUCKETS; k++) {
			g_autofree char *bound = k < DB_BATCH_BUCKETS - 1
				? g_strdup_printf("%d", (2 << k) - 1)
				: g_strdup("+Inf");
			g_autofree char *labels =
				labels_of(c, "{statement=\"%s\",le=\"%s\"}", name, bound);

			sum += sizes[k] << k;
			c->add(c, &batches, "_bucket", labels, n += sizes[k]);
		}
		c->add(c, &batches, "_sum", statement, sum);
		c->add(c, &batches, "_count", statement, n);
	}
}

static void
collect_database(struct collector *c)
{
	struct db_stats db;

	db_stats(answer_db(), &db);
	c->add(c, &calls, "", "", db.calls);
	c->add(c, &retries, "", "", db.retries);
	c->add(c, &reconnects, "", "", db.reconnects);
	c->add(c, &busy, "", "", db.busy);
	c->add(c, &faults, "", "", db.faults);
	c->add(c, &by_readers, "", "", db.by_readers);
	c->add(c, &connections, "", "{state=\"open\"}", (uint64_t)db.connections_open);
	c->add(c, &connections, "", "{state=\"in_use\"}", (uint64_t)db.connections_in_use);
	c->add(c, &waiting, "", "", (uint64_t)db.waiting);
}

static void
collect(struct collector *c)
{
	struct http_stats http;

	http_stats(&http);
	collect_requests(c);
	collect_seconds(c);
	collect_replays(c);
	c->add(c, &in_progress, "", "", (uint64_t)http.in_progress);
	collect_batches(c);
	collect_database(c);
	c->add(c, &freed, "", "", reservation_released());
}

/* ---- one process and all of them ---- */

/* Of all that follows, and of `site`. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct shared_counters shared;
static bool is_gauge[SHARED_COUNTERS_MAX];

/* The first pass: what there is. The same names in the same order are the same layout. */
static void
add_to_layout(struct collector *c, const struct family *family, const char *suffix,
	const char *labels, uint64_t value)
{
	g_autofree char *name = g_strconcat(family->name, suffix, labels, NULL);

	(void)value;
	if (c->n == SHARED_COUNTERS_MAX)
		g_error("SHARED_COUNTERS_MAX is too small");
	is_gauge[c->n++] = strcmp(family->kind, "gauge") == 0;
	shared.layout = shared.layout * 31 + g_str_hash(name);
}

static void
add_value(struct collector *c, const struct family *family, const char *suffix, const char *labels,
	uint64_t value)
{
	uint64_t *values = c->out;

	(void)family;
	(void)suffix;
	(void)labels;
	values[c->n++] = value;
}

/* The lock is held. */
static void
publish(void)
{
	g_autofree uint64_t *values = g_new0(uint64_t, SHARED_COUNTERS_MAX);
	struct collector own = { .add = add_value, .out = values };

	if (shared.n == 0) {
		struct collector layout = { .add = add_to_layout, .named = true };

		collect(&layout);
		shared.n = layout.n;
	}
	collect(&own);
	shared_counters_publish(&shared, values, is_gauge);
}

void
metrics_publish(void)
{
	pthread_mutex_lock(&lock);
	if (site != NULL)
		publish();
	pthread_mutex_unlock(&lock);
}

void
metrics_set_site(const struct site *of)
{
	pthread_mutex_lock(&lock);
	site = of;
	pthread_mutex_unlock(&lock);
}

/* ---- as text ---- */

struct text {
	GString *out;
	const struct family *last;
	const uint64_t *sums;
};

static void
append_head(GString *out, const struct family *family)
{
	g_string_append_printf(out, "# HELP shoetopia_%s %s\n# TYPE shoetopia_%s %s\n",
		family->name, family->help, family->name, family->kind);
}

/* Counters of what never happened are left out, but for those without labels. */
static void
add_text(struct collector *c, const struct family *family, const char *suffix, const char *labels,
	uint64_t value)
{
	struct text *text = c->out;

	value = text->sums[c->n++];
	if (value == 0 && *labels != '\0')
		return;
	if (text->last != family)
		append_head(text->out, family);
	text->last = family;
	g_string_append_printf(text->out, "shoetopia_%s%s%s ", family->name, suffix, labels);
	if (family == &seconds && strcmp(suffix, "_sum") == 0)
		g_string_append_printf(text->out, "%" G_GUINT64_FORMAT ".%06u\n", value / 1000000,
			(unsigned)(value % 1000000));
	else
		g_string_append_printf(text->out, "%" G_GUINT64_FORMAT "\n", value);
}

static void
append_one(GString *out, const struct family *family, const char *value)
{
	append_head(out, family);
	g_string_append_printf(out, "shoetopia_%s %s\n", family->name, value);
}

/* The audit's, unless the database does not answer. */
static void
append_audit(GString *out)
{
	static const struct family violations = { "audit_violations", "gauge",
		"Violations of invariants that the audit has found." };
	static const struct family age = { "audit_age_seconds", "gauge",
		"Since the audit last checked what is new; -1: not yet." };
	struct db_result row = { 0 };

	if (db_call(answer_db(), SQL_metrics_of_audit, NULL, 0, &row) == ERR_NONE) {
		append_one(out, &violations, db_result_get(&row, "violations"));
		append_one(out, &age, db_result_get(&row, "age_seconds"));
	}
	db_result_clear(&row);
}

static void
append_by_kind(
	GString *out, const struct family *family, const struct json *kinds, const char *member)
{
	append_head(out, family);
	for (const struct json *one = json_first_element(kinds); one != NULL;
		one = json_next_element(one)) {
		g_autofree char *value = json_plain(json_get(one, member));

		g_string_append_printf(out, "shoetopia_%s{kind=\"%s\"} %s\n", family->name,
			json_text(json_get(one, "kind")), value);
	}
}

/* The outbox's by kind, and payments that need attention; unless the database does not answer. */
static void
append_outbox(GString *out)
{
	static const struct family pending = { "outbox_pending", "gauge",
		"Rows of the outbox that wait to be done, by kind." };
	static const struct family flagged = { "outbox_flagged", "gauge",
		"Rows of the outbox that were given up, by kind." };
	static const struct family age = { "outbox_age_seconds", "gauge",
		"Age of the oldest row of the outbox that waits." };
	static const struct family payments = { "payments_flagged", "gauge",
		"Payments that need attention." };
	struct db_result row = { 0 };
	JSON_AUTO struct json *figures = NULL;
	enum json_fault fault;
	const char *why;

	if (db_call(answer_db(), SQL_metrics_of_outbox, NULL, 0, &row) == ERR_NONE)
		figures = json_parse(row.answer, strlen(row.answer), &fault, &why);
	db_result_clear(&row);
	if (figures != NULL) {
		g_autofree char *age_text = json_plain(json_get(figures, "age_seconds"));

		append_by_kind(out, &pending, json_get(figures, "kinds"), "pending");
		append_by_kind(out, &flagged, json_get(figures, "kinds"), "flagged");
		append_one(out, &age, age_text);
	}
	if (db_call(answer_db(), SQL_metrics_of_payments, NULL, 0, &row) == ERR_NONE)
		append_one(out, &payments, row.answer);
	db_result_clear(&row);
}

enum err
get_metrics(struct request *req, struct answer *ans)
{
	static const struct family processes = { "processes", "gauge",
		"Processes of the program that run on this machine." };
	g_autofree uint64_t *sums = g_new0(uint64_t, SHARED_COUNTERS_MAX);
	struct text text = { .out = ans->body, .sums = sums };
	struct collector c = { .add = add_text, .named = true, .out = &text };
	char running[INTEGER_SIZE];

	pthread_mutex_lock(&lock);
	site = request_site(req);
	publish();
	append_one(ans->body, &processes,
		text_of_integer(shared_counters_sum(&shared, is_gauge, sums), running));
	collect(&c);
	pthread_mutex_unlock(&lock);
	append_audit(ans->body);
	append_outbox(ans->body);
	ans->type = "text/plain; version=0.0.4; charset=utf-8";
	return ERR_NONE;
}
