#include "http/control.h"

#include <string.h>

#include "http/html.h"

static void
option_write(GString *out, const char *value, const char *label, const char *selected)
{
	g_string_append(out, "<option");
	html_attribute(out, "value", value);
	g_string_append(out, selected != NULL && strcmp(selected, value) == 0 ? " selected>" : ">");
	html_text(out, label);
	g_string_append(out, "</option>");
}

static void
select_write(GString *out, const struct field *field, const char *selected, const char *attributes)
{
	static const char *const booleans[] = { "true", "false", NULL };
	const char *const *choices = field->kind == FIELD_BOOL ? booleans : field->choices;

	g_string_append_printf(out, "<select%s>", attributes);
	if (selected == NULL)
		selected = field->default_value;
	if (field->optional || selected == NULL)
		option_write(out, "",
			field->blank != NULL      ? field->blank
				: field->optional ? "any"
						  : "choose",
			selected);
	for (size_t i = 0; choices[i] != NULL; i++) {
		const char *words = field->choice_words != NULL ? field->choice_words[i] : NULL;

		option_write(out, choices[i], words != NULL ? words : choices[i], selected);
	}
	g_string_append(out, "</select>");
}

static void
textarea_write(GString *out, const struct field *field, const char *value, const char *attributes)
{
	/* a browser drops the first newline after the tag */
	g_string_append_printf(out, "<textarea%s rows=\"3\" maxlength=\"%" G_GINT64_FORMAT "\">\n",
		attributes, field->max);
	html_text(out, value != NULL ? value : "");
	g_string_append(out, "</textarea>");
}

/* The limits that the browser checks as well. */
static void
limits_write(GString *out, const struct field *field)
{
	bool password = field->kind == FIELD_PASSWORD;

	if (field->kind == FIELD_INTEGER || field->kind == FIELD_HALF_STEPS)
		g_string_append_printf(out,
			" min=\"%" G_GINT64_FORMAT "\" max=\"%" G_GINT64_FORMAT "\"", field->min,
			field->max);
	if (field->kind == FIELD_HALF_STEPS)
		g_string_append(out, " step=\"0.5\"");
	if ((field->kind == FIELD_TEXT || password) && field->max > 0)
		g_string_append_printf(out, " maxlength=\"%" G_GINT64_FORMAT "\"", field->max);
	if (password && field->min > 1)
		g_string_append_printf(out, " minlength=\"%" G_GINT64_FORMAT "\"", field->min);
	if (field->kind == FIELD_COUNTRY)
		g_string_append(out, " maxlength=\"2\"");
	if (field->kind == FIELD_MONEY)
		g_string_append(out, " inputmode=\"decimal\" autocomplete=\"off\"");
}

/*
 * Browsers refuse a time that is not a multiple of the step, 60 seconds if none is given. `value`:
 * 2026-12-24T18:00, with seconds, or with seconds and their fraction.
 */
static void
time_step_write(GString *out, const char *value)
{
	if (value != NULL && strchr(value, '.') != NULL)
		g_string_append(out, " step=\"0.001\"");
	else if (value != NULL && strlen(value) > strlen("2026-12-24T18:00"))
		g_string_append(out, " step=\"1\"");
}

static void
input_write(GString *out, const struct field *field, const char *value, const char *attributes)
{
	static const char *const types[] = { [FIELD_TEXT] = "text",
		[FIELD_EMAIL] = "email",
		[FIELD_PASSWORD] = "password",
		[FIELD_INTEGER] = "number",
		[FIELD_MONEY] = "text",
		[FIELD_HALF_STEPS] = "number",
		[FIELD_TIME] = "datetime-local",
		[FIELD_COUNTRY] = "text" };

	g_string_append_printf(out, "<input type=\"%s\"%s", types[field->kind], attributes);
	limits_write(out, field);
	if (field->kind == FIELD_TIME)
		time_step_write(out, value);
	if (field->kind == FIELD_EMAIL)
		html_attribute(out, "autocomplete", "email");
	if (field->kind == FIELD_PASSWORD)
		html_attribute(
			out, "autocomplete", field->min > 1 ? "new-password" : "current-password");
	if (value != NULL)
		html_attribute(out, "value", value);
	g_string_append_c(out, '>');
}

void
control_write(GString *out, const struct field *field, const char *value, const char *attributes)
{
	if (field->kind == FIELD_CHOICE || field->kind == FIELD_BOOL)
		select_write(out, field, value, attributes);
	else if (field->kind == FIELD_LINES)
		textarea_write(out, field, value, attributes);
	else
		input_write(out, field, value, attributes);
}
