/* From a query, a form or a JSON body to the checked values of a route's fields. */
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "http/field.h"
#include "http/input.h"
#include "http/pairs.h"

enum {
	ELEMENTS_MAX = 100,  /* of a list that sets no limit of its own */
	DIGESTED_SIZE = 240, /* what a digest is of, mostly; it grows */
};

/* ---- lists: an array literal for PostgreSQL, an array for JSON ---- */

struct list {
	GString *text; /* NULL for items: they are JSON for PostgreSQL, too */
	GString *json;
	unsigned n;
};

static struct list
list_begin(const struct field *field)
{
	return (struct list){ .text = field->kind == FIELD_ITEMS ? NULL : g_string_new("{"),
		.json = g_string_new("["),
		.n = 0 };
}

static void
list_add(struct list *list, struct value *value)
{
	if (list->n++ > 0) {
		g_string_append_c(list->text, ',');
		g_string_append_c(list->json, ',');
	}
	g_string_append_c(list->text, '"');
	for (const char *p = value->text; *p != '\0'; p++) {
		if (*p == '"' || *p == '\\')
			g_string_append_c(list->text, '\\');
		g_string_append_c(list->text, *p);
	}
	g_string_append_c(list->text, '"');
	g_string_append(list->json, value->json);
	value_clear(value);
}

static void
list_clear(struct list *list)
{
	if (list->text != NULL)
		g_string_free(list->text, TRUE);
	if (list->json != NULL)
		g_string_free(list->json, TRUE);
}

/* What is wrong with a list of `n` elements; NULL: nothing. */
static const char *
count_fault(const struct field *field, unsigned n)
{
	unsigned most = field->at_most > 0 ? field->at_most : ELEMENTS_MAX;

	return n >= field->at_least && n <= most
		? NULL
		: field_sentence("Give %u to %u of them.", field->at_least, most);
}

/* Ends a list; says what is wrong with its length, or gives its value. */
static const char *
list_end(struct list *list, const struct field *field, struct value *out)
{
	const char *wrong = count_fault(field, list->n);

	if (wrong == NULL) {
		g_string_append_c(list->json, ']');
		out->json = g_string_free(g_steal_pointer(&list->json), FALSE);
		out->text = out->json;
	}
	if (wrong == NULL && list->text != NULL) {
		g_string_append_c(list->text, '}');
		out->text = g_string_free(g_steal_pointer(&list->text), FALSE);
	}
	list_clear(list);
	return wrong;
}

/* ---- items: objects with fields of their own ---- */

static void
complain_at(struct request *req, const struct field *field, size_t i, const char *inner,
	const char *message)
{
	g_autofree char *name = inner == NULL
		? g_strdup_printf("%s[%zu]", field->name, i)
		: g_strdup_printf("%s[%zu].%s", field->name, i, inner);

	request_add_error(req, name, message);
}

static const struct field *
field_named(const struct field *fields, const char *name)
{
	for (const struct field *f = fields; f != NULL && f->kind != FIELD_END; f++)
		if (strcmp(f->name, name) == 0)
			return f;
	return NULL;
}

/* Begins one more object of a list of items; its members follow. */
static void
item_begin(struct list *list)
{
	text_add(list->json, list->n++ > 0 ? ",{" : "{");
}

static void
item_add(struct list *list, const char *name, const struct value *value)
{
	GString *json = list->json;

	text_add(json, json->str[json->len - 1] == '{' ? "\"" : ",\"");
	text_add(json, name);
	text_add(json, "\":");
	text_add(json, value->json);
}

static void
item_end(struct list *list)
{
	g_string_append_c(list->json, '}');
}

/* Adds one object to a list of items; field_errors where it is wrong. */
static void
item_from_json(struct request *req, const struct field *field, size_t i, const struct json *item,
	struct list *list)
{
	item_begin(list);
	if (json_kind(item) != JSON_KIND_OBJECT) {
		complain_at(req, field, i, NULL, "This must be an object.");
		item_end(list);
		return;
	}
	for (void *it = json_first(item); it != NULL; it = json_next(item, it))
		if (field_named(field->of, json_name(it)) == NULL)
			complain_at(req, field, i, json_name(it), "There is no such field.");
	for (const struct field *f = field->of; f->kind != FIELD_END; f++) {
		const struct json *member = json_get(item, f->name);
		struct value value = { 0 };
		const char *wrong = member == NULL ? "Please fill this in."
						   : field_check_json(f, member, &value);

		if (wrong != NULL) {
			complain_at(req, field, i, f->name, wrong);
			continue;
		}
		item_add(list, f->name, &value);
		value_clear(&value);
	}
	item_end(list);
}

static const char *
items_from_json(
	struct request *req, const struct field *field, const struct json *array, struct value *out)
{
	struct list list;

	if (json_kind(array) != JSON_KIND_ARRAY)
		return "This must be a list.";
	list = list_begin(field);
	for (size_t i = 0; i < json_count(array); i++)
		item_from_json(req, field, i, json_at(array, i), &list);
	return list_end(&list, field, out);
}

/* In a form, the fields of the items stand beside each other, each as often as there are items. */
static const char *
items_from_form(struct request *req, const struct field *field, struct value *out)
{
	g_autoptr(GPtrArray) first = pairs_texts(req->pairs, field->of[0].name);
	const char *wrong;
	struct list list;

	for (const struct field *f = field->of + 1; f->kind != FIELD_END; f++) {
		g_autoptr(GPtrArray) texts = pairs_texts(req->pairs, f->name);

		if (texts->len != first->len) {
			request_add_error(
				req, f->name, "Give it as often as the others of its kind.");
			return NULL;
		}
	}
	if (first->len == 0)
		return NULL;
	wrong = count_fault(field, first->len);
	if (wrong != NULL)
		return wrong; /* before each of thousands is looked for */
	list = list_begin(field);
	for (guint i = 0; i < first->len; i++) {
		item_begin(&list);
		for (const struct field *f = field->of; f->kind != FIELD_END; f++) {
			g_autoptr(GPtrArray) texts = pairs_texts(req->pairs, f->name);
			struct value value = { 0 };

			wrong = field_check(f, g_ptr_array_index(texts, i), &value);
			if (wrong != NULL)
				request_add_error(req, f->name, wrong);
			else
				item_add(&list, f->name, &value);
			value_clear(&value);
		}
		item_end(&list);
	}
	return list_end(&list, field, out);
}

/* ---- fields ---- */

static const char *
repeated_from_json(const struct field *field, const struct json *array, struct value *out)
{
	struct list list;

	if (json_kind(array) != JSON_KIND_ARRAY)
		return "This must be a list.";
	list = list_begin(field);
	for (size_t i = 0; i < json_count(array); i++) {
		struct value value = { 0 };
		const char *wrong = field_check_json(field, json_at(array, i), &value);

		if (wrong != NULL) {
			list_clear(&list);
			return wrong;
		}
		list_add(&list, &value);
	}
	return list_end(&list, field, out);
}

static const char *
repeated_from_texts(const struct field *field, const GPtrArray *texts, struct value *out)
{
	struct list list = list_begin(field);

	for (guint i = 0; i < texts->len; i++) {
		struct value value = { 0 };
		const char *wrong = field_check(field, g_ptr_array_index(texts, i), &value);

		if (wrong != NULL) {
			list_clear(&list);
			return wrong;
		}
		list_add(&list, &value);
	}
	return list_end(&list, field, out);
}

/* An input left empty in a form or a query means that it was left out. */
static void
drop_empty(GPtrArray *texts)
{
	for (guint i = texts->len; i > 0; i--)
		if (*(const char *)g_ptr_array_index(texts, i - 1) == '\0')
			g_ptr_array_remove_index(texts, i - 1);
}

static const char *
field_from_pairs(struct request *req, const struct field *field, struct value *out)
{
	g_autoptr(GPtrArray) texts = pairs_texts(req->pairs, field->name);

	if (field->kind == FIELD_ITEMS)
		return items_from_form(req, field, out);
	if (!field->api_only)
		drop_empty(texts);
	if (texts->len == 0)
		return NULL;
	if (field->repeated)
		return repeated_from_texts(field, texts, out);
	if (texts->len > 1)
		return "Give it once.";
	return field_check(field, g_ptr_array_index(texts, 0), out);
}

static const char *
field_from_json(
	struct request *req, const struct field *field, const struct json *body, struct value *out)
{
	const struct json *member = json_get(body, field->name);

	/* null is "not given", but not of a list: {"items": null} must not buy the whole cart */
	if (member == NULL ||
		(field->optional && json_kind(member) == JSON_KIND_NULL &&
			field->kind != FIELD_ITEMS && !field->repeated))
		return NULL;
	if (field->kind == FIELD_ITEMS)
		return items_from_json(req, field, member, out);
	if (field->repeated)
		return repeated_from_json(field, member, out);
	return field_check_json(field, member, out);
}

/* A name that a form may bring beside the route's fields. */
static bool
is_form_extra(const struct request *req, const char *name)
{
	if (!req->form)
		return false;
	return strcmp(name, "_method") == 0 ||
		(req->route->method == POST && strcmp(name, "idempotency_key") == 0) ||
		(req->route->versioned && strcmp(name, "version") == 0);
}

static bool
is_item_field(const struct route *route, const char *name)
{
	for (const struct field *f = route->fields; f != NULL && f->kind != FIELD_END; f++)
		if (f->kind == FIELD_ITEMS && field_named(f->of, name) != NULL)
			return true;
	return false;
}

static void
complain_of_unknown_pairs(struct request *req)
{
	for (guint i = 0; i < req->pairs->len; i++) {
		const char *name = g_array_index(req->pairs, struct pair, i).name;
		const struct field *field = field_named(req->route->fields, name);

		if ((field != NULL && field->kind != FIELD_ITEMS) || is_form_extra(req, name) ||
			(req->form && is_item_field(req->route, name)))
			continue;
		request_add_error(req, name,
			req->method == GET ? "There is no such parameter."
					   : "There is no such field.");
	}
}

/* Whether the field that may stand for this one is there; what it holds is looked at in its own turn. */
static bool
is_given_otherwise(const struct request *req, const struct field *field, const struct json *body)
{
	const char *text = field->or_field == NULL ? NULL : pairs_get(req->pairs, field->or_field);

	if (field->or_field == NULL || body == NULL)
		return text != NULL && *text != '\0';
	return json_kind(json_get(body, field->or_field)) != JSON_KIND_NULL;
}

static void
check_fields(struct request *req, const struct json *body)
{
	size_t i = 0;

	for (const struct field *f = req->route->fields; f != NULL && f->kind != FIELD_END;
		f++, i++) {
		struct value *value = &req->values[i];
		guint before = req->field_errors->len;
		const char *wrong = body != NULL ? field_from_json(req, f, body, value)
						 : field_from_pairs(req, f, value);

		if (wrong == NULL && value->text == NULL && f->default_value != NULL)
			wrong = field_check(f, f->default_value, value);
		if (wrong == NULL && value->text == NULL && !f->optional &&
			!is_given_otherwise(req, f, body) && req->field_errors->len == before)
			wrong = "Please fill this in.";
		if (wrong != NULL)
			request_add_error(req, f->name, wrong);
	}
}

static enum err
check_json(struct request *req, const char *body, size_t length, const char **detail)
{
	enum json_fault fault;
	JSON_AUTO struct json *root =
		json_parse(length > 0 ? body : "{}", length > 0 ? length : 2, &fault, detail);

	if (fault == JSON_BROKEN)
		return ERR_NOT_JSON;
	if (fault == JSON_REFUSED)
		return ERR_INVALID;
	if (json_kind(root) != JSON_KIND_OBJECT) {
		*detail = "The body must be a JSON object.";
		return ERR_INVALID;
	}
	for (void *it = json_first(root); it != NULL; it = json_next(root, it))
		if (field_named(req->route->fields, json_name(it)) == NULL)
			request_add_error(req, json_name(it), "There is no such field.");
	check_fields(req, root);
	return ERR_NONE;
}

enum err
input_check(struct request *req, const char *body, size_t length, const char **detail)
{
	if (req->method != GET && *req->query != '\0') {
		GArray *query = pairs_new();

		if (!pairs_decode(req->query, strlen(req->query), query) || query->len > 0)
			request_add_error(req, "query", "This address takes no parameters.");
		pairs_free(query);
	}
	if (req->method == GET && !pairs_decode(req->query, strlen(req->query), req->pairs)) {
		*detail = "The parameters cannot be decoded.";
		return ERR_INVALID;
	}
	if (req->method != GET && !req->form)
		return check_json(req, body, length, detail);
	complain_of_unknown_pairs(req);
	check_fields(req, NULL);
	return ERR_NONE;
}

void
input_digest(const struct request *req, char out[static DIGEST_SIZE])
{
	g_autoptr(GString) all = g_string_sized_new(DIGESTED_SIZE);
	size_t i = 0;

	text_add(all, method_name(req->route->method));
	g_string_append_c(all, ' ');
	text_add(all, req->path);
	for (const struct field *f = req->route->fields; f != NULL && f->kind != FIELD_END;
		f++, i++) {
		if (req->values[i].json == NULL)
			continue;
		g_string_append_c(all, '\n');
		text_add(all, f->name);
		g_string_append_c(all, ':');
		text_add(all, req->values[i].json);
	}
	secret_digest(all->str, all->len, out);
}
