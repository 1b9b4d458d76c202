/* Forms made from the routes' own fields. */
#include <stdlib.h>
#include <string.h>

#include "http/html.h"
#include "http/pairs.h"

enum {
	LINES_FROM = 200, /* a text longer than that gets a box of several lines */
	INPUTS_MAX = 10,  /* of one field that is repeated */
	INPUTS_OF_LIST = 3,
};

/* What the row or the resource has under a name. Free with g_free(); NULL. */
static char *
present(const struct view *v, const char *name, const struct json *row)
{
	const struct json *member = json_get(row, name);

	if (member == NULL)
		member = json_get(v->answer, name);
	return member == NULL || json_kind(member) == JSON_KIND_NULL ? NULL : json_plain(member);
}

/* The nth text that was typed for a field, but for empty ones; NULL. */
static const char *
typed_text(const struct request *req, const char *name, unsigned nth)
{
	for (guint i = 0; i < req->pairs->len; i++) {
		const struct pair *pair = &g_array_index(req->pairs, struct pair, i);

		if (strcmp(pair->name, name) == 0 && *pair->text != '\0' && nth-- == 0)
			return pair->text;
	}
	return NULL;
}

/* How an input has it: a moment without its zone, which is UTC, and to the minute if it is one. Takes the text and gives it back. */
static char *
as_typed(const struct field *field, char *text)
{
	if (field->kind == FIELD_TIME && text != NULL && g_str_has_suffix(text, "Z"))
		text[strlen(text) - (g_str_has_suffix(text, ":00.000Z") ? strlen(":00.000Z") : 1)] =
			'\0';
	return text;
}

/* What stands in an input: what was typed; else, where something that exists is edited, what it has now. Free with g_free(); NULL. */
static char *
prefill(const struct view *v, const struct field *field, const struct json *row)
{
	if (field->kind == FIELD_PASSWORD)
		return NULL;
	if (v->typed)
		return g_strdup(typed_text(v->req, field->name, v->nth));
	/* expected_total_cents is what the page says of total_cents */
	if (g_str_has_prefix(field->name, "expected_"))
		return present(v, field->name + strlen("expected_"), row);
	return v->edits ? as_typed(field, present(v, field->name, row)) : NULL;
}

static void
attribute(GString *out, const char *name, const char *text)
{
	g_string_append_printf(out, " %s=\"", name);
	html_text(out, text);
	g_string_append_c(out, '"');
}

static void
choice(GString *out, const char *value, const char *label, const char *chosen)
{
	g_string_append(out, "<option");
	attribute(out, "value", value);
	g_string_append(out, chosen != NULL && strcmp(chosen, value) == 0 ? " selected>" : ">");
	html_text(out, label);
	g_string_append(out, "</option>");
}

static void
select_write(GString *out, const struct field *field, const char *chosen, const char *common)
{
	static const char *const flags[] = { "true", "false", NULL };
	const char *const *choices = field->kind == FIELD_BOOL ? flags : field->choices;

	g_string_append_printf(out, "<select%s>", common);
	if (chosen == NULL)
		chosen = field->default_value;
	if (field->optional || chosen == NULL)
		choice(out, "", field->optional ? "any" : "choose", chosen);
	for (; *choices != NULL; choices++)
		choice(out, *choices, *choices, chosen);
	g_string_append(out, "</select>");
}

static const char *
autocomplete_of(const struct field *field)
{
	if (field->kind == FIELD_EMAIL)
		return "email";
	if (field->kind != FIELD_PASSWORD)
		return NULL;
	return field->min > 1 ? "new-password" : "current-password";
}

static void
input_write(GString *out, const struct field *field, const char *value, const char *common)
{
	static const char *const types[] = { [FIELD_TEXT] = "text",
		[FIELD_EMAIL] = "email",
		[FIELD_PASSWORD] = "password",
		[FIELD_INTEGER] = "number",
		[FIELD_HALF_STEPS] = "number",
		[FIELD_TIME] = "datetime-local",
		[FIELD_COUNTRY] = "text" };

	g_string_append_printf(out, "<input type=\"%s\"%s", types[field->kind], common);
	if (field->kind == FIELD_INTEGER || field->kind == FIELD_HALF_STEPS)
		g_string_append_printf(out,
			" min=\"%" G_GINT64_FORMAT "\" max=\"%" G_GINT64_FORMAT "\"", field->min,
			field->max);
	if (field->kind == FIELD_HALF_STEPS)
		g_string_append(out, " step=\"0.5\"");
	if ((field->kind == FIELD_TEXT || field->kind == FIELD_PASSWORD) && field->max > 0)
		g_string_append_printf(out, " maxlength=\"%" G_GINT64_FORMAT "\"", field->max);
	if (field->kind == FIELD_PASSWORD && field->min > 1)
		g_string_append_printf(out, " minlength=\"%" G_GINT64_FORMAT "\"", field->min);
	if (field->kind == FIELD_COUNTRY)
		g_string_append(out, " maxlength=\"2\"");
	if (autocomplete_of(field) != NULL)
		attribute(out, "autocomplete", autocomplete_of(field));
	if (value != NULL)
		attribute(out, "value", value);
	g_string_append_c(out, '>');
}

/* What the problem says of this field; NULL. */
static const char *
error_of(const struct view *v, const char *name)
{
	for (size_t i = 0; i < json_count(v->errors); i++) {
		const struct json *error = json_at(v->errors, i);
		const char *field = json_text(json_get(error, "field"));

		if (field != NULL && strcmp(field, name) == 0)
			return json_text(json_get(error, "message"));
	}
	return NULL;
}

static void
field_write(struct view *v, const struct field *field, const struct json *row, bool required)
{
	g_autofree char *label =
		field->label != NULL ? g_strdup(field->label) : html_label(field->name);
	g_autofree char *value = prefill(v, field, row);
	g_autoptr(GString) common = g_string_new(NULL);
	const char *error = error_of(v, field->name);
	unsigned n = ++v->n_inputs;

	g_string_append_printf(common, " id=\"f%u\" name=\"%s\"", n, field->name);
	if (required)
		g_string_append(common, " required");
	if (error != NULL)
		g_string_append_printf(
			common, " aria-invalid=\"true\" aria-describedby=\"e%u\"", n);
	else if (field->hint != NULL)
		g_string_append_printf(common, " aria-describedby=\"h%u\"", n);
	g_string_append_printf(v->out, "<div class=\"field\"><label for=\"f%u\">", n);
	html_text(v->out, label);
	g_string_append(v->out,
		required || v->filter ? "</label>"
				      : " <span class=\"hint\">(optional)</span></label>");
	if (field->kind == FIELD_CHOICE || field->kind == FIELD_BOOL) {
		select_write(v->out, field, value, common->str);
	} else if (field->kind == FIELD_LINES ||
		(field->kind == FIELD_TEXT && field->max > LINES_FROM && v->req->method != GET)) {
		g_string_append_printf(v->out,
			"<textarea%s rows=\"3\" maxlength=\"%" G_GINT64_FORMAT "\">", common->str,
			field->max);
		html_text(v->out, value != NULL ? value : "");
		g_string_append(v->out, "</textarea>");
	} else {
		input_write(v->out, field, value, common->str);
	}
	if (error != NULL) {
		g_string_append_printf(v->out, "<p class=\"error\" id=\"e%u\">", n);
		html_text(v->out, error);
		g_string_append(v->out, "</p>");
	} else if (field->hint != NULL) {
		g_string_append_printf(v->out, "<p class=\"hint\" id=\"h%u\">", n);
		html_text(v->out, field->hint);
		g_string_append(v->out, "</p>");
	}
	g_string_append(v->out, "</div>");
}

static void
hidden(GString *out, const char *name, const char *value)
{
	g_string_append(out, "<input type=\"hidden\"");
	attribute(out, "name", name);
	attribute(out, "value", value);
	g_string_append_c(out, '>');
}

/* One item of a list, where the page is about such a thing: its id hidden, the rest to fill in. Without an id there is nothing to say. */
static void
items_write(struct view *v, const struct field *items, const struct json *row)
{
	const char *name = items->of[0].name;
	g_autofree char *id =
		v->typed ? g_strdup(pairs_get(v->req->pairs, name)) : present(v, name, row);

	if (id == NULL)
		return;
	hidden(v->out, name, id);
	for (const struct field *f = items->of + 1; f->kind != FIELD_END; f++)
		field_write(v, f, row, true);
}

/* The inputs of a field. A list is asked for as a few of them, and each value that was typed has its own. */
static void
inputs_write(struct view *v, const struct field *field, const struct json *row)
{
	field_write(v, field, row, !field->optional && field->default_value == NULL);
	for (v->nth = 1; field->repeated &&
		(v->nth < INPUTS_OF_LIST ||
			(v->nth < INPUTS_MAX && typed_text(v->req, field->name, v->nth) != NULL));
		v->nth++)
		field_write(v, field, row, false);
	v->nth = 0;
}

/* What nobody types, since the page knows it; true if the row gave it: then the rest of the form is only what cannot be left out. */
static bool
known_write(struct view *v, const struct route *route, const struct json *row)
{
	bool given = false;

	for (const struct field *f = route->fields; f != NULL && f->kind != FIELD_END; f++) {
		g_autofree char *value = NULL;

		if (!f->hidden_from_row)
			continue;
		value = row != NULL ? present(v, f->name, row)
			: v->typed  ? g_strdup(typed_text(v->req, f->name, 0))
				    : NULL;
		if (value != NULL)
			hidden(v->out, f->name, value);
		given = given || value != NULL;
	}
	return given;
}

/* The version that is edited: the one on the page; after a refusal the one that it told, and beside each field what that is by now. */
static void
version_write(const struct view *v, const struct json *row)
{
	const struct json *told = json_get(v->problem, "version");
	g_autofree char *version = told != NULL ? json_plain(told)
		: v->typed                      ? g_strdup(pairs_get(v->req->pairs, "version"))
						: present(v, "version", row);

	hidden(v->out, "version", version != NULL ? version : "");
}

/* A list of ids, where the page is about one such thing: its id, which nobody types. False: the page knows none, or something is wrong with it. */
static bool
ids_write(struct view *v, const struct field *ids, const struct json *row)
{
	g_autofree char *id = ids->hidden_from_page == NULL || v->typed
		? NULL
		: present(v, ids->hidden_from_page, row);
	const char *typed;
	unsigned n = 0;

	if (ids->hidden_from_page == NULL || error_of(v, ids->name) != NULL)
		return false;
	if (id != NULL)
		hidden(v->out, ids->name, id);
	for (; v->typed && (typed = typed_text(v->req, ids->name, n)) != NULL; n++)
		hidden(v->out, ids->name, typed);
	return id != NULL || n > 0;
}

void
form_write(struct view *v, const struct route *route, const char *path, const struct json *row)
{
	GString *out = v->out;
	bool known;

	v->edits = route->method != POST;
	g_string_append_printf(out, "<form method=\"post\" class=\"%s\" action=\"%s/api%s\">",
		row != NULL ? "row-form" : "form", v->req->prefix, path);
	if (row == NULL) {
		g_string_append(out, "<fieldset><legend>");
		html_text(out, route->summary);
		g_string_append(out, "</legend>");
	}
	if (route->method != POST)
		hidden(out, "_method", method_name(route->method));
	if (route->versioned)
		version_write(v, row);
	if (route->method == POST && route->who != ANYONE) {
		char key[RANDOM_ID_SIZE];

		secret_random_id(key);
		hidden(out, "idempotency_key", v->key != NULL && v->typed ? v->key : key);
	}
	known = known_write(v, route, row);
	for (const struct field *f = route->fields; f != NULL && f->kind != FIELD_END; f++) {
		if (f->kind == FIELD_ITEMS)
			items_write(v, f, row);
		else if (!f->hidden_from_row && !(known && (f->optional || f->or_field != NULL)) &&
			!ids_write(v, f, row))
			inputs_write(v, f, row);
	}
	g_string_append_printf(out, "<button type=\"submit\"%s>",
		route->method == DELETE ? " class=\"danger\"" : "");
	html_text(out, route->summary);
	g_string_append(out, row == NULL ? "</button></fieldset></form>" : "</button></form>");
}

void
form_filter(struct view *v, const struct route *route)
{
	bool typed = v->typed;
	bool any = false;

	for (const struct field *f = route->fields; f != NULL && f->kind != FIELD_END; f++)
		any = any || !f->api_only;
	if (!any)
		return;
	v->typed = v->filter = true;
	g_string_append_printf(v->out,
		"<form method=\"get\" class=\"form filter\" action=\"%s/api%s\"><fieldset><legend>",
		v->req->prefix, v->req->path);
	html_text(v->out, route->summary);
	g_string_append(v->out, "</legend>");
	for (const struct field *f = route->fields; f->kind != FIELD_END; f++)
		if (!f->api_only) {
			field_write(v, f, NULL, !f->optional && f->default_value == NULL);
			/* a list of a few is asked for as that many inputs, and each value of it has its own */
			for (v->nth = 1; v->nth < f->at_least ||
				(f->repeated && v->nth < INPUTS_MAX &&
					typed_text(v->req, f->name, v->nth) != NULL);
				v->nth++)
				field_write(v, f, NULL, v->nth < f->at_least);
			v->nth = 0;
		}
	g_string_append(v->out, "<button type=\"submit\">Show</button></fieldset></form>");
	v->typed = typed;
	v->filter = false;
}
