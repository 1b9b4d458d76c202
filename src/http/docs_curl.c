#include "http/docs_curl.h"

#include <string.h>

#include "base/json.h"

#define JSON_TYPE "application/json"
/* Another one each time: the quotes end and begin. */
#define ADDRESS "you-'$(date +%s%N)'@example.org"
#define CSV                                                                                        \
	"printf 'brand,style,color,size,condition,audience,price_cents,quantity\\n"                \
	"Atlas,Runner 7,black,9.5,new,men,12900,3\\n' | "

/* ---- values that fit a schema ---- */

/* Words for fields whose schema says no more than "a text" or "a number". */
static const struct {
	const char *name, *value;
} samples[] = {
	{ "name", "\"Ada Shoes\"" },
	{ "brand", "\"Atlas\"" },
	{ "style", "\"Runner 7\"" },
	{ "q", "runner" },
	{ "email", "\"'$EMAIL'\"" },
	{ "new_email", "\"" ADDRESS "\"" },
	{ "password", "\"three blue shoes in a row\"" },
	{ "new_password", "\"four red shoes in a row\"" },
	{ "line1", "\"12 Mill Street\"" },
	{ "city", "\"Portland\"" },
	{ "postcode", "\"97201\"" },
	{ "country", "\"US\"" },
	{ "title", "\"First pairs of Runner 8\"" },
	{ "station", "\"Fitting 1\"" },
	{ "comment", "\"Exactly as described.\"" },
	{ "reason", "\"Checked by phone.\"" },
	{ "size", "9.5" },
	{ "price_cents", "12900" },
	{ "shipping_cents", "500" },
	{ "percent_off", "20" },
	{ "capacity", "20" },
	{ "rating", "5" },
};

static const char *
sample_of(const char *name)
{
	for (size_t i = 0; i < G_N_ELEMENTS(samples); i++)
		if (strcmp(samples[i].name, name) == 0)
			return samples[i].value;
	return NULL;
}

/* Tomorrow, and the day after for what ends. */
static void
time_append(GString *out, const char *name)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_utc();
	int days = g_str_has_prefix(name, "end") || strcmp(name, "to") == 0 ? 2 : 1;
	g_autoptr(GDateTime) then = g_date_time_add_days(now, days);
	g_autofree char *text = g_date_time_format(then, "\"%Y-%m-%dT10:00:00Z\"");

	g_string_append(out, text);
}

static void object_append(GString *out, const struct json *schema);

static void
value_append(GString *out, const char *name, const struct json *schema)
{
	const char *type = json_text(json_get(schema, "type"));
	const char *format = json_text(json_get(schema, "format"));
	const char *choice = json_text(json_first_element(json_get(schema, "enum")));
	const char *sample = sample_of(name);

	if (g_strcmp0(type, "array") == 0) {
		g_string_append_c(out, '[');
		value_append(out, name, json_get(schema, "items"));
		g_string_append_c(out, ']');
	} else if (g_strcmp0(type, "object") == 0) {
		object_append(out, schema);
	} else if (choice != NULL) {
		json_append_quoted(out, choice);
	} else if (g_strcmp0(format, "date-time") == 0) {
		time_append(out, name);
	} else if (sample != NULL) {
		g_string_append(out, sample);
	} else if (g_strcmp0(type, "boolean") == 0) {
		g_string_append(out, "true");
	} else if (g_strcmp0(type, "string") == 0) {
		g_string_append(out, "\"text\"");
	} else {
		g_string_append_printf(
			out, "%d", (int)MAX(json_number(json_get(schema, "minimum")), 1));
	}
}

/* Of members of which none must be there: the first with a sample, or else the first. */
static const char *
first_choice(const struct json *properties)
{
	for (void *it = json_first(properties); it != NULL; it = json_next(properties, it))
		if (sample_of(json_name(it)) != NULL)
			return json_name(it);
	return json_first(properties) == NULL ? "" : json_name(json_first(properties));
}

/* The members that a body must have; of alternatives the first; if none is needed, one of all. */
static void
object_append(GString *out, const struct json *schema)
{
	const struct json *properties = json_get(schema, "properties");
	const struct json *needed = json_get(schema, "required");
	const struct json *either =
		json_get(json_first_element(json_get(schema, "oneOf")), "required");
	const char *chosen = needed == NULL && either == NULL ? first_choice(properties) : "";
	const char *separator = "";

	g_string_append_c(out, '{');
	for (void *it = json_first(properties); it != NULL; it = json_next(properties, it)) {
		const char *name = json_name(it);

		if (!json_has_text(needed, name) && !json_has_text(either, name) &&
			strcmp(name, chosen) != 0)
			continue;
		g_string_append_printf(out, "%s\"%s\":", separator, name);
		value_append(out, name, json_value(it));
		separator = ",";
	}
	g_string_append_c(out, '}');
}

/* ---- the line ---- */

/* No value has a quote, but for those that end the quotes where the shell puts something in. */
static void
quoted_append(GString *out, const char *text)
{
	g_string_append_printf(out, " '%s'", text);
}

/* The path with 1 for each id. */
static void
path_append(GString *out, const char *path)
{
	for (const char *p = path; *p != '\0'; p++) {
		if (*p == '{') {
			g_string_append_c(out, '1');
			p = strchr(p, '}');
		} else {
			g_string_append_c(out, *p);
		}
	}
}

/* The parameters of the query that a call must have; a list of several ids has two. */
static void
query_append(GString *out, const struct json *parameters)
{
	char separator = '?';

	for (const struct json *p = json_first_element(parameters); p != NULL;
		p = json_next_element(p)) {
		const char *name = json_text(json_get(p, "name"));
		const struct json *schema = json_get(p, "schema");
		g_autoptr(GString) value = g_string_new(NULL);

		if (g_strcmp0(json_text(json_get(p, "in")), "query") != 0 ||
			!json_bool(json_get(p, "required")))
			continue;
		value_append(value, name, schema);
		if (json_number(json_get(schema, "minItems")) > 1)
			g_string_printf(value, "1&%s=2", name);
		g_string_replace(value, "\"", "", 0);
		g_string_append_printf(out, "%c%s=%s", separator, name, value->str);
		separator = '&';
	}
}

static void
headers_append(GString *out, const struct json *operation)
{
	const struct json *parameters = json_get(operation, "parameters");

	if (json_get(operation, "security") != NULL)
		g_string_append(out, " -H \"Authorization: Bearer $TOKEN\"");
	for (const struct json *p = json_first_element(parameters); p != NULL;
		p = json_next_element(p)) {
		const char *name = json_text(json_get(p, "name"));

		if (g_strcmp0(json_text(json_get(p, "in")), "header") != 0 ||
			!json_bool(json_get(p, "required")))
			continue;
		g_string_append_printf(out, " -H %s",
			strcmp(name, "If-Match") == 0 ? "'If-Match: \"1\"'"
						      : "\"Idempotency-Key: $(date +%s%N)\"");
	}
}

static bool
is_csv(const struct json *content)
{
	void *first = json_first(content);

	return first != NULL && g_str_has_prefix(json_name(first), "text/csv");
}

static void
body_append(GString *out, const struct json *content, const struct json *operation)
{
	const struct json *body = json_get(content, JSON_TYPE);
	const char *id = json_text(json_get(operation, "operationId"));
	g_autoptr(GString) value = g_string_new(NULL);
	void *first = json_first(content);

	if (first == NULL)
		return;
	if (body == NULL) {
		g_string_append_printf(out, " -H 'Content-Type: %s' --data-binary @%s",
			json_name(first), is_csv(content) ? "-" : "photo.jpg");
		return;
	}
	object_append(value, json_get(body, "schema"));
	if (strcmp(id, "create_account") == 0)
		g_string_replace(value, "'$EMAIL'", ADDRESS, 0);
	else if (strcmp(id, "ask_friend") == 0)
		g_string_replace(value, "'$EMAIL'", "friend@example.org", 0);
	g_string_append(out, " -H 'Content-Type: " JSON_TYPE "' -d");
	quoted_append(out, value->str);
}

char *
docs_curl(const char *origin, const char *path, const char *method, const struct json *operation)
{
	g_autoptr(GString) address = g_string_new(origin);
	const struct json *content = json_get(json_get(operation, "requestBody"), "content");
	GString *out = g_string_new(is_csv(content) ? CSV "curl" : "curl");
	g_autofree char *verb = g_ascii_strup(method, -1);

	if (strcmp(verb, "GET") != 0)
		g_string_append_printf(out, " -X %s", verb);
	path_append(address, path);
	query_append(address, json_get(operation, "parameters"));
	quoted_append(out, address->str);
	headers_append(out, operation);
	body_append(out, content, operation);
	return g_string_free(out, FALSE);
}

char *
docs_curl_token(const char *origin)
{
	return g_strconcat("EMAIL=you-$(date +%s%N)@example.org; TOKEN=$(curl -s '", origin,
		"/api/accounts' -H 'Content-Type: " JSON_TYPE "' "
		"-d '{\"name\":\"Ada\",\"email\":\"'$EMAIL'\","
		"\"password\":\"three blue shoes in a row\"}' "
		"| sed 's/.*\"token\":\"\\([^\"]*\\)\".*/\\1/')",
		NULL);
}
