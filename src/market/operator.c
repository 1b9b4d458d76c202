/* What operators ask of a running program: its health, its metrics, its contract. */
#include "market/operator.h"

#include <string.h>
#include <unistd.h>

#include "http/openapi.h"
#include "http/stats.h"
#include "market/answer.h"

static const struct member health_members[] = {
	{ "status", IS_TEXT },
	{ 0 },
};

const struct answer_schema health_schema = { "Health", health_members };

static const char *const health_purposes[] = { "writing", "reading", NULL };

const struct field health_fields[] = {
	{ "for", FIELD_CHOICE, .choices = health_purposes, .default_value = "writing",
		.api_only = true },
	{ 0 },
};

enum err
get_health(struct request *req, struct answer *ans)
{
	bool reading = strcmp(request_text(req, "for"), "reading") == 0;
	enum err e = db_probe(answer_db(), reading ? SQL_health_reading : SQL_health);

	if (e == ERR_NONE)
		g_string_assign(ans->body, "{\"status\":\"ok\"}");
	return e;
}

static void
metric(GString *out, const char *name, const char *kind, const char *help)
{
	g_string_append_printf(
		out, "# HELP shoetopia_%s %s\n# TYPE shoetopia_%s %s\n", name, help, name, kind);
}

enum err
get_metrics(struct request *req, struct answer *ans)
{
	struct http_stats http;
	struct db_stats db;
	GString *out = ans->body;
	int pid = (int)getpid();

	(void)req;
	http_stats(&http);
	db_stats(answer_db(), &db);
	metric(out, "requests_total", "counter", "Requests answered, by class of status.");
	for (int class = 2; class <= 5; class ++)
		g_string_append_printf(out,
			"shoetopia_requests_total{process=\"%d\",class=\"%dxx\"} %lu\n", pid, class,
			http.answered[class]);
	metric(out, "requests_under_way", "gauge", "Requests that are being answered.");
	g_string_append_printf(
		out, "shoetopia_requests_under_way{process=\"%d\"} %d\n", pid, http.in_progress);
	metric(out, "db_calls_total", "counter", "Statements that the database answered.");
	g_string_append_printf(
		out, "shoetopia_db_calls_total{process=\"%d\"} %lu\n", pid, db.calls);
	metric(out, "db_retries_total", "counter",
		"Statements run again after a deadlock or a serialization failure.");
	g_string_append_printf(
		out, "shoetopia_db_retries_total{process=\"%d\"} %lu\n", pid, db.retries);
	metric(out, "db_reconnects_total", "counter", "Connections opened in place of lost ones.");
	g_string_append_printf(
		out, "shoetopia_db_reconnects_total{process=\"%d\"} %lu\n", pid, db.reconnects);
	metric(out, "db_busy_total", "counter",
		"Calls given up for want of a connection or of time.");
	g_string_append_printf(out, "shoetopia_db_busy_total{process=\"%d\"} %lu\n", pid, db.busy);
	metric(out, "db_faults_total", "counter", "Errors of the database that should not happen.");
	g_string_append_printf(
		out, "shoetopia_db_faults_total{process=\"%d\"} %lu\n", pid, db.faults);
	metric(out, "db_connections", "gauge", "Connections to the database, by state.");
	g_string_append_printf(out,
		"shoetopia_db_connections{process=\"%d\",state=\"open\"} %d\n"
		"shoetopia_db_connections{process=\"%d\",state=\"in_use\"} %d\n",
		pid, db.connections_open, pid, db.connections_in_use);
	metric(out, "db_waiting", "gauge", "Calls queued for a batch or for a connection.");
	g_string_append_printf(
		out, "shoetopia_db_waiting{process=\"%d\"} %d\n", pid, (int)db.waiting);
	ans->type = "text/plain; version=0.0.4; charset=utf-8";
	return ERR_NONE;
}

enum err
get_openapi(struct request *req, struct answer *ans)
{
	g_autofree char *document = site_openapi(request_site(req));

	g_string_assign(ans->body, document);
	ans->type = "application/json";
	return ERR_NONE;
}
