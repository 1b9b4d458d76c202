/*
 * Any bytes as a query or a form: what is decoded is UTF-8, and stays the same if it is encoded and
 * decoded again. Its texts are checked by a field of every kind, whose value must mean the same as
 * text for PostgreSQL and as JSON.
 */
#include "fuzz.h"

#include <string.h>

#include "base/json.h"
#include "http/input.h"
#include "http/pairs.h"

static const char *const choices[] = { "black", "grey", "a\"b\\", NULL };

static const struct field fields[] = {
	{ "name", FIELD_TEXT, .min = 1, .max = 80 },
	{ "comment", FIELD_LINES, .max = 200 },
	{ "email", FIELD_EMAIL },
	{ "password", FIELD_PASSWORD, .min = 8, .max = 128 },
	{ "color", FIELD_CHOICE, .choices = choices },
	{ "count", FIELD_INTEGER, .min = -1000, .max = INT64_C(1) << 53, .not_zero = true },
	{ "size", FIELD_HALF_STEPS, .min = 1, .max = 20 },
	{ "verified", FIELD_BOOL },
	{ "at", FIELD_TIME },
	{ "country", FIELD_COUNTRY },
};

static const struct field lists[] = {
	{ "a", FIELD_TEXT, .min = 1, .max = 80, .optional = true, .repeated = true },
	{ "b", FIELD_CHOICE, .choices = choices, .optional = true, .repeated = true },
	{ 0 },
};
static const struct route route = { GET, "/lists", ANYONE, lists, 200 };

static struct json *
parse(const char *text)
{
	enum json_fault fault;
	const char *why = NULL;
	struct json *root = json_parse(text, strlen(text), &fault, &why);

	MUST(root != NULL, "%s: %s", text, why);
	return root;
}

static void
check_fields(const char *text)
{
	for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
		struct value value = { 0 };
		const char *wrong = field_check(&fields[i], text, &value);

		MUST((wrong == NULL) == (value.text != NULL) &&
				(wrong == NULL) == (value.json != NULL),
			"%s: %s", fields[i].name, text);
		if (wrong == NULL) {
			JSON_AUTO struct json *json = parse(value.json);
			g_autofree char *plain = json_plain(json);
			struct value again = { 0 };

			MUST(strcmp(plain, value.text) == 0, "%s: %s is %s", fields[i].name,
				value.text, value.json);
			/* an accepted value is accepted again, unchanged */
			MUST(field_check(&fields[i], value.text, &again) == NULL &&
					strcmp(again.text, value.text) == 0,
				"%s: %s", fields[i].name, value.text);
			value_clear(&again);
		}
		value_clear(&value);
	}
}

/* An array literal has each element in quotes, with backslashes before quotes and backslashes. */
static void
check_literal(const struct value *value)
{
	JSON_AUTO struct json *json = parse(value->json);
	const char *p = value->text;

	MUST(*p == '{', "%s", value->text);
	for (const struct json *element = json_first_element(json); element != NULL;
		element = json_next_element(element)) {
		const char *want = json_text(element);

		MUST(*p++ == (element == json_first_element(json) ? '{' : ','), "%s", value->text);
		MUST(*p++ == '"', "%s", value->text);
		for (; *p != '"'; p++, want++) {
			p += *p == '\\';
			MUST(*p != '\0' && *p == *want, "%s is %s", value->text, value->json);
		}
		MUST(*want == '\0', "%s is %s", value->text, value->json);
		p++;
	}
	MUST(strcmp(p, json_first_element(json) == NULL ? "{}" : "}") == 0, "%s", value->text);
}

static void
check_lists(const char *query)
{
	struct request req = { .route = &route, .method = GET, .path = "/lists", .query = query };
	const char *detail = NULL;
	char digest[DIGEST_SIZE];

	req.pairs = pairs_new();
	req.field_errors = g_array_new(FALSE, TRUE, sizeof(struct field_error));
	if (input_check(&req, "", 0, &detail) == ERR_NONE) {
		for (size_t i = 0; i < 2; i++)
			if (req.values[i].text != NULL)
				check_literal(&req.values[i]);
		input_digest(&req, digest);
		MUST(strlen(digest) == DIGEST_SIZE - 1, "%s", digest);
	} else {
		MUST(detail != NULL, "%s", query);
	}
	for (size_t i = 0; i < 2; i++)
		value_clear(&req.values[i]);
	for (guint i = 0; i < req.field_errors->len; i++) {
		g_free(g_array_index(req.field_errors, struct field_error, i).field);
		g_free(g_array_index(req.field_errors, struct field_error, i).message);
	}
	g_array_free(req.field_errors, TRUE);
	pairs_free(req.pairs);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	GArray *pairs = pairs_new();
	GArray *again = pairs_new();
	g_autoptr(GString) encoded = g_string_new(NULL);
	bool decoded = pairs_decode((const char *)data, size, pairs);

	for (guint i = 0; i < pairs->len; i++) {
		const struct pair *pair = &g_array_index(pairs, struct pair, i);
		g_autofree char *name = g_uri_escape_string(pair->name, NULL, FALSE);
		g_autofree char *text = g_uri_escape_string(pair->text, NULL, FALSE);

		MUST(g_utf8_validate(pair->name, -1, NULL) && g_utf8_validate(pair->text, -1, NULL),
			"not UTF-8");
		g_string_append_printf(encoded, "%s%s=%s", i > 0 ? "&" : "", name, text);
		if (i < 8)
			check_fields(pair->text);
	}
	if (decoded) {
		MUST(pairs_decode(encoded->str, encoded->len, again) && again->len == pairs->len,
			"%s", encoded->str);
		for (guint i = 0; i < pairs->len; i++)
			MUST(strcmp(g_array_index(pairs, struct pair, i).text,
				     g_array_index(again, struct pair, i).text) == 0,
				"%s", encoded->str);
		check_lists(encoded->str);
	}
	pairs_free(pairs);
	pairs_free(again);
	return 0;
}
