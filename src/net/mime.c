#include "net/mime.h"

#include <string.h>

enum {
	ADDRESS_BYTES_MAX = 254,
	WORD_BYTES_MAX = 42, /* of an encoded word: 56 digits of base64, so 68 characters */
	COLUMNS_MAX = 76,    /* of a line in quoted-printable, with its "=" */
	LINE_BYTES_MAX = 900 /* of a line that is sent as it is; SMTP allows 998 */
};

bool
mime_is_address(const char *text)
{
	const char *at = strchr(text, '@');

	if (at == NULL || at == text || at[1] == '\0' || strchr(at + 1, '@') != NULL ||
		strlen(text) > ADDRESS_BYTES_MAX || *text == '-' ||
		!g_utf8_validate(text, -1, NULL))
		return false;
	for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);

		if (!g_unichar_isgraph(c) || (c < 0x80 && strchr("<>()[],;:\\\"", (int)c) != NULL))
			return false;
	}
	return true;
}

bool
mime_read_mailbox(const char *text, char **name, char **address)
{
	const char *open = strrchr(text, '<');
	size_t length = strlen(text);
	g_autofree char *inner = NULL;

	if (open == NULL)
		inner = g_strdup(text);
	else if (text[length - 1] == '>')
		inner = g_strndup(open + 1, (size_t)(text + length - 1 - (open + 1)));
	if (inner == NULL || !mime_is_address(inner) || !g_utf8_validate(text, -1, NULL))
		return false;
	*name = open == NULL ? NULL : g_strstrip(g_strndup(text, (size_t)(open - text)));
	*address = g_steal_pointer(&inner);
	return true;
}

/* ---- headers ---- */

/* Whether it can stand in a header as it is: short visible ASCII, and no encoded word. */
static bool
is_plain(const char *text, const char *specials)
{
	if (strlen(text) > COLUMNS_MAX - 20 || strstr(text, "=?") != NULL)
		return false;
	for (const char *p = text; *p != '\0'; p++)
		if (*p < ' ' || *p > '~' || strchr(specials, *p) != NULL)
			return false;
	return true;
}

/* Words of RFC 2047, on lines of their own. Control characters become blanks. */
static void
append_encoded(GString *out, const char *text)
{
	const char *between = "";

	while (*text != '\0') {
		g_autoptr(GString) word = g_string_new(NULL);
		g_autofree char *digits = NULL;

		while (*text != '\0' && word->len + 6 <= WORD_BYTES_MAX) {
			gunichar c = g_utf8_get_char(text);

			g_string_append_unichar(word, g_unichar_iscntrl(c) ? ' ' : c);
			text = g_utf8_next_char(text);
		}
		digits = g_base64_encode((const unsigned char *)word->str, word->len);
		g_string_append_printf(out, "%s=?UTF-8?B?%s?=", between, digits);
		between = "\r\n ";
	}
}

/* A text that people typed. `specials`: what would not be text where it stands. */
static void
append_typed(GString *out, const char *text, const char *specials)
{
	g_autofree char *valid = g_utf8_make_valid(text, -1);

	if (is_plain(valid, specials))
		g_string_append(out, valid);
	else
		append_encoded(out, valid);
}

static void
append_mailbox(GString *out, const char *header, const char *name, const char *address)
{
	g_string_append(out, header);
	if (name != NULL && *name != '\0') {
		append_typed(out, name, "()<>[]:;@\\,.\"");
		g_string_append(out, strlen(name) > 20 ? "\r\n " : " ");
	}
	g_string_append_printf(out, "<%s>\r\n", address);
}

static void
append_headers(GString *out, const struct mime_mail *mail)
{
	g_autoptr(GDateTime) at = g_date_time_new_from_unix_utc(mail->at_seconds);
	static const char *const days[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul",
		"Aug", "Sep", "Oct", "Nov", "Dec" };

	append_mailbox(out, "From: ", mail->from_name, mail->from);
	append_mailbox(out, "To: ", mail->to_name, mail->to);
	g_string_append(out, "Subject: ");
	append_typed(out, mail->subject, "");
	g_string_append_printf(out, "\r\nDate: %s, %d %s %d %02d:%02d:%02d +0000\r\n",
		days[g_date_time_get_day_of_week(at) - 1], g_date_time_get_day_of_month(at),
		months[g_date_time_get_month(at) - 1], g_date_time_get_year(at),
		g_date_time_get_hour(at), g_date_time_get_minute(at), g_date_time_get_second(at));
	g_string_append_printf(out, "Message-ID: <%s%s>\r\n", mail->id, strchr(mail->from, '@'));
	g_string_append(out, "MIME-Version: 1.0\r\nAuto-Submitted: auto-generated\r\n");
}

/* ---- parts ---- */

static bool
is_ascii_of_short_lines(const char *text)
{
	size_t column = 0;

	for (const char *p = text; *p != '\0'; p++) {
		column = *p == '\n' ? 0 : column + 1;
		if ((*p < ' ' && *p != '\n') || *p > '~' || column > LINE_BYTES_MAX)
			return false;
	}
	return true;
}

static void
append_lines(GString *out, const char *text)
{
	for (const char *p = text; *p != '\0'; p++)
		if (*p == '\n')
			g_string_append(out, "\r\n");
		else
			g_string_append_c(out, *p);
}

static void
append_quoted_printable(GString *out, const char *text)
{
	int column = 0;

	for (const char *p = text; *p != '\0'; p++) {
		bool ends_line = p[1] == '\n' || p[1] == '\0';
		bool is_plain_byte =
			(*p > ' ' && *p <= '~' && *p != '=') || (*p == ' ' && !ends_line);

		if (*p == '\n') {
			g_string_append(out, "\r\n");
			column = 0;
			continue;
		}
		if (column + (is_plain_byte ? 1 : 3) >= COLUMNS_MAX) {
			g_string_append(out, "=\r\n");
			column = 0;
		}
		if (is_plain_byte)
			g_string_append_c(out, *p);
		else
			g_string_append_printf(out, "=%02X", (unsigned)(unsigned char)*p);
		column += is_plain_byte ? 1 : 3;
	}
}

static void
append_part(GString *out, const char *boundary, const char *type, const char *text)
{
	bool as_it_is = is_ascii_of_short_lines(text);

	g_string_append_printf(out,
		"\r\n--%s\r\nContent-Type: %s; charset=utf-8\r\n"
		"Content-Transfer-Encoding: %s\r\n\r\n",
		boundary, type, as_it_is ? "7bit" : "quoted-printable");
	(as_it_is ? append_lines : append_quoted_printable)(out, text);
}

/* A line that stands in neither text: the digest of both. */
static char *
boundary_of(const struct mime_mail *mail)
{
	g_autofree char *both = g_strconcat(mail->id, "\n", mail->text, "\n", mail->html, NULL);
	g_autofree char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, both, -1);

	return g_strndup(digest, 40);
}

GString *
mime_write(const struct mime_mail *mail)
{
	g_autofree char *boundary = boundary_of(mail);
	GString *out;

	if (!mime_is_address(mail->from) || !mime_is_address(mail->to))
		return NULL;
	out = g_string_new(NULL);
	append_headers(out, mail);
	g_string_append_printf(
		out, "Content-Type: multipart/alternative;\r\n boundary=\"%s\"\r\n", boundary);
	append_part(out, boundary, "text/plain", mail->text);
	append_part(out, boundary, "text/html", mail->html);
	g_string_append_printf(out, "\r\n--%s--\r\n", boundary);
	return out;
}
