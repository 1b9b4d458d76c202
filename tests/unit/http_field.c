/* What each kind of field accepts and stores, from the text of a form and from a value of JSON. */
#include <string.h>

#include "base/json.h"
#include "http/field.h"
#include "unit.h"

static const char *const colors[] = { "black", "grey", NULL };

static const struct field name = { "name", FIELD_TEXT, .min = 1, .max = 80 };
static const struct field maybe = { "line2", FIELD_TEXT, .max = 5, .optional = true };
static const struct field lines = { "comment", FIELD_LINES, .max = 10, .optional = true };
static const struct field password = { "password", FIELD_PASSWORD, .min = 8, .max = 12 };
static const struct field email = { "email", FIELD_EMAIL };
static const struct field color = { "color", FIELD_CHOICE, .choices = colors };
static const struct field price = { "price_cents", FIELD_INTEGER, .min = 1, .max = 10000000 };
static const struct field delta = { "delta", FIELD_INTEGER, .min = -1000000, .max = 1000000,
	.not_zero = true };
static const struct field big = { "id", FIELD_INTEGER, .min = 1, .max = INT64_C(1) << 53 };
static const struct field size = { "size", FIELD_HALF_STEPS, .min = 1, .max = 20 };
static const struct field boolean = { "verified", FIELD_BOOL };
static const struct field ends_at = { "ends_at", FIELD_TIME };
static const struct field country = { "country", FIELD_COUNTRY };
static const struct field cents = { "price_cents", FIELD_MONEY, .min = 1, .max = 10000000 };

/* A text that is accepted, and the value for PostgreSQL; NULL: the same text. */
struct accepted {
	const struct field *field;
	const char *text, *value;
};

static const struct accepted accepted_texts[] = {
	{ &name, "Nike" },
	{ &name, " Nike ", "Nike" },
	{ &name, "\xc2\xa0\xe2\x80\x83\xe3\x80\x80Nike\xe3\x80\x80\xe2\x80\x89\xc2\xa0",
		"Nike" }, /* Unicode white space */
	{ &name, "\t\r\nNike\n", "Nike" },
	{ &name, "a  b" },
	{ &name, "x" },
	{ &name, "Zoë 靴 👟" },
	{ &name, "'; drop table market.shop; --" },
	{ &name, "<script>alert(1)</script>" },
	{ &name, "{\"a\",b\\}" },
	{ &name, "e\xcc\x81" },              /* a letter and its accent */
	{ &name, "👩\u200d💻 Shoes ❤\ufe0f" }, /* joined and styled emoji */
	{ &name, "Nike\u2800", "Nike" },
	{ &lines, "a\u200fb\u202e" },
	{ &maybe, "" },
	{ &maybe, "  ", "" },
	{ &maybe, "12345" },
	{ &maybe, "äöüßé" },
	{ &lines, "a\r\nb\tc", "a\nb\tc" },
	{ &lines, "1\r\n\r\n3\r5\n7\r\n9", "1\n\n3\n5\n7\n9" }, /* ten characters */
	{ &lines, "" },
	{ &password, "12345678" },
	{ &password, "        " },
	{ &password, " 234567 " }, /* not trimmed */
	{ &password, "pässwörtchen" },
	{ &password, "pa\u0308sswo\u0308rtchen" }, /* 12 characters when composed */
	{ &password, "ab\u200bcd\ufeffef" },
	{ &email, "ann@example.com" },
	{ &email, " Ann@Example.COM ", "Ann@Example.COM" },
	{ &email, "a@b" },
	{ &email, "o'hara+shoes@mail.example.co.uk" },
	{ &email, "zoë@exämple.com" },
	{ &color, "black" },
	{ &color, "grey" },
	{ &price, "1" },
	{ &price, "10000000" },
	{ &price, "007", "7" },
	{ &delta, "-1000000" },
	{ &delta, "1000000" },
	{ &delta, "-1" },
	{ &big, "9007199254740992" },
	{ &size, "1" },
	{ &size, "20" },
	{ &size, "9.5" },
	{ &size, "9.50", "9.5" },
	{ &size, "09.0", "9" },
	{ &boolean, "true" },
	{ &boolean, "1", "true" },
	{ &boolean, "false" },
	{ &boolean, "0", "false" },
	{ &ends_at, "2026-12-24T18:00:00Z", "2026-12-24T18:00:00.000000Z" },
	{ &ends_at, "2026-12-24t18:00:00z", "2026-12-24T18:00:00.000000Z" },
	{ &ends_at, "2026-12-24 18:00:00Z", "2026-12-24T18:00:00.000000Z" },
	{ &ends_at, "2026-12-24T18:00:00.125Z", "2026-12-24T18:00:00.125000Z" },
	{ &ends_at, "2026-12-24T18:00:00+02:00", "2026-12-24T16:00:00.000000Z" },
	{ &ends_at, "2026-12-31T23:30:00-01:30", "2027-01-01T01:00:00.000000Z" },
	{ &ends_at, "2028-02-29T00:00:00Z", "2028-02-29T00:00:00.000000Z" },
	{ &ends_at, "2026-12-24T18:00",
		"2026-12-24T18:00:00.000000Z" }, /* of an input of type datetime-local */
	{ &ends_at, "2026-12-24T18:00:30", "2026-12-24T18:00:30.000000Z" },
	{ &ends_at, "2026-12-24T18:00:30.5", "2026-12-24T18:00:30.500000Z" },
	{ &ends_at, "2026-12-24T18:00:30.125", "2026-12-24T18:00:30.125000Z" },
	{ &country, "DE" },
	{ &country, "us", "US" },
	{ &country, " fr ", "FR" },
};

struct refused {
	const struct field *field;
	const char *text;
};

static const struct refused refused_texts[] = {
	{ &name, "" }, { &name, "   " },
	{ &name, "\xc2\xa0\xe2\x80\x83\xe3\x80\x80" },     /* only white space */
	{ &name, "\xe2\x80\x8b" },                         /* only a zero-width space */
	{ &name, "\xe2\x80\x8d\xe2\x81\xa0\xef\xbb\xbf" }, /* joiners and a byte order mark */
	{ &name, "\xc2\xad" },                             /* a soft hyphen */
	{ &name, "\xe2\x80\xae" },                         /* a direction override */
	{ &name, "\xe3\x85\xa4" },                         /* a Hangul filler */
	{ &name, "\xef\xbe\xa0\xe1\x85\x9f" },             /* and others */
	{ &name, "\xe2\xa0\x80" },                         /* the Braille blank */
	{ &name, "a\nb" }, { &name, "a\x1b[31m" }, { &name, "a\x7f" },
	{ &name,
		"a\xc2\x85"
		"b" }, /* a control character beyond ASCII */
	{ &name, "Ni\u200bke" }, { &name, "Nike\u202e" }, { &name, "Nike\ufe0f" },
	{ &name, "\ufeffNike" }, { &name, "Air\u2028Max" }, /* a twin, or a line of its own */
	{ &maybe, "a\u00adb" }, { &email, "a\u034fnn@example.com" },
	{ &email, "ann\u3164@example.com" }, { &email, "ann\ufe0f@example.com" },
	{ &password, "a\u0308e\u0308i\u0308o\u0308" }, /* four characters */
	{ &maybe, "123456" }, { &maybe, "äöüßéè" }, { &lines, "12345678901" }, { &lines, "a\x01" },
	{ &password, "1234567" }, { &password, "1234567890123" }, { &password, "" },
	{ &password, "1234567\n" }, { &email, "" }, { &email, "  " }, { &email, "ann" },
	{ &email, "@example.com" }, { &email, "ann@" }, { &email, "ann@@example.com" },
	{ &email, "a@b@example.com" }, { &email, "ann@example..com" }, { &email, "ann@.com" },
	{ &email, "ann@example.com." }, { &email, "ann@-example.com" },
	{ &email, ".ann@example.com" }, { &email, "ann smith@example.com" },
	{ &email, "ann@exa mple.com" }, { &email, "<ann@example.com>" },
	{ &email, "\"ann\"@example.com" }, { &email, "ann@example.com,bea@example.com" },
	{ &email, "ann@example.com\nBcc: bea@example.com" },
	{ &email, "a\xe2\x80\x8bnn@example.com" }, /* looks like ann@example.com */
	{ &email, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@example.com" },
	{ &color, "Black" }, { &color, " black" }, { &color, "" }, { &color, "blackgrey" },
	{ &color, "turquoise" }, { &price, "" }, { &price, "0" }, { &price, "-1" },
	{ &price, "10000001" }, { &price, "99999999999999999999" },
	{ &price, "9223372036854775808" }, { &price, "1.0" }, { &price, "19.99" },
	{ &price, "1e3" }, { &price, "+1" }, { &price, " 1" }, { &price, "1 " }, { &price, "0x10" },
	{ &price, "1,000" }, { &price, "--1" }, { &price, "-" },
	{ &price, "١" }, /* a digit of another script */
	{ &delta, "0" }, { &delta, "-0" }, { &delta, "-1000001" }, { &delta, "1000001" },
	{ &delta, "-99999999999999999999" }, { &big, "9007199254740993" }, { &size, "" },
	{ &size, "0.5" }, { &size, "20.5" }, { &size, "9.25" }, { &size, "9.4999999999" },
	{ &size, "9." }, { &size, ".5" }, { &size, "9.5.5" }, { &size, "1e1" }, { &size, "-9" },
	{ &size, "nan" }, { &size, "inf" }, { &size, "0x9" }, { &size, "9,5" },
	{ &size, "999999999999" }, { &boolean, "" }, { &boolean, "yes" }, { &boolean, "True" },
	{ &boolean, "2" }, { &boolean, "on" }, { &ends_at, "" }, { &ends_at, "soon" },
	{ &ends_at, "2026-12-24" }, { &ends_at, "2026-12-24T18:00:" },
	{ &ends_at, "2026-12-24T18:00:00." }, { &ends_at, "2026-12-24T18:00:00x" },
	{ &ends_at, "2026-13-24T18:00:00Z" }, { &ends_at, "2026-02-29T18:00:00Z" },
	{ &ends_at, "2026-12-24T24:01:00Z" }, { &ends_at, "2026-12-24T18:60:00Z" },
	{ &ends_at, "2026-12-24T18:00:00+25:00" }, { &ends_at, "2026-12-24T18:00:00Zx" },
	{ &ends_at, "2026-W52-4T18:00:00Z" }, { &ends_at, "20261224T180000Z" },
	{ &ends_at, "1999-12-31T18:00:00Z" }, { &ends_at, "9001-01-01T18:00:00Z" },
	{ &ends_at, "+12026-12-24T18:00:00Z" }, { &ends_at, "1798135200" }, { &country, "" },
	{ &country, "D" }, { &country, "DEU" }, { &country, "D1" }, { &country, "ÄÖ" },
	{ &country, "ZZ" }, /* not assigned */
};

/* The JSON of a value means the same as its text. */
static void
assert_json_agrees(const struct value *value)
{
	enum json_fault fault;
	const char *why;
	JSON_AUTO struct json *json = json_parse(value->json, strlen(value->json), &fault, &why);
	g_autofree char *plain = json_plain(json);

	assert_non_null(json);
	assert_string_equal(plain, value->text);
}

static void
test_accepted_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(accepted_texts); i++) {
		const struct accepted *row = &accepted_texts[i];
		struct value value = { 0 };
		const char *wrong = field_check(row->field, row->text, &value);

		if (wrong != NULL)
			fail_msg("%s: \"%s\" was refused: %s", row->field->name, row->text, wrong);
		assert_string_equal(value.text, row->value != NULL ? row->value : row->text);
		assert_json_agrees(&value);
		value_clear(&value);
	}
}

static void
test_refused_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(refused_texts); i++) {
		const struct refused *row = &refused_texts[i];
		struct value value = { 0 };
		const char *wrong = field_check(row->field, row->text, &value);

		if (wrong == NULL)
			fail_msg("%s: \"%s\" was accepted as \"%s\"", row->field->name, row->text,
				value.text);
		assert_true(strlen(wrong) > 0);
		assert_null(value.text); /* untouched */
		assert_null(value.json);
	}
}

/* Dollars, exactly: 0.29 and 1.15 have no exact binary fraction. */
static void
test_dollars(void **state)
{
	static const char *const right[][2] = { { "19.99", "1999" }, { "19.9", "1990" },
		{ "19", "1900" }, { "$19.99", "1999" }, { " 19.99 ", "1999" }, { "0.01", "1" },
		{ "0.29", "29" }, { "1.15", "115" }, { "4.35", "435" }, { "1001.10", "100110" },
		{ "007.00", "700" }, { "100000", "10000000" }, { "100000.00", "10000000" } };
	static const char *const wrong[] = { "", " ", "$", ".", ".5", "5.", "19.999", "19.990",
		"19,99", "1,000", "1,000.00", "1e3", "0x10", "+5", "-5", "$-5", "19.99$", "19 .99",
		"0", "0.00", "0.001", "100000.01", "99999999999999999999", "1.9.9", "١٩", "nan",
		"19.9x" };
	struct value value = { 0 };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(right); i++) {
		assert_null(field_check_dollars(&cents, right[i][0], &value));
		assert_string_equal(value.text, right[i][1]);
		assert_json_agrees(&value);
		value_clear(&value);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
		if (field_check_dollars(&cents, wrong[i], &value) == NULL)
			fail_msg("\"%s\" was accepted as %s", wrong[i], value.text);
		assert_null(value.text);
	}
}

/* Lengths are counted in characters, not in bytes. */
static void
test_lengths(void **state)
{
	(void)state;
	for (int n = 79; n <= 81; n++) {
		g_autoptr(GString) text = g_string_new(NULL);
		struct value value = { 0 };
		const char *wrong;

		for (int i = 0; i < n; i++)
			g_string_append(text, "👟");
		wrong = field_check(&name, text->str, &value);
		assert_true((wrong == NULL) == (n <= 80));
		value_clear(&value);
	}
	for (int n = 253; n <= 256; n++) {
		g_autofree char *local = g_strnfill(60, 'a');
		g_autofree char *domain = g_strnfill((gsize)n - 61, 'b');
		g_autofree char *address = g_strconcat(local, "@", domain, NULL);
		struct value value = { 0 };

		assert_true((field_check(&email, address, &value) == NULL) == (n <= 254));
		value_clear(&value);
	}
}

/* The same fields from JSON: the type must be the field's too. */
struct from_json {
	const struct field *field;
	const char *json;
	const char *value; /* NULL: refused */
};

static const struct from_json json_values[] = {
	{ &name, "\" Nike\\u3000\"", "Nike" },
	{ &name, "12", NULL },
	{ &name, "true", NULL },
	{ &name, "null", NULL },
	{ &name, "[\"Nike\"]", NULL },
	{ &name, "{}", NULL },
	{ &color, "\"black\"", "black" },
	{ &color, "1", NULL },
	{ &price, "1999", "1999" },
	{ &price, "1999.0", "1999" },
	{ &price, "1.999e3", "1999" },
	{ &price, "19.99", NULL },
	{ &price, "\"1999\"", NULL },
	{ &price, "true", NULL },
	{ &price, "null", NULL },
	{ &price, "-1", NULL },
	{ &price, "0", NULL },
	{ &price, "1e300", NULL },
	{ &price, "[1]", NULL },
	{ &price, "9223372036854775807", NULL },
	{ &delta, "0", NULL },
	{ &delta, "-0.0", NULL },
	{ &delta, "-5", "-5" },
	{ &big, "9007199254740992", "9007199254740992" },
	{ &big, "9007199254740993", NULL },
	{ &size, "9.5", "9.5" },
	{ &size, "9", "9" },
	{ &size, "9.0", "9" },
	{ &size, "95e-1", "9.5" },
	{ &size, "9.25", NULL },
	{ &size, "9.500000000000001", NULL },
	{ &size, "9.4999999999999", NULL },
	{ &size, "0.5", NULL },
	{ &size, "20.5", NULL },
	{ &size, "-9.5", NULL },
	{ &size, "1e300", NULL },
	{ &size, "20.000000000000004", NULL },
	{ &size, "\"9.5\"", NULL },
	{ &size, "null", NULL },
	{ &boolean, "true", "true" },
	{ &boolean, "false", "false" },
	{ &boolean, "1", NULL },
	{ &boolean, "\"true\"", NULL },
	{ &boolean, "null", NULL },
	{ &email, "\"a@b.example\"", "a@b.example" },
	{ &email, "1", NULL },
	{ &country, "\"de\"", "DE" },
	{ &password, "12345678", NULL },
	{ &ends_at, "\"2026-12-24T18:00:00Z\"", "2026-12-24T18:00:00.000000Z" },
	{ &ends_at, "1798135200", NULL },
	{ &ends_at, "\"2026-12-24T18:00:30\"", NULL }, /* no zone */
	{ &lines, "\"a\\r\\nb\"", "a\nb" },
	{ &cents, "1999", "1999" },
	{ &cents, "19.99", NULL },
	{ &cents, "\"19.99\"", NULL },
};

static void
test_json(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(json_values); i++) {
		const struct from_json *from = &json_values[i];
		enum json_fault fault;
		const char *why;
		JSON_AUTO struct json *json =
			json_parse(from->json, strlen(from->json), &fault, &why);
		struct value value = { 0 };
		const char *wrong;

		assert_non_null(json);
		wrong = field_check_json(from->field, json, &value);
		if ((wrong == NULL) != (from->value != NULL))
			fail_msg("%s: %s: %s", from->field->name, from->json,
				wrong == NULL ? "was accepted" : wrong);
		if (from->value != NULL)
			assert_string_equal(value.text, from->value);
		else
			assert_null(value.text);
		value_clear(&value);
	}
}

/* There are few sentences, each made once; none has what a client sent in it. */
static void
test_sentences_are_kept(void **state)
{
	struct value value = { 0 };

	(void)state;
	assert_ptr_equal(field_check(&price, "x", &value), field_check(&price, "y", &value));
	assert_ptr_equal(field_check(&size, "x", &value), field_check(&size, "99", &value));
	assert_ptr_equal(field_check(&color, "x", &value), field_check(&color, "y", &value));
	assert_string_equal(field_check(&price, "x", &value), "A whole number from 1 to 10000000.");
	assert_string_equal(field_check(&delta, "0", &value),
		"A whole number from -1000000 to 1000000, but not 0.");
	assert_string_equal(field_check(&color, "x", &value), "One of: black, grey.");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accepted_texts),
		cmocka_unit_test(test_refused_texts),
		cmocka_unit_test(test_dollars),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_sentences_are_kept),
	};

	return cmocka_run_group_tests_name("http_field", tests, NULL, NULL);
}
