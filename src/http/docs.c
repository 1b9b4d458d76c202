#include "http/docs.h"

#include <string.h>

#include "base/json.h"
#include "http/docs_curl.h"
#include "http/html.h"

#define REFERENCE "#/components/schemas/"

/* ---- a schema in words ---- */

static void
range_append(GString *out, const struct json *schema, const char *low, const char *high,
	const char *unit)
{
	g_autofree char *least = json_dump(json_get(schema, low));
	g_autofree char *most = json_dump(json_get(schema, high));

	if (json_get(schema, high) != NULL)
		g_string_append_printf(out, ", %s to %s%s", least, most, unit);
}

static void
choices_append(GString *out, const struct json *choices)
{
	const char *separator = "one of ";

	for (const struct json *one = json_first_element(choices); one != NULL;
		one = json_next_element(one)) {
		g_string_append(out, separator);
		html_element(out, "code", json_text(one));
		separator = ", ";
	}
}

/* A link to the schema of that name. */
static void
reference_append(GString *out, const char *reference)
{
	const char *name = reference + strlen(REFERENCE);

	g_string_append_printf(out, "<a href=\"#schema-%s\">", name);
	html_text(out, name);
	g_string_append(out, "</a>");
}

/* "integer", or the first of ["integer", "null"]. */
static const char *
type_of(const struct json *schema)
{
	const struct json *type = json_get(schema, "type");

	return json_text(json_kind(type) == JSON_KIND_ARRAY ? json_first_element(type) : type);
}

static void
scalar_append(GString *out, const struct json *schema)
{
	const char *type = type_of(schema), *format = json_text(json_get(schema, "format"));
	const char *pattern = json_text(json_get(schema, "pattern"));

	if (json_get(schema, "enum") != NULL) {
		choices_append(out, json_get(schema, "enum"));
	} else if (g_strcmp0(format, "date-time") == 0) {
		g_string_append(out, "time, like <code>2027-03-01T10:00:00Z</code>");
	} else if (g_strcmp0(type, "boolean") == 0) {
		g_string_append(out, "<code>true</code> or <code>false</code>");
	} else if (g_strcmp0(type, "string") == 0) {
		g_string_append(out, g_strcmp0(format, "email") == 0 ? "e-mail address" : "text");
		range_append(out, schema, "minLength", "maxLength", " characters");
	} else {
		g_string_append(out, type == NULL ? "any" : type);
		range_append(out, schema, "minimum", "maximum", "");
	}
	if (json_get(schema, "multipleOf") != NULL)
		g_string_append(out, ", in halves");
	if (pattern != NULL) {
		g_string_append(out, ", matches ");
		html_element(out, "code", pattern);
	}
}

static void
schema_append(GString *out, const struct json *schema)
{
	const char *reference = json_text(json_get(schema, "$ref"));
	const struct json *any = json_first_element(json_get(schema, "anyOf"));
	const char *type = type_of(schema);

	if (reference != NULL) {
		reference_append(out, reference);
	} else if (any != NULL) {
		schema_append(out, any);
		g_string_append(out, " or null");
	} else if (g_strcmp0(type, "array") == 0) {
		g_string_append(out, "list of: ");
		schema_append(out, json_get(schema, "items"));
	} else if (g_strcmp0(type, "object") == 0) {
		g_string_append(out, "object");
	} else {
		scalar_append(out, schema);
	}
	if (json_kind(json_get(schema, "type")) == JSON_KIND_ARRAY)
		g_string_append(out, " or null");
}

/* ---- tables of fields ---- */

static void
table_begin(GString *out, const char *caption)
{
	g_string_append_printf(out,
		"<div class=\"table\" role=\"region\" tabindex=\"0\" aria-label=\"%s\"><table>"
		"<caption>%s</caption><thead><tr><th scope=\"col\">Name</th>"
		"<th scope=\"col\">What</th></tr></thead><tbody>",
		caption, caption);
}

static void
table_end(GString *out)
{
	g_string_append(out, "</tbody></table></div>");
}

static void
row_write(GString *out, const char *name, bool needed, const char *note, const struct json *schema)
{
	g_string_append(out, "<tr><td data-label=\"Name\"><code>");
	html_text(out, name);
	g_string_append(out, "</code></td><td data-label=\"What\">");
	schema_append(out, schema);
	g_string_append(out, needed ? "" : " <span class=\"hint\">(may be left out)</span>");
	if (note != NULL) {
		g_string_append(out, "<br>");
		html_text(out, note);
	}
	g_string_append(out, "</td></tr>");
}

/* The members of an object; those of objects in a list as "items[].quantity". */
static void
members_write(GString *out, const char *prefix, const struct json *schema)
{
	const struct json *members = json_get(schema, "properties");

	for (void *it = json_first(members); it != NULL; it = json_next(members, it)) {
		g_autofree char *name = g_strconcat(prefix, json_name(it), NULL);
		g_autofree char *below = g_strconcat(name, "[].", NULL);

		row_write(out, name, json_has_text(json_get(schema, "required"), json_name(it)),
			json_text(json_get(json_value(it), "description")), json_value(it));
		members_write(out, below, json_get(json_value(it), "items"));
	}
}

static void
object_write(GString *out, const char *caption, const struct json *schema)
{
	if (json_first(json_get(schema, "properties")) == NULL)
		return;
	table_begin(out, caption);
	members_write(out, "", schema);
	table_end(out);
}

static void
parameters_write(GString *out, const struct json *parameters)
{
	if (json_first_element(parameters) == NULL)
		return;
	table_begin(out, "In the address and the headers");
	for (const struct json *p = json_first_element(parameters); p != NULL;
		p = json_next_element(p))
		row_write(out, json_text(json_get(p, "name")), json_bool(json_get(p, "required")),
			json_text(json_get(p, "description")), json_get(p, "schema"));
	table_end(out);
}

static void
body_write(GString *out, const struct json *content)
{
	const struct json *form =
		json_get(json_get(content, "application/x-www-form-urlencoded"), "schema");
	const struct json *body = json_get(json_get(content, "application/json"), "schema");

	object_write(out, "Body, as JSON or as a form", body != NULL ? body : form);
	if (body != NULL || form != NULL || json_first(content) == NULL)
		return;
	g_string_append(out, "<p>Body:");
	for (void *it = json_first(content); it != NULL; it = json_next(content, it)) {
		g_string_append_c(out, ' ');
		html_element(out, "code", json_name(it));
	}
	g_string_append(out, "</p>");
}

/* ---- answers ---- */

/* "201: Order", "409: out_of_stock, price_changed". */
static void
answers_write(GString *out, const struct json *responses)
{
	g_string_append(out, "<dl class=\"answers\">");
	for (void *it = json_first(responses); it != NULL; it = json_next(responses, it)) {
		const struct json *content = json_get(json_value(it), "content");
		const char *description = json_text(json_get(json_value(it), "description"));
		const char *reference = json_text(json_get(
			json_get(json_get(content, "application/json"), "schema"), "$ref"));

		html_element(out, "dt", json_name(it));
		g_string_append(out, "<dd>");
		if (reference != NULL)
			reference_append(out, reference);
		else
			html_text(out, description == NULL ? "" : description);
		g_string_append(out, "</dd>");
	}
	g_string_append(out, "</dl>");
}

/* ---- calls ---- */

static void
call_write(GString *out, const char *origin, const char *path, const char *method,
	const struct json *operation)
{
	g_autofree char *curl = docs_curl(origin, path, method, operation);
	g_autofree char *verb = g_ascii_strup(method, -1);
	const char *who = json_text(json_get(operation, "x-who-may"));

	g_string_append(out, "<details class=\"call\"");
	html_attribute(out, "id", json_text(json_get(operation, "operationId")));
	g_string_append(out, "><summary><code>");
	html_text(out, verb);
	g_string_append_c(out, ' ');
	html_text(out, path);
	g_string_append(out, "</code> ");
	html_text(out, json_text(json_get(operation, "summary")));
	g_string_append(out, "</summary><pre tabindex=\"0\"><code>");
	html_text(out, curl);
	g_string_append(out, "</code></pre><p>Who may: ");
	html_text(out, who == NULL ? "anyone" : who);
	g_string_append(out, ".</p>");
	parameters_write(out, json_get(operation, "parameters"));
	body_write(out, json_get(json_get(operation, "requestBody"), "content"));
	answers_write(out, json_get(operation, "responses"));
	g_string_append(out, "</details>");
}

/* The noun of a path: "shops" of "/api/shops/{shop_id}". Free with g_free(). */
static char *
noun_of(const char *path)
{
	const char *noun = path + strlen("/api/");

	return g_strndup(noun, strcspn(noun, "/."));
}

static void
section_write(GString *out, const char *origin, const struct json *paths, const char *noun)
{
	g_autofree char *title = html_label(noun);

	g_string_append_printf(out, "<section id=\"on-%s\"><h2>", noun);
	html_text(out, title);
	g_string_append(out, "</h2>");
	for (void *it = json_first(paths); it != NULL; it = json_next(paths, it)) {
		g_autofree char *its_noun = noun_of(json_name(it));
		const struct json *operations = json_value(it);

		for (void *op = strcmp(its_noun, noun) == 0 ? json_first(operations) : NULL;
			op != NULL; op = json_next(operations, op))
			call_write(out, origin, json_name(it), json_name(op), json_value(op));
	}
	g_string_append(out, "</section>");
}

/* The nouns of all paths, each once, in their order. */
static GPtrArray *
nouns_of(const struct json *paths)
{
	GPtrArray *nouns = g_ptr_array_new_with_free_func(g_free);

	for (void *it = json_first(paths); it != NULL; it = json_next(paths, it)) {
		char *noun = noun_of(json_name(it));

		if (g_ptr_array_find_with_equal_func(nouns, noun, g_str_equal, NULL))
			g_free(noun);
		else
			g_ptr_array_add(nouns, noun);
	}
	return nouns;
}

static void
introduction_write(GString *out, const char *origin, const struct json *document)
{
	g_autofree char *token = docs_curl_token(origin);

	html_element(out, "p", json_text(json_get(json_get(document, "info"), "description")));
	g_string_append(out,
		"<p>Every call is below <code>/api</code>. A call with <code>$TOKEN</code> needs a "
		"session: this line signs up and keeps its token in your shell.</p>"
		"<pre tabindex=\"0\"><code>");
	html_text(out, token);
	g_string_append(out,
		"</code></pre><p>A write may carry an <code>Idempotency-Key</code> of your own: "
		"sent again with the same key it happens once and answers the same. "
		"A refusal is a <a href=\"#schema-Problem\">Problem</a> with a <code>code</code>. "
		"Where a line has the id 1, put that of your own shop, order or shoe. "
		"The same for programs: "
		"<a href=\"/api/openapi.json\">OpenAPI 3.1</a>.</p>");
}

static void
contents_write(GString *out, const GPtrArray *nouns)
{
	g_string_append(out, "<nav aria-label=\"Calls\"><ul class=\"links\">");
	for (guint i = 0; i < nouns->len; i++) {
		const char *noun = g_ptr_array_index(nouns, i);
		g_autofree char *title = html_label(noun);

		g_string_append_printf(out, "<li><a href=\"#on-%s\">", noun);
		html_text(out, title);
		g_string_append(out, "</a></li>");
	}
	g_string_append(out, "<li><a href=\"#schemas\">What answers hold</a></li></ul></nav>");
}

static void
schemas_write(GString *out, const struct json *schemas)
{
	g_string_append(out, "<section id=\"schemas\"><h2>What answers hold</h2>");
	for (void *it = json_first(schemas); it != NULL; it = json_next(schemas, it)) {
		g_string_append_printf(out, "<h3 id=\"schema-%s\">", json_name(it));
		html_text(out, json_name(it));
		g_string_append(out, "</h3>");
		object_write(out, json_name(it), json_value(it));
	}
	g_string_append(out, "</section>");
}

void
docs_write(GString *out, const struct json *document, const char *origin)
{
	const struct json *paths = json_get(document, "paths");
	g_autoptr(GPtrArray) nouns = nouns_of(paths);

	introduction_write(out, origin, document);
	contents_write(out, nouns);
	for (guint i = 0; i < nouns->len; i++)
		section_write(out, origin, paths, g_ptr_array_index(nouns, i));
	schemas_write(out, json_get(json_get(document, "components"), "schemas"));
}
