/* What mails say: facts in their places, and no fact as markup or as another placeholder. */
#include "market/mail_text.h"

#include <string.h>

#include "base/json.h"
#include "unit.h"

#define URL "https://shoes.example"

static bool
write_text(const char *facts, struct mail_text *out)
{
	enum json_fault fault;
	const char *why;
	JSON_AUTO struct json *parsed = json_parse(facts, strlen(facts), &fault, &why);

	assert_non_null(parsed);
	return mail_text_write(parsed, URL, "T0KEN", out);
}

static void
assert_has(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("\"%s\" is not in:\n%s", part, text);
}

static void
test_won(void **state)
{
	struct mail_text text;

	(void)state;
	assert_true(write_text(
		"{\"kind\":\"won\",\"name\":\"Zo\u00eb\",\"order_id\":7,\"total_cents\":12345,"
		"\"due_at\":\"2026-11-30T18:30:00.000Z\",\"is_paid_later\":false,"
		"\"order_action\":\"Pay now\",\"shipping_cents\":500,"
		"\"lines\":[{\"what\":\"A & B, red, size 9\",\"quantity\":2,"
		"\"total_cents\":11845,\"shop_name\":\"Gum\"}]}",
		&text));
	assert_string_equal(text.subject, "Order 7 is yours");
	assert_has(text.text, "Hello Zoë,");
	assert_has(text.text, "Please pay $123.45 by 2026-11-30 18:30 UTC.");
	assert_has(text.text, "- 2 x A & B, red, size 9 (Gum): $118.45\n- Shipping: $5.00\n");
	assert_has(text.text, "Pay now:\n" URL "/api/orders/7\n");
	assert_has(text.html, "2 x A &amp; B, red, size 9 (Gum): $118.45");
	assert_null(strstr(text.text, "when you get it"));
	assert_null(strstr(text.text, "T0KEN"));
	mail_text_clear(&text);
}

static void
test_without_payments(void **state)
{
	struct mail_text text;

	(void)state;
	assert_true(
		write_text("{\"kind\":\"won\",\"name\":\"A\",\"order_id\":7,\"total_cents\":100,"
			   "\"due_at\":null,\"is_paid_later\":true,\"pickup\":\"Gum, 1 Main St\"}",
			&text));
	assert_has(text.text, "You pay $1.00 when you get it.");
	assert_has(text.text, "Pick it up here:\nGum, 1 Main St\n");
	assert_has(text.html, "Pick it up here:<br>Gum, 1 Main St");
	assert_null(strstr(text.text, "Please pay"));
	mail_text_clear(&text);
}

static void
test_token(void **state)
{
	struct mail_text text;

	(void)state;
	assert_true(write_text(
		"{\"kind\":\"reset\",\"name\":\"{token} <script>alert(1)</script>\"}", &text));
	assert_has(text.text, URL "/api/password-resets?token=T0KEN\n");
	assert_has(text.text, "Hello {token} <script>");
	assert_has(text.html, "Hello {token} &lt;script&gt;");
	assert_ptr_equal(strstr(text.text, "T0KEN"), g_strrstr(text.text, "T0KEN"));
	assert_null(strstr(text.subject, "T0KEN"));
	mail_text_clear(&text);
}

static void
test_each_kind(void **state)
{
	static const char *const kinds[] = { "confirm", "reset", "won", "paid", "lapsed",
		"cancelled", "refunded", "shipped", "moved_up", "to_send", "payout" };
	struct mail_text text;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
		g_autofree char *facts = g_strdup_printf(
			"{\"kind\":\"%s\",\"name\":\"A\",\"order_id\":1,\"shop_id\":2,"
			"\"event_id\":3,"
			"\"is_paid\":true,\"is_sent\":true}",
			kinds[i]);

		assert_true(write_text(facts, &text));
		assert_null(strchr(text.text, '{'));
		assert_null(strchr(text.subject, '{'));
		assert_non_null(strstr(text.text, URL "/api/"));
		mail_text_clear(&text);
	}
	assert_false(write_text("{\"kind\":\"other\",\"name\":\"A\"}", &text));
	assert_false(write_text("{\"name\":\"A\"}", &text));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_won),
		cmocka_unit_test(test_without_payments),
		cmocka_unit_test(test_token),
		cmocka_unit_test(test_each_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
