/* Mails as they are sent: nothing that people typed begins a header, and texts arrive whole. */
#include "net/mime.h"

#include <string.h>

#include "unit.h"

static const struct mime_mail plain = { .from_name = "Shoetopia",
	.from = "mail@shoes.example",
	.to_name = "Maya Lee",
	.to = "maya@example.com",
	.subject = "Order 7 is yours",
	.id = "12.345",
	.at_seconds = 1796062148,
	.text = "Hello.\n",
	.html = "<p>Hello.</p>\n" };

/* The value of a header, unfolded. Free with g_free(); NULL: there is not exactly one. */
static char *
header_of(const GString *mail, const char *name)
{
	g_autofree char *head =
		g_strndup(mail->str, (size_t)(strstr(mail->str, "\r\n\r\n") - mail->str));
	g_auto(GStrv) lines = g_strsplit(head, "\r\n", -1);
	g_autoptr(GString) value = NULL;
	g_autofree char *begin = g_strconcat(name, ": ", NULL);
	bool inside = false;
	int found = 0;

	for (char **line = lines; *line != NULL; line++) {
		if (**line == ' ') {
			if (inside)
				g_string_append(value, *line);
			continue;
		}
		inside = g_str_has_prefix(*line, begin);
		if (inside && found++ == 0)
			value = g_string_new(*line + strlen(begin));
	}
	return found == 1 ? g_strdup(value->str) : NULL;
}

static void
assert_header(const struct mime_mail *mail, const char *name, const char *value)
{
	GString *written = mime_write(mail);
	g_autofree char *found = NULL;

	assert_non_null(written);
	found = header_of(written, name);
	assert_non_null(found);
	assert_string_equal(found, value);
	g_string_free(written, TRUE);
}

static void
test_plain_headers(void **state)
{
	(void)state;
	assert_header(&plain, "From", "Shoetopia <mail@shoes.example>");
	assert_header(&plain, "To", "Maya Lee <maya@example.com>");
	assert_header(&plain, "Subject", "Order 7 is yours");
	assert_header(&plain, "Date", "Mon, 30 Nov 2026 18:09:08 +0000");
	assert_header(&plain, "Message-ID", "<12.345@shoes.example>");
	assert_header(&plain, "MIME-Version", "1.0");
}

/* What people typed, and how it stands in the header. */
static void
test_typed_texts(void **state)
{
	static const struct {
		const char *typed, *subject;
	} table[] = {
		{ "Zoë", "=?UTF-8?B?Wm/Dqw==?=" },
		{ "a\r\nBcc: b@c.de", "=?UTF-8?B?YSAgQmNjOiBiQGMuZGU=?=" },
		{ "a\nb", "=?UTF-8?B?YSBi?=" },
		{ "=?utf-8?q?a?=", "=?UTF-8?B?PT91dGYtOD9xP2E/PQ==?=" },
		{ "\xff", "=?UTF-8?B?77+9?=" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		struct mime_mail mail = plain;

		mail.subject = table[i].typed;
		assert_header(&mail, "Subject", table[i].subject);
	}
}

static void
test_names(void **state)
{
	static const struct {
		const char *typed, *to;
	} table[] = {
		{ NULL, "<maya@example.com>" },
		{ "", "<maya@example.com>" },
		{ "Lee, Maya", "=?UTF-8?B?TGVlLCBNYXlh?= <maya@example.com>" },
		{ "\"x\" <y@z.de>", "=?UTF-8?B?IngiIDx5QHouZGU+?= <maya@example.com>" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		struct mime_mail mail = plain;

		mail.to_name = table[i].typed;
		assert_header(&mail, "To", table[i].to);
	}
}

static void
test_long_subjects(void **state)
{
	g_autofree char *many = g_strnfill(300, 'x');
	g_autofree char *text = g_strconcat(many, "é", many, NULL);
	struct mime_mail mail = plain;
	GString *written;
	g_auto(GStrv) lines = NULL;

	(void)state;
	mail.subject = text;
	written = mime_write(&mail);
	lines = g_strsplit(written->str, "\r\n", -1);
	for (char **line = lines; *line != NULL; line++)
		assert_true(strlen(*line) <= 78);
	g_string_free(written, TRUE);
}

static void
test_addresses(void **state)
{
	static const char *const good[] = { "a@b.de", "first.last+tag@example.com", "é@b.de" };
	static const char *const bad[] = { "", "a", "@b.de", "a@", "a@b@c", "a b@c.de",
		"a@b.de\r\n", "<a@b.de>", "a@b.de>", "a,b@c.de", "\"a\"@b.de", "a@b.de\n",
		"-o@b.de", "a\x7f@b.de", "\xff@b.de" };
	g_autofree char *longest = g_strnfill(254, 'a');
	struct mime_mail mail = plain;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(good); i++)
		assert_true(mime_is_address(good[i]));
	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
		assert_false(mime_is_address(bad[i]));
		mail.to = bad[i];
		assert_null(mime_write(&mail));
		mail.to = plain.to;
		mail.from = bad[i];
		assert_null(mime_write(&mail));
		mail.from = plain.from;
	}
	longest[1] = '@';
	assert_true(mime_is_address(longest));
}

static void
test_mailboxes(void **state)
{
	static const char *const bad[] = { "", "Shoetopia", "Shoetopia <a@b.de", "Shoetopia <>",
		"a@b.de>, <c@d.de" };
	char *name = NULL;
	char *address = NULL;

	(void)state;
	assert_true(mime_read_mailbox("Shoe Topia <a@b.de>", &name, &address));
	assert_string_equal(name, "Shoe Topia");
	assert_string_equal(address, "a@b.de");
	g_free(name);
	g_free(address);
	assert_true(mime_read_mailbox("a@b.de", &name, &address));
	assert_null(name);
	g_free(address);
	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
		assert_false(mime_read_mailbox(bad[i], &name, &address));
}

static void
test_parts(void **state)
{
	struct mime_mail mail = plain;
	GString *written;

	(void)state;
	mail.text = "One.\n.\nZoë = 5 \n";
	written = mime_write(&mail);
	assert_non_null(strstr(written->str, "7bit\r\n\r\n<p>Hello.</p>\r\n"));
	assert_non_null(
		strstr(written->str, "quoted-printable\r\n\r\nOne.\r\n.\r\nZo=C3=AB =3D 5=20\r\n"));
	for (const char *p = written->str; *p != '\0'; p++)
		assert_true(*p != '\n' || (p > written->str && p[-1] == '\r'));
	g_string_free(written, TRUE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain_headers),
		cmocka_unit_test(test_typed_texts),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_long_subjects),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_mailboxes),
		cmocka_unit_test(test_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
