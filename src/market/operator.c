/* What operators ask of a running program: its health, its contract. */
#include "market/operator.h"

#include <string.h>

#include "http/openapi.h"
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

enum err
get_openapi(struct request *req, struct answer *ans)
{
	g_autofree char *document = site_openapi(request_site(req));

	g_string_assign(ans->body, document);
	ans->type = "application/json";
	return ERR_NONE;
}
