/* What operators ask of a running program: its health, its contract. */
#include "market/operator.h"

#include <string.h>

#include "base/json.h"
#include "http/docs.h"
#include "http/frame.h"
#include "http/html.h"
#include "http/openapi.h"
#include "market/answer.h"

#define DOCS_TITLE "The API, call by call"

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

enum err
show_docs(struct request *req, struct answer *ans)
{
	g_autofree char *document = site_openapi(request_site(req));
	g_autofree char *url = request_site_url(req);
	enum json_fault fault;
	const char *why;
	JSON_AUTO struct json *root = json_parse(document, strlen(document), &fault, &why);

	frame_begin(ans->body, DOCS_TITLE " \302\267 Shoetopia",
		"<link rel=\"stylesheet\" href=\"/docs.css\">\n", "/js/frame.js");
	html_element(ans->body, "h1", DOCS_TITLE);
	docs_write(ans->body, root, *url == '\0' ? "http://localhost" : url);
	frame_end(ans->body);
	ans->type = HTML_TYPE;
	return ERR_NONE;
}
