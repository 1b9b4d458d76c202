#include "http/form.h"

#include <string.h>

#include "http/control.h"
#include "http/form_value.h"
#include "http/html.h"
#include "http/money.h"
#include "http/resume.h"

enum {
	INPUTS_MAX = 100,   /* of one repeated field: as many as a page has rows */
	INPUTS_OF_LIST = 3, /* of a repeated field where nothing was sent */
};

/* The problem's message for this field; NULL. */
static const char *
error_of(const struct view *v, const struct field *of)
{
	for (const struct json *error = json_first_element(v->errors); error != NULL;
		error = json_next_element(error)) {
		const char *field = json_text(json_get(error, "field"));

		if (field != NULL && money_is_named(of, field))
			return json_text(json_get(error, "message"));
	}
	return NULL;
}

/* ---- one input ---- */

/* A paragraph that describes an input, with the id by which the input names it. */
static void
note_write(GString *out, const char *class, char letter, unsigned n, const char *text)
{
	g_string_append_printf(out, "<p class=\"%s\" id=\"%c%u\">", class, letter, n);
	html_text(out, text);
	g_string_append(out, "</p>");
}

/* The hint below the input of a field. Free with g_free(); NULL: none. */
static char *
hint_of(const struct field *field)
{
	const char *note = field->note != NULL ? field->note() : NULL;

	if (field->hint == NULL || note == NULL)
		return g_strdup(field->hint != NULL ? field->hint : note);
	return g_strconcat(field->hint, " ", note, NULL);
}

/* What its choices are called on this page. Free the array with g_free(); NULL: it has none. */
static const char **
words_of(const struct form *form, const struct field *field)
{
	g_autoptr(GPtrArray) words = g_ptr_array_new();

	if (field->kind != FIELD_CHOICE)
		return NULL;
	for (size_t i = 0; field->choices[i] != NULL; i++)
		g_ptr_array_add(words,
			(gpointer)view_words(
				form->view, form->row, field->name, field->choices[i]));
	return (const char **)g_ptr_array_free(g_steal_pointer(&words), FALSE);
}

/* The nth input of a field, with its label and its error or hint. */
static void
field_write(struct form *form, const struct field *field, unsigned nth, bool required)
{
	GString *out = form->out;
	g_autofree char *label =
		field->label != NULL ? g_strdup(field->label) : html_label(field->name);
	g_autofree char *name =
		field->kind == FIELD_MONEY ? money_dollars_name(field) : g_strdup(field->name);
	g_autofree char *value = form_input_value(form, field, nth);
	g_autofree const char **choices = form_offered_choices(form, field);
	g_autofree const char **words = NULL;
	g_autofree char *hint = hint_of(field);
	struct field shown = *field;
	g_autoptr(GString) attributes = g_string_new(NULL);
	const char *error = error_of(form->view, field);
	unsigned n = ++form->view->n_inputs;

	g_string_append_printf(attributes, " id=\"f%u\" name=\"%s\"", n, name);
	if (required)
		g_string_append(attributes, " required");
	if (error != NULL)
		g_string_append_printf(
			attributes, " aria-invalid=\"true\" aria-describedby=\"e%u\"", n);
	else if (hint != NULL)
		g_string_append_printf(attributes, " aria-describedby=\"h%u\"", n);
	g_string_append_printf(out, "<div class=\"field\"><label for=\"f%u\">", n);
	html_text(out, label);
	g_string_append(out,
		required || form->filter ? "</label>"
					 : " <span class=\"hint\">(optional)</span></label>");
	if (choices != NULL)
		shown.choices = choices;
	words = words_of(form, &shown);
	shown.choice_words = words;
	control_write(out, &shown, value, attributes->str);
	if (error != NULL)
		note_write(out, "error", 'e', n, error);
	else if (hint != NULL)
		note_write(out, "hint", 'h', n, hint);
	g_string_append(out, "</div>");
}

static bool
has_value(const struct form *form, const struct field *field, unsigned nth)
{
	g_autofree char *value = form_input_value(form, field, nth);

	return value != NULL;
}

/*
 * The inputs of a field: one, or a few for a list, one at least for each value that it has, and an
 * empty one more for a list that is written anew.
 */
static void
inputs_write(struct form *form, const struct field *field)
{
	bool required = field->never_empty ||
		(!field->optional && field->default_value == NULL && field->listed_in == NULL);
	unsigned more = field->listed_in != NULL ? 1 : 0;
	unsigned least = form->filter ? field->at_least : field->repeated ? INPUTS_OF_LIST : 1;

	field_write(form, field, 0, required);
	for (unsigned nth = 1; nth < least ||
		(field->repeated && nth < INPUTS_MAX && has_value(form, field, nth - more));
		nth++)
		field_write(form, field, nth, form->filter && nth < field->at_least);
}

/* ---- hidden inputs ---- */

/*
 * One item of a list: its id, from the page or the sent form, as a hidden input, and inputs for
 * its other fields. Nothing if there is no id.
 */
static void
item_write(struct form *form, const struct field *items)
{
	const char *name = items->of[0].name;
	g_autofree char *id = form->refill ? g_strdup(pairs_get(form->view->req->pairs, name))
					   : form_current_text(form, name);

	if (id == NULL)
		return;
	html_hidden(form->out, name, id);
	for (const struct field *f = items->of + 1; f->kind != FIELD_END; f++)
		field_write(form, f, 0, true);
}

/* Hidden inputs of the fields with hidden_from_row. True if there was a value for one of them. */
static bool
row_values_write(struct form *form)
{
	bool any = false;

	for (const struct field *f = form->route->fields; f != NULL && f->kind != FIELD_END; f++) {
		g_autofree char *value = NULL;

		if (!f->hidden_from_row)
			continue;
		if (form->row != NULL)
			value = form_current_text(form, f->name);
		else if (form->refill)
			value = g_strdup(form_sent_text(form, f, 0));
		if (value != NULL)
			html_hidden(form->out, f->name, value);
		any = any || value != NULL;
	}
	return any;
}

/*
 * Hidden inputs of a field with hidden_from_page. False if it has no such member or no value, or if
 * there is an error in it: then the field gets inputs to type in.
 */
static bool
page_values_write(struct form *form, const struct field *field)
{
	g_autofree char *id = NULL;
	const char *sent;
	unsigned n = 0;

	if (field->hidden_from_page == NULL || error_of(form->view, field) != NULL)
		return false;
	if (!form->refill)
		id = form_current_text(form, field->hidden_from_page);
	if (id != NULL)
		html_hidden(form->out, field->name, id);
	for (; form->refill && (sent = form_sent_text(form, field, n)) != NULL; n++)
		html_hidden(form->out, field->name, sent);
	return id != NULL || n > 0;
}

/*
 * A hidden input of a field that says what the form may spend; nothing if the page shows no such
 * price.
 */
static void
expected_write(const struct form *form, const struct field *field)
{
	const struct json *now = json_get(form->view->problem, field->expects);
	const struct pair *sent = form->refill ? form_sent_pair(form, field, 0) : NULL;
	g_autofree char *of_sale = g_strconcat("sale_", field->expects, NULL);
	g_autofree char *shown = NULL;

	if (form->refill && sent != NULL && now == NULL) {
		html_hidden(form->out, sent->name, sent->text);
		return;
	}
	if (form->refill && sent != NULL)
		shown = json_plain(now);
	else if (!form->refill)
		shown = form_current_text(form, of_sale);
	if (!form->refill && shown == NULL)
		shown = form_current_text(form, field->expects);
	if (shown != NULL)
		html_hidden(form->out, field->name, shown);
}

/*
 * The version that the form changes: that of the page. After a refusal as stale it is the current
 * one, from the problem, so that the form can be sent again.
 */
static void
version_write(const struct form *form)
{
	const struct json *current = json_get(form->view->problem, "version");
	g_autofree char *version = NULL;

	if (current != NULL)
		version = json_plain(current);
	else if (form->refill)
		version = g_strdup(pairs_get(form->view->req->pairs, "version"));
	else
		version = form_current_text(form, "version");
	html_hidden(form->out, "version", version != NULL ? version : "");
}

/* A fresh idempotency key, or that of the call that the form repeats. */
static void
key_write(const struct form *form)
{
	const char *key = form->refill ? form->view->key : NULL;
	char fresh[RANDOM_ID_SIZE];

	secret_random_id(fresh);
	html_hidden(form->out, "idempotency_key", key != NULL ? key : fresh);
}

/* ---- the form ---- */

/* The input of a file: a phone offers its camera, too. */
static void
file_write(struct form *form, const struct file_body *file)
{
	const struct field as_field = { .name = file->field };
	const char *error = error_of(form->view, &as_field);
	g_autofree char *types = g_strjoinv(",", (char **)(uintptr_t)file->types);
	unsigned n = ++form->view->n_inputs;

	g_string_append_printf(form->out,
		"<div class=\"field\"><label for=\"f%u\">%s</label><input type=\"file\" id=\"f%u\" "
		"name=\"%s\" accept=\"%s\" required aria-describedby=\"%c%u\"%s>",
		n, file->label, n, file->field, types, error != NULL ? 'e' : 'h', n,
		error != NULL ? " aria-invalid=\"true\"" : "");
	if (error != NULL)
		note_write(form->out, "error", 'e', n, error);
	else
		note_write(form->out, "hint", 'h', n, file->hint);
	g_string_append(form->out, "</div>");
	if (!file->can_be_checked)
		return;
	n = ++form->view->n_inputs;
	g_string_append_printf(form->out,
		"<div class=\"field\"><label for=\"f%u\"><input type=\"checkbox\" id=\"f%u\" "
		"name=\"dry_run\" value=\"true\"> Only check it</label></div>",
		n, n);
}

static void
legend_write(const struct form *form)
{
	g_string_append(form->out, "<fieldset>");
	html_element(form->out, "legend", form->route->summary);
}

/* A field gets no input if the row gave the value of another that makes it unnecessary. */
static void
fields_write(struct form *form)
{
	bool row_values = row_values_write(form);

	for (const struct field *f = form->route->fields; f != NULL && f->kind != FIELD_END; f++) {
		if (f->kind == FIELD_ITEMS)
			item_write(form, f);
		else if (f->expects != NULL)
			expected_write(form, f);
		else if (!f->hidden_from_row && form_has_use_of(form, f) &&
			!(row_values && (f->optional || f->or_field != NULL)) &&
			!page_values_write(form, f))
			inputs_write(form, f);
	}
}

void
form_write(struct view *v, const struct route *route, const char *path, const struct json *row)
{
	struct form form = { .view = v,
		.out = v->out,
		.route = route,
		.row = row,
		.edits = route->method != POST,
		.refill = v->refill };

	g_string_append_printf(v->out, "<form method=\"post\" class=\"%s\" action=\"%s/api%s\"%s>",
		row != NULL ? "row-form" : "form", v->req->prefix, path,
		route->file != NULL ? " enctype=\"multipart/form-data\"" : "");
	if (row == NULL)
		legend_write(&form);
	if (route->method != POST)
		html_hidden(v->out, "_method", method_name(route->method));
	if (route->versioned)
		version_write(&form);
	if (route_form_has_key(route))
		key_write(&form);
	if (resume_is_carried_by(route) && v->resume != NULL)
		html_hidden(v->out, RESUME_FIELD, v->resume);
	if (route->file != NULL)
		file_write(&form, route->file);
	fields_write(&form);
	html_element(v->out,
		route->method == DELETE ? "button type=\"submit\" class=\"danger\""
					: "button type=\"submit\"",
		route->summary);
	g_string_append(v->out, row == NULL ? "</fieldset></form>" : "</form>");
}

void
form_write_filter(struct view *v, const struct route *route)
{
	struct form form = {
		.view = v, .out = v->out, .route = route, .filter = true, .refill = true
	};
	bool any = false;

	for (const struct field *f = route->fields; f != NULL && f->kind != FIELD_END; f++)
		any = any || !f->api_only;
	if (!any)
		return;
	g_string_append_printf(v->out,
		"<form method=\"get\" class=\"form filter\" action=\"%s/api%s\">", v->req->prefix,
		v->req->path);
	legend_write(&form);
	for (const struct field *f = route->fields; f->kind != FIELD_END; f++)
		if (!f->api_only)
			inputs_write(&form, f);
	g_string_append(v->out, "<button type=\"submit\">Show</button></fieldset></form>");
}

/* Whether the form has an input for a field of the items, which it has if the request named one. */
static bool
has_item_input(const struct request *req, const struct field *items, const char *name)
{
	if (pairs_get(req->pairs, items->of[0].name) == NULL)
		return false;
	for (const struct field *f = items->of + 1; f->kind != FIELD_END; f++)
		if (strcmp(f->name, name) == 0)
			return true;
	return false;
}

bool
form_has_input(const struct request *req, const char *name)
{
	if (req->route != NULL && req->route->file != NULL)
		return strcmp(req->route->file->field, name) == 0;
	for (const struct field *f = req->route == NULL ? NULL : req->route->fields;
		f != NULL && f->kind != FIELD_END; f++) {
		if (f->kind == FIELD_ITEMS && has_item_input(req, f, name))
			return true;
		if (f->kind != FIELD_ITEMS && money_is_named(f, name))
			return !f->hidden_from_row && f->expects == NULL &&
				(req->form || !f->api_only);
	}
	return false;
}
