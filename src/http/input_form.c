#include "http/input_form.h"

#include <string.h>

#include "http/money.h"
#include "http/pairs.h"
#include "http/resume.h"
#include "http/value_list.h"

/* ---- items: their fields stand side by side, each repeated once for each item ---- */

/* Whether every field of the items was given as often as the first; adds an error if not. */
static bool
items_match(struct request *req, const struct field *field, guint n)
{
	for (const struct field *f = field->of + 1; f->kind != FIELD_END; f++) {
		g_autoptr(GPtrArray) texts = pairs_texts(req->pairs, f->name);

		if (texts->len != n) {
			request_add_error(
				req, f->name, "Give it as often as the others of its kind.");
			return false;
		}
	}
	return true;
}

/* Adds the ith item to the list; adds an error for each of its fields that is wrong. */
static void
item_read(struct request *req, const struct field *field, guint i, struct value_list *list)
{
	value_list_item_begin(list);
	for (const struct field *f = field->of; f->kind != FIELD_END; f++) {
		g_autoptr(GPtrArray) texts = pairs_texts(req->pairs, f->name);
		struct value value = { 0 };
		const char *wrong = field_check(f, g_ptr_array_index(texts, i), &value);

		if (wrong != NULL)
			request_add_error(req, f->name, wrong);
		else
			value_list_item_add(list, f->name, &value);
		value_clear(&value);
	}
	value_list_item_end(list);
}

static const char *
items_read(struct request *req, const struct field *field, struct value *out)
{
	g_autoptr(GPtrArray) first = pairs_texts(req->pairs, field->of[0].name);
	const char *wrong;
	struct value_list list;

	if (!items_match(req, field, first->len) || first->len == 0)
		return NULL;
	/* first: reading items is quadratic, and a body may have thousands */
	wrong = value_list_check_length(field, first->len);
	if (wrong != NULL)
		return wrong;
	list = value_list_begin(field);
	for (guint i = 0; i < first->len; i++)
		item_read(req, field, i, &list);
	return value_list_end(&list, field, out);
}

/* ---- fields ---- */

static const char *
repeated_read(const struct field *field, const GPtrArray *texts, struct value *out)
{
	struct value_list list = value_list_begin(field);

	for (guint i = 0; i < texts->len; i++) {
		struct value value = { 0 };
		const char *wrong = field_check(field, g_ptr_array_index(texts, i), &value);

		if (wrong != NULL) {
			value_list_clear(&list);
			return wrong;
		}
		value_list_add(&list, &value);
	}
	return value_list_end(&list, field, out);
}

static void
remove_empty(GPtrArray *texts)
{
	for (guint i = texts->len; i > 0; i--)
		if (*(const char *)g_ptr_array_index(texts, i - 1) == '\0')
			g_ptr_array_remove_index(texts, i - 1);
}

/* One text of cents, or one of dollars. */
static const char *
money_read(const struct request *req, const struct field *field, const GPtrArray *cents,
	struct value *out)
{
	g_autofree char *name = money_dollars_name(field);
	g_autoptr(GPtrArray) dollars = pairs_texts(req->pairs, name);

	remove_empty(dollars);
	if (dollars->len > 0 && cents->len > 0)
		return "Give it in dollars or in cents, not both.";
	if (dollars->len > 1 || cents->len > 1)
		return "Give it once.";
	if (dollars->len == 1)
		return field_check_dollars(field, g_ptr_array_index(dollars, 0), out);
	if (cents->len == 0 && field->never_empty &&
		(pairs_find(req->pairs, name) != NULL ||
			pairs_find(req->pairs, field->name) != NULL))
		return "Please fill this in.";
	return cents->len == 0 ? NULL : field_check(field, g_ptr_array_index(cents, 0), out);
}

const char *
input_form_name(const struct request *req, const struct field *field)
{
	g_autofree char *dollars = field->kind == FIELD_MONEY ? money_dollars_name(field) : NULL;
	const struct pair *pair = dollars == NULL ? NULL : pairs_find(req->pairs, dollars);

	return pair == NULL ? field->name : pair->name;
}

const char *
input_form_read(struct request *req, const struct field *field, struct value *out)
{
	g_autoptr(GPtrArray) texts = pairs_texts(req->pairs, field->name);

	if (field->kind == FIELD_ITEMS)
		return items_read(req, field, out);
	/* an input that was left empty is sent, and means that the field was left out */
	if (!field->api_only)
		remove_empty(texts);
	if (field->kind == FIELD_MONEY)
		return money_read(req, field, texts, out);
	if (texts->len == 0 && field->empty_clears && pairs_find(req->pairs, field->name) != NULL) {
		*out = (struct value){ g_strdup(""), g_strdup("\"\"") };
		return NULL;
	}
	/* inputs of a list that are all empty are an empty list, where there may be one */
	if (texts->len == 0 &&
		(field->listed_in == NULL || pairs_find(req->pairs, field->name) == NULL))
		return NULL;
	if (field->repeated)
		return repeated_read(field, texts, out);
	if (texts->len > 1)
		return "Give it once.";
	return field_check(field, g_ptr_array_index(texts, 0), out);
}

bool
input_form_has(const struct request *req, const char *name)
{
	const char *text = pairs_get(req->pairs, name);

	return text != NULL && *text != '\0';
}

/* ---- names ---- */

/* A name that a form may have beside the fields of the route. */
static bool
is_form_extra(const struct request *req, const char *name)
{
	if (!req->form)
		return false;
	return strcmp(name, "_method") == 0 || strcmp(name, "idempotency_key") == 0 ||
		(req->route->versioned && strcmp(name, "version") == 0) ||
		(resume_is_carried_by(req->route) && strcmp(name, RESUME_FIELD) == 0);
}

static bool
is_field(const struct route *route, const char *name)
{
	for (const struct field *f = route->fields; f != NULL && f->kind != FIELD_END; f++)
		if (f->kind != FIELD_ITEMS && money_is_named(f, name))
			return true;
	return false;
}

static bool
is_item_field(const struct route *route, const char *name)
{
	for (const struct field *f = route->fields; f != NULL && f->kind != FIELD_END; f++)
		if (f->kind == FIELD_ITEMS && field_find(f->of, name) != NULL)
			return true;
	return false;
}

void
input_form_check_names(struct request *req)
{
	if (req->at_root)
		return;
	for (guint i = 0; i < req->pairs->len; i++) {
		const char *name = g_array_index(req->pairs, struct pair, i).name;

		if (is_field(req->route, name) || is_form_extra(req, name) ||
			(req->form && is_item_field(req->route, name)))
			continue;
		request_add_error(req, name,
			req->method == GET ? "There is no such parameter."
					   : "There is no such field.");
	}
}
