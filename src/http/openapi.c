#include "http/openapi.h"

#include <string.h>

#include "base/json.h"
#include "http/field.h"
#include "http/money.h"
#include "http/route.h"

/* ---- fields as JSON Schema ---- */

#define DOLLARS_SCHEMA "{\"type\":\"string\",\"pattern\":\"^[0-9]+([.][0-9]{1,2})?$\"}"

static void
enum_append(GString *out, const char *const *choices)
{
	g_string_append(out, ",\"enum\":[");
	for (const char *const *c = choices; *c != NULL; c++) {
		if (c != choices)
			g_string_append_c(out, ',');
		json_append_quoted(out, *c);
	}
	g_string_append_c(out, ']');
}

static void fields_schema(GString *out, const struct field *fields, bool form);

/* The schema of one value of a field, which may be repeated. */
static void
field_value_schema(GString *out, const struct field *f)
{
	switch (f->kind) {
	case FIELD_INTEGER:
	case FIELD_MONEY:
		g_string_append_printf(out,
			"{\"type\":\"integer\",\"minimum\":%" G_GINT64_FORMAT
			",\"maximum\":%" G_GINT64_FORMAT "%s}",
			f->min, f->max, f->not_zero ? ",\"not\":{\"const\":0}" : "");
		break;
	case FIELD_HALF_STEPS:
		g_string_append_printf(out,
			"{\"type\":\"number\",\"minimum\":%d,\"maximum\":%d,\"multipleOf\":0.5}",
			(int)f->min, (int)f->max);
		break;
	case FIELD_BOOL:
		g_string_append(out, "{\"type\":\"boolean\"}");
		break;
	case FIELD_TIME:
		g_string_append(out, "{\"type\":\"string\",\"format\":\"date-time\"}");
		break;
	case FIELD_EMAIL:
		g_string_append(
			out, "{\"type\":\"string\",\"format\":\"email\",\"maxLength\":254}");
		break;
	case FIELD_COUNTRY:
		g_string_append(out, "{\"type\":\"string\",\"pattern\":\"^[A-Za-z]{2}$\"}");
		break;
	case FIELD_CHOICE:
		g_string_append(out, "{\"type\":\"string\"");
		enum_append(out, f->choices);
		g_string_append_c(out, '}');
		break;
	case FIELD_ITEMS:
		fields_schema(out, f->of, false);
		break;
	default:
		g_string_append_printf(out,
			"{\"type\":\"string\",\"minLength\":%d,\"maxLength\":%d%s}", (int)f->min,
			(int)f->max, f->kind == FIELD_PASSWORD ? ",\"format\":\"password\"" : "");
		break;
	}
}

static void
field_schema(GString *out, const struct field *f)
{
	if (!f->repeated && f->kind != FIELD_ITEMS) {
		field_value_schema(out, f);
		return;
	}
	g_string_append(out, "{\"type\":\"array\",\"items\":");
	field_value_schema(out, f);
	g_string_append_printf(
		out, ",\"minItems\":%u,\"maxItems\":%u}", f->at_least, field_at_most(f));
}

/* The schema of money as dollars, after a comma: ,"price":{...}. */
static void
dollars_schema(GString *out, const struct field *f)
{
	g_autofree char *name = money_dollars_name(f);

	g_string_append_printf(out, ",\"%s\":" DOLLARS_SCHEMA, name);
}

/* What a form must have; money is there in cents or in dollars. */
static bool
is_required(const struct field *f, bool form)
{
	return !f->optional && f->default_value == NULL && f->or_field == NULL &&
		!(form && f->kind == FIELD_MONEY);
}

static void
fields_schema(GString *out, const struct field *fields, bool form)
{
	bool first = true;

	g_string_append(
		out, "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{");
	for (const struct field *f = fields; f != NULL && f->kind != FIELD_END; f++) {
		g_string_append_printf(out, "%s\"%s\":", f == fields ? "" : ",", f->name);
		field_schema(out, f);
		if (form && f->kind == FIELD_MONEY)
			dollars_schema(out, f);
	}
	g_string_append(out, "}");
	for (const struct field *f = fields; f != NULL && f->kind != FIELD_END; f++) {
		if (!is_required(f, form))
			continue;
		g_string_append_printf(out, "%s\"%s\"", first ? ",\"required\":[" : ",", f->name);
		first = false;
	}
	if (!first)
		g_string_append_c(out, ']');
	for (const struct field *f = fields; f != NULL && f->kind != FIELD_END; f++)
		if (f->or_field != NULL)
			g_string_append_printf(out,
				",\"oneOf\":[{\"required\":[\"%s\"]},{\"required\":[\"%s\"]}]",
				f->name, f->or_field);
	g_string_append_c(out, '}');
}

/* ---- answers as JSON Schema ---- */

static void
member_schema(GString *out, const struct member *m)
{
	static const char *const types[] = { [IS_ID] = "integer",
		[IS_INTEGER] = "integer",
		[IS_NUMBER] = "number",
		[IS_TEXT] = "string",
		[IS_TIME] = "string",
		[IS_BOOL] = "boolean" };

	if (m->kind == IS_LIST) {
		g_string_append_printf(out,
			"{\"type\":%s,\"items\":{\"$ref\":\"#/components/schemas/%s\"}}",
			m->nullable ? "[\"array\",\"null\"]" : "\"array\"", m->of->name);
	} else if (m->kind == IS_OBJECT && m->nullable) {
		g_string_append_printf(out,
			"{\"anyOf\":[{\"$ref\":\"#/components/schemas/%s\"},{\"type\":\"null\"}]}",
			m->of->name);
	} else if (m->kind == IS_OBJECT) {
		g_string_append_printf(out, "{\"$ref\":\"#/components/schemas/%s\"}", m->of->name);
	} else if (m->kind == IS_COUNTS) {
		g_string_append(out,
			"{\"type\":\"object\",\"additionalProperties\":{\"type\":\"object\","
			"\"additionalProperties\":{\"type\":\"integer\"}}}");
	} else {
		g_string_append_printf(out,
			m->nullable ? "{\"type\":[\"%s\",\"null\"]" : "{\"type\":\"%s\"",
			types[m->kind]);
		if (m->kind == IS_TIME)
			g_string_append(out, ",\"format\":\"date-time\"");
		g_string_append_c(out, '}');
	}
}

/* Appends a schema and those it refers to; `seen` has the names of those that are there already. */
static void
schema_append(GString *out, const struct answer_schema *schema, GHashTable *seen)
{
	bool first = true;

	if (schema == NULL || !g_hash_table_add(seen, (gpointer)(uintptr_t)schema->name))
		return;
	g_string_append_printf(out,
		",\"%s\":{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{",
		schema->name);
	for (const struct member *m = schema->members; m->kind != MEMBER_END; m++) {
		g_string_append_printf(out, "%s\"%s\":", m == schema->members ? "" : ",", m->name);
		member_schema(out, m);
	}
	g_string_append_c(out, '}');
	for (const struct member *m = schema->members; m->kind != MEMBER_END; m++) {
		if (m->optional)
			continue;
		g_string_append_printf(out, "%s\"%s\"", first ? ",\"required\":[" : ",", m->name);
		first = false;
	}
	g_string_append(out, first ? "}" : "]}");
	for (const struct member *m = schema->members; m->kind != MEMBER_END; m++)
		schema_append(out, m->of, seen);
}

/* ---- operations ---- */

/* After a comma; only of filters, which are optional. */
static void
dollars_parameter(GString *out, const struct field *f)
{
	g_autofree char *name = money_dollars_name(f);

	g_string_append_printf(out,
		",{\"name\":\"%s\",\"in\":\"query\",\"required\":false,"
		"\"description\":\"%s in dollars.\",\"schema\":" DOLLARS_SCHEMA "}",
		name, f->name);
}

static void
parameters_append(GString *out, const struct route *r)
{
	bool first = true;

	g_string_append(out, ",\"parameters\":[");
	for (const char *p = strchr(r->path, '{'); p != NULL; p = strchr(p + 1, '{')) {
		g_autofree char *name = g_strndup(p + 1, strcspn(p + 1, "}"));

		g_string_append_printf(out,
			"%s{\"name\":\"%s\",\"in\":\"path\",\"required\":true,\"schema\":{%s}}",
			first ? "" : ",", name,
			path_id_is_number(name) ? "\"type\":\"integer\",\"minimum\":1"
						: "\"type\":\"string\"");
		first = false;
	}
	for (const struct field *f = r->method == GET ? r->fields : NULL;
		f != NULL && f->kind != FIELD_END; f++) {
		g_string_append_printf(out,
			"%s{\"name\":\"%s\",\"in\":\"query\",\"required\":%s,\"schema\":",
			first ? "" : ",", f->name,
			f->optional || f->default_value != NULL ? "false" : "true");
		field_schema(out, f);
		g_string_append_c(out, '}');
		if (f->kind == FIELD_MONEY)
			dollars_parameter(out, f);
		first = false;
	}
	if (r->file != NULL && r->file->can_be_checked) {
		g_string_append_printf(out,
			"%s{\"name\":\"dry_run\",\"in\":\"query\",\"required\":false,"
			"\"description\":\"The file is only checked.\","
			"\"schema\":{\"type\":\"boolean\"}}",
			first ? "" : ",");
		first = false;
	}
	if (route_takes_key(r))
		g_string_append_printf(out,
			"%s{\"name\":\"Idempotency-Key\",\"in\":\"header\",\"required\":%s,"
			"\"description\":\"The same key again gets the same answer; "
			"in a form the field idempotency_key.\","
			"\"schema\":{\"type\":\"string\",\"minLength\":8,\"maxLength\":64}}",
			first ? "" : ",", r->key == KEY_MUST ? "true" : "false");
	if (r->versioned && r->method != GET)
		g_string_append_printf(out,
			"%s{\"name\":\"If-Match\",\"in\":\"header\",\"required\":true,"
			"\"description\":\"The ETag of what was seen; "
			"in a form the field version.\",\"schema\":{\"type\":\"string\"}}",
			first ? "" : ",");
	g_string_append_c(out, ']');
}

static void
file_append(GString *out, const struct file_body *file)
{
	g_string_append(out, ",\"requestBody\":{\"required\":true,\"content\":{");
	for (size_t i = 0; file->types[i] != NULL; i++)
		g_string_append_printf(
			out, "\"%s\":{\"schema\":{\"type\":\"string\"}},", file->types[i]);
	g_string_append_printf(out,
		"\"multipart/form-data\":{\"schema\":{\"type\":\"object\",\"required\":[\"%s\"],"
		"\"properties\":{\"%s\":{\"type\":\"string\"}}}}}}",
		file->field, file->field);
}

static void
body_append(GString *out, const struct route *r)
{
	static const char *const types[] = { "application/json",
		"application/x-www-form-urlencoded" };

	if (r->file != NULL)
		file_append(out, r->file);
	if (r->method == GET || r->fields == NULL)
		return;
	g_string_append(out, ",\"requestBody\":{\"content\":{");
	for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
		g_string_append_printf(out, "%s\"%s\":{\"schema\":", i > 0 ? "," : "", types[i]);
		fields_schema(out, r->fields, i == 1);
		g_string_append_c(out, '}');
	}
	g_string_append(out, "}}");
}

static void
problem_append(GString *out, int status, const char *codes)
{
	g_string_append_printf(out, ",\"%d\":{\"description\":", status);
	json_append_quoted(out, codes);
	g_string_append(out,
		",\"content\":{\"application/problem+json\":{\"schema\":{"
		"\"$ref\":\"#/components/schemas/Problem\"}}}}");
}

/* The refusals of a route by status: those of the gate, by what the table says, and its own. */
static void
refusals_append(GString *out, const struct route *r)
{
	bool given[ERR_COUNT] = { [ERR_BUSY] = true, [ERR_FAULT] = true, [ERR_INVALID] = true };

	given[ERR_BAD_HEADER] = true;
	given[ERR_NOT_FOUND] = strchr(r->path, '{') != NULL;
	given[ERR_UNAUTHENTICATED] = r->who > ANYONE && r->who < OPERATOR;
	given[ERR_FORBIDDEN] = r->who > MEMBER;
	given[ERR_CROSS_ORIGIN] = r->method != GET;
	given[ERR_NOT_JSON] = given[ERR_TOO_LARGE] = given[ERR_UNSUPPORTED_TYPE] = r->method != GET;
	given[ERR_KEY_MISSING] = r->key == KEY_MUST;
	given[ERR_STALE] = given[ERR_VERSION_MISSING] = r->versioned && r->method != GET;
	given[ERR_KEY_REUSED] = route_takes_key(r);
	for (const enum err *e = r->refusals; e != NULL && *e != ERR_NONE; e++)
		given[*e] = true;
	for (int status = 400; status < 600; status++) {
		g_autoptr(GString) codes = g_string_new(NULL);

		for (int e = 1; e < ERR_COUNT; e++)
			if (given[e] && err_info((enum err)e)->status == status)
				g_string_append_printf(codes, "%s%s", codes->len > 0 ? ", " : "",
					err_info((enum err)e)->code);
		if (codes->len > 0)
			problem_append(out, status, codes->str);
	}
}

static void
operation_append(GString *out, const struct route *r)
{
	g_autofree char *method = g_ascii_strdown(method_name(r->method), -1);

	g_string_append_printf(out, "\"%s\":{\"operationId\":\"%s\",\"summary\":", method, r->name);
	json_append_quoted(out, r->summary);
	g_string_append_printf(out, ",\"x-who-may\":\"%s\"", who_name(r->who));
	if (r->who > ANYONE && r->who < OPERATOR)
		g_string_append(out, ",\"security\":[{\"bearer\":[]},{\"cookie\":[]}]");
	parameters_append(out, r);
	body_append(out, r);
	g_string_append_printf(out, ",\"responses\":{\"%d\":{\"description\":\"%s\"", r->status,
		r->status == 204 ? "Done" : "The result");
	if (r->versioned && r->status == 200)
		g_string_append(out,
			",\"headers\":{\"ETag\":{\"description\":\"Its version.\",\"schema\":{"
			"\"type\":\"string\"}}}");
	if (r->answer_schema != NULL)
		g_string_append_printf(out,
			",\"content\":{\"application/json\":{\"schema\":{"
			"\"$ref\":\"#/components/schemas/%s\"}}}",
			r->answer_schema->name);
	else if (r->status != 204)
		g_string_append_printf(out, ",\"content\":{\"%s\":{}}",
			r->answer_type != NULL ? r->answer_type : "*/*");
	g_string_append_c(out, '}');
	if (r->file != NULL && r->file->can_be_checked)
		g_string_append_printf(out,
			",\"200\":{\"description\":\"With dry_run: the file can be taken\","
			"\"content\":{\"application/json\":{\"schema\":{"
			"\"$ref\":\"#/components/schemas/%s\"}}}}",
			r->answer_schema->name);
	refusals_append(out, r);
	g_string_append(out, "}}");
}

/* Whether an earlier route has the same path, so that this one was written with it. */
static bool
path_is_repeated(const struct site *site, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (strcmp(site->routes[j].path, site->routes[i].path) == 0)
			return true;
	return false;
}

static void
paths_append(GString *out, const struct site *site)
{
	for (size_t i = 0; i < site->n_routes; i++) {
		bool first = true;

		if (path_is_repeated(site, i))
			continue;
		g_string_append_printf(
			out, "%s\"/api%s\":{", i > 0 ? "," : "", site->routes[i].path);
		for (size_t j = i; j < site->n_routes; j++) {
			if (strcmp(site->routes[j].path, site->routes[i].path) != 0)
				continue;
			if (!first)
				g_string_append_c(out, ',');
			operation_append(out, &site->routes[j]);
			first = false;
		}
		g_string_append_c(out, '}');
	}
}

char *
site_openapi(const struct site *site)
{
	GString *out = g_string_new(
		"{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"Shoetopia\","
		"\"version\":\"" PACKAGE_VERSION
		"\",\"description\":\"A marketplace for shoes. Money is in cents of USD, times "
		"are RFC 3339 in UTC.\"},\"paths\":{");
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

	paths_append(out, site);
	g_string_append(out,
		"},\"components\":{\"securitySchemes\":{\"bearer\":{\"type\":\"http\","
		"\"scheme\":\"bearer\"},"
		"\"cookie\":{\"type\":\"apiKey\",\"in\":\"cookie\","
		"\"name\":\"shoetopia_session\",\"description\":\"Under HTTPS its name is "
		"__Host-shoetopia_session.\"}},\"schemas\":{"
		"\"Problem\":{\"type\":\"object\",\"required\":[\"type\",\"title\",\"status\","
		"\"detail\",\"code\"],\"properties\":{"
		"\"type\":{\"type\":\"string\"},\"title\":{\"type\":\"string\"},\"status\":{"
		"\"type\":\"integer\"},"
		"\"detail\":{\"type\":\"string\"},\"code\":{\"type\":\"string\"},\"errors\":{"
		"\"type\":\"array\",\"items\":{\"type\":\"object\"}},"
		"\"refused\":{\"type\":\"array\",\"items\":{\"type\":\"object\"}},"
		"\"total_cents\":{\"type\":\"integer\"},"
		"\"price_cents\":{\"type\":\"integer\"},"
		"\"retry_after_seconds\":{\"type\":\"integer\"},"
		"\"unchanged\":{\"type\":\"boolean\",\"description\":\"What was asked for is so "
		"already.\"}}}");
	for (size_t i = 0; i < site->n_routes; i++)
		schema_append(out, site->routes[i].answer_schema, seen);
	g_string_append(out, "}}}");
	return g_string_free(out, FALSE);
}
