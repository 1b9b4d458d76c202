#include "http/value_list.h"

#include <string.h>

#include "base/text.h"

struct value_list
value_list_begin(const struct field *field)
{
	return (struct value_list){ .text = field->kind == FIELD_ITEMS ? NULL : g_string_new("{"),
		.json = g_string_new("["),
		.n = 0 };
}

void
value_list_add(struct value_list *list, struct value *value)
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

void
value_list_item_begin(struct value_list *list)
{
	text_add(list->json, list->n++ > 0 ? ",{" : "{");
}

void
value_list_item_add(struct value_list *list, const char *name, const struct value *value)
{
	GString *json = list->json;

	text_add(json, json->str[json->len - 1] == '{' ? "\"" : ",\"");
	text_add(json, name);
	text_add(json, "\":");
	text_add(json, value->json);
}

void
value_list_item_end(struct value_list *list)
{
	g_string_append_c(list->json, '}');
}

const char *
value_list_check_length(const struct field *field, unsigned n)
{
	unsigned most = field_at_most(field);

	return n >= field->at_least && n <= most
		? NULL
		: field_sentence("Give %u to %u of them.", field->at_least, most);
}

const char *
value_list_end(struct value_list *list, const struct field *field, struct value *out)
{
	const char *wrong = value_list_check_length(field, list->n);

	if (wrong == NULL) {
		g_string_append_c(list->json, ']');
		out->json = g_string_free(g_steal_pointer(&list->json), FALSE);
		out->text = out->json;
	}
	if (wrong == NULL && list->text != NULL) {
		g_string_append_c(list->text, '}');
		out->text = g_string_free(g_steal_pointer(&list->text), FALSE);
	}
	value_list_clear(list);
	return wrong;
}

void
value_list_clear(struct value_list *list)
{
	if (list->text != NULL)
		g_string_free(list->text, TRUE);
	if (list->json != NULL)
		g_string_free(list->json, TRUE);
}
