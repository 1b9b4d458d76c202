#include "http/form_value.h"

#include <string.h>

#include "http/money.h"

/*
 * The object of the answer that the form changes: the member named like the last segment of the
 * route's path, as "address" on the page of an account. NULL: there is none, or it is null.
 */
static const struct json *
edited_part(const struct form *form)
{
	const struct json *part = json_get(form->view->answer, strrchr(form->route->path, '/') + 1);

	return json_kind(part) == JSON_KIND_OBJECT ? part : NULL;
}

char *
form_current_text(const struct form *form, const char *name)
{
	const struct json *member = json_get(form->row, name);

	if (member == NULL)
		member = json_get(edited_part(form), name);
	if (member == NULL)
		member = json_get(form->view->answer, name);
	return json_kind(member) == JSON_KIND_NULL ? NULL : json_plain(member);
}

/* Whether the member of the row, or else of the answer, is neither null nor false. */
static bool
may_be_shown(const struct form *form, const char *name)
{
	const struct json *member = json_get(form->row, name);

	if (member == NULL)
		member = json_get(form->view->answer, name);
	return member == NULL || view_is_set(member);
}

bool
form_has_use_of(const struct form *form, const struct field *field)
{
	return field->input_while == NULL || may_be_shown(form, field->input_while);
}

const char **
form_offered_choices(const struct form *form, const struct field *field)
{
	g_autoptr(GPtrArray) offered = g_ptr_array_new();

	if (field->choices_while == NULL)
		return NULL;
	for (size_t i = 0; field->choices[i] != NULL; i++) {
		if (may_be_shown(form, field->choices_while[i]))
			g_ptr_array_add(offered, (gpointer)field->choices[i]);
	}
	if (offered->len == 0)
		return NULL;
	g_ptr_array_add(offered, NULL);
	return (const char **)g_ptr_array_steal(offered, NULL);
}

const struct pair *
form_sent_pair(const struct form *form, const struct field *field, unsigned nth)
{
	const GArray *pairs = form->view->req->pairs;

	for (guint i = 0; i < pairs->len; i++) {
		const struct pair *pair = &g_array_index(pairs, struct pair, i);

		if (money_is_named(field, pair->name) && *pair->text != '\0' && nth-- == 0)
			return pair;
	}
	return NULL;
}

const char *
form_sent_text(const struct form *form, const struct field *field, unsigned nth)
{
	const struct pair *pair = form_sent_pair(form, field, nth);

	return pair == NULL ? NULL : pair->text;
}

/*
 * Cuts a time, such as 2026-12-24T18:00:30.500Z, to the format of datetime-local: no zone (it is
 * UTC), three digits of a fraction at most, no fraction and no seconds where they are 0.
 */
static void
cut_time(char *text)
{
	enum { MINUTES = 16, SECONDS = 19, MILLISECONDS = 23 }; /* lengths */

	text[strcspn(text, "Z")] = '\0';
	if (strlen(text) > MILLISECONDS)
		text[MILLISECONDS] = '\0';
	if (strlen(text) > SECONDS && strspn(text + SECONDS + 1, "0") == strlen(text + SECONDS + 1))
		text[SECONDS] = '\0';
	if (strlen(text) == SECONDS && g_str_has_suffix(text, ":00"))
		text[MINUTES] = '\0';
}

/*
 * A checked value as a control of its kind holds it: cents as dollars, a time without its zone.
 * Free with g_free().
 */
static char *
control_text(const struct field *field, const char *text)
{
	char *value = field->kind == FIELD_MONEY ? money_text(g_ascii_strtoll(text, NULL, 10))
						 : g_strdup(text);

	if (field->kind == FIELD_TIME)
		cut_time(value);
	return value;
}

/*
 * What was sent as the nth value of a field, in the notation of its control if it is right; as it
 * was typed if not.
 */
static char *
sent_value(const struct form *form, const struct field *field, unsigned nth)
{
	const struct pair *pair = form_sent_pair(form, field, nth);
	struct value value = { 0 };
	char *text;

	if (pair == NULL || field->kind == FIELD_LINES || strcmp(pair->name, field->name) != 0 ||
		field_check(field, pair->text, &value) != NULL)
		return pair == NULL ? NULL : g_strdup(pair->text);
	text = control_text(field, value.text);
	value_clear(&value);
	return text;
}

/* The nth text of the list that the form writes anew. Free with g_free(); NULL: it ends before. */
static char *
listed_text(const struct form *form, const struct field *field, unsigned nth)
{
	const struct json *list = json_get(form->view->answer, field->listed_in);
	const struct json *object = json_first_element(list);

	while (object != NULL && nth-- > 0)
		object = json_next_element(object);
	return object == NULL ? NULL : json_plain(json_get(object, field->listed_member));
}

char *
form_input_value(const struct form *form, const struct field *field, unsigned nth)
{
	g_autofree char *text = NULL;

	if (field->kind == FIELD_PASSWORD)
		return NULL;
	if (form->refill)
		return sent_value(form, field, nth);
	if (field->listed_in != NULL)
		return listed_text(form, field, nth);
	if (form->edits && !field->fresh)
		text = form_current_text(form, field->name);
	return text == NULL ? g_strdup(field->initial) : control_text(field, text);
}
