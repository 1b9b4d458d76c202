#include "http/input_json.h"

#include "http/value_list.h"

/* ---- items ---- */

/* Adds an error at "items[2].quantity"; at "items[2]" where `member` is NULL. */
static void
add_item_error(struct request *req, const struct field *field, size_t i, const char *member,
	const char *message)
{
	g_autofree char *name = member == NULL
		? g_strdup_printf("%s[%zu]", field->name, i)
		: g_strdup_printf("%s[%zu].%s", field->name, i, member);

	request_add_error(req, name, message);
}

/* Reads the members of the ith item into the list; adds an error for each that is wrong. */
static void
members_read(struct request *req, const struct field *field, size_t i, const struct json *item,
	struct value_list *list)
{
	for (void *it = json_first(item); it != NULL; it = json_next(item, it))
		if (field_find(field->of, json_name(it)) == NULL)
			add_item_error(req, field, i, json_name(it), "There is no such field.");
	for (const struct field *f = field->of; f->kind != FIELD_END; f++) {
		const struct json *member = json_get(item, f->name);
		struct value value = { 0 };
		const char *wrong = member == NULL ? "Please fill this in."
						   : field_check_json(f, member, &value);

		if (wrong != NULL)
			add_item_error(req, field, i, f->name, wrong);
		else
			value_list_item_add(list, f->name, &value);
		value_clear(&value);
	}
}

static const char *
items_read(
	struct request *req, const struct field *field, const struct json *array, struct value *out)
{
	struct value_list list;
	size_t i = 0;

	if (json_kind(array) != JSON_KIND_ARRAY)
		return "This must be a list.";
	list = value_list_begin(field);
	for (const struct json *item = json_first_element(array); item != NULL;
		item = json_next_element(item), i++) {
		value_list_item_begin(&list);
		if (json_kind(item) == JSON_KIND_OBJECT)
			members_read(req, field, i, item, &list);
		else
			add_item_error(req, field, i, NULL, "This must be an object.");
		value_list_item_end(&list);
	}
	return value_list_end(&list, field, out);
}

/* ---- fields ---- */

static const char *
repeated_read(const struct field *field, const struct json *array, struct value *out)
{
	struct value_list list;

	if (json_kind(array) != JSON_KIND_ARRAY)
		return "This must be a list.";
	list = value_list_begin(field);
	for (const struct json *element = json_first_element(array); element != NULL;
		element = json_next_element(element)) {
		struct value value = { 0 };
		const char *wrong = field_check_json(field, element, &value);

		if (wrong != NULL) {
			value_list_clear(&list);
			return wrong;
		}
		value_list_add(&list, &value);
	}
	return value_list_end(&list, field, out);
}

const char *
input_json_read(
	struct request *req, const struct field *field, const struct json *body, struct value *out)
{
	const struct json *member = json_get(body, field->name);
	bool list = field->kind == FIELD_ITEMS || field->repeated;

	/* null is "left out", but not for a list: {"items": null} must not buy the whole cart */
	if (member == NULL || (field->optional && json_kind(member) == JSON_KIND_NULL && !list))
		return NULL;
	if (field->kind == FIELD_ITEMS)
		return items_read(req, field, member, out);
	if (field->repeated)
		return repeated_read(field, member, out);
	return field_check_json(field, member, out);
}

bool
input_json_has(const struct json *body, const char *name)
{
	return json_kind(json_get(body, name)) != JSON_KIND_NULL;
}

void
input_json_check_names(struct request *req, const struct json *body)
{
	for (void *it = json_first(body); it != NULL; it = json_next(body, it))
		if (field_find(req->route->fields, json_name(it)) == NULL)
			request_add_error(req, json_name(it), "There is no such field.");
}
