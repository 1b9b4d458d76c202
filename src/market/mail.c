#include "market/mail.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/durable_file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/secret.h"
#include "market/mail_text.h"
#include "market/outbox_worker.h"
#include "net/mime.h"
#include "net/transfer.h"

enum {
	AT_ONCE = 2, /* mails that one program sends */
	TIMEOUT_MS = 30 * 1000,
	LEASE_MS = 60 * 1000,
	GIVEN_UP_SECONDS = 3 * 24 * 3600,
	PASSWORD_BYTES_MAX = 1000, /* of the file */
};

/* Texts live as long as the process; NULL: not given. */
static struct {
	const char *smtp_url;
	const char *smtp_user;
	char *smtp_password;
	const char *smtp_ca_file;
	const char *folder;
	char *public_url;
	char *from_name;
	char *from;
} settings;

/* ---- settings ---- */

/* NULL: not set, or empty. */
static const char *
setting(const char *name)
{
	const char *text = getenv(name);

	return text == NULL || *text == '\0' ? NULL : text;
}

/* The first line of the file that a setting names; free with g_free(). NULL: it cannot be read. */
static char *
read_secret(const char *path)
{
	char *text = NULL;
	gsize length = 0;

	if (!g_file_get_contents(path, &text, &length, NULL) || length > PASSWORD_BYTES_MAX)
		return NULL;
	text[strcspn(text, "\r\n")] = '\0';
	return text;
}

static bool
is_public_url(const char *url)
{
	return url != NULL &&
		(g_str_has_prefix(url, "https://") || g_str_has_prefix(url, "http://")) &&
		strpbrk(url, " \"<>?#\r\n") == NULL;
}

/* What is missing or wrong; NULL: nothing. */
static const char *
read_settings(void)
{
	const char *url = setting("SHOETOPIA_PUBLIC_URL");
	const char *from = setting("SHOETOPIA_MAIL_FROM");
	const char *password_file = setting("SHOETOPIA_SMTP_PASSWORD_FILE");

	settings.smtp_user = setting("SHOETOPIA_SMTP_USER");
	settings.smtp_ca_file = setting("SHOETOPIA_SMTP_CA_FILE");
	if (settings.smtp_url != NULL && !g_str_has_prefix(settings.smtp_url, "smtp://") &&
		!g_str_has_prefix(settings.smtp_url, "smtps://"))
		return "SHOETOPIA_SMTP_URL must begin with smtp:// or smtps://";
	if (!is_public_url(url))
		return "SHOETOPIA_PUBLIC_URL is needed: the address of the site, such as "
		       "https://shoes.example, for the links in mails";
	if (from == NULL && settings.smtp_url != NULL)
		return "SHOETOPIA_MAIL_FROM is needed: from whom mails are, such as "
		       "Shoetopia <mail@shoes.example>";
	if (!mime_read_mailbox(from != NULL ? from : "Shoetopia <mail@localhost>",
		    &settings.from_name, &settings.from))
		return "SHOETOPIA_MAIL_FROM must be an e-mail, or NAME <EMAIL>";
	if ((settings.smtp_user == NULL) != (password_file == NULL))
		return "SHOETOPIA_SMTP_USER and SHOETOPIA_SMTP_PASSWORD_FILE go together";
	if (password_file != NULL && (settings.smtp_password = read_secret(password_file)) == NULL)
		return "SHOETOPIA_SMTP_PASSWORD_FILE cannot be read";
	if (settings.smtp_url == NULL && access(settings.folder, W_OK | X_OK) != 0)
		return "SHOETOPIA_MAIL_FOLDER is no folder that this program can write into";
	settings.public_url = g_strdup(url);
	while (g_str_has_suffix(settings.public_url, "/"))
		settings.public_url[strlen(settings.public_url) - 1] = '\0';
	return NULL;
}

bool
mail_is_on(void)
{
	return settings.smtp_url != NULL || settings.folder != NULL;
}

/* ---- sending ---- */

/* A file of the same name each time, so that there is one for each mail. */
static enum outbox_outcome
write_file(const struct outbox_row *row, const GString *mail, GString *why)
{
	g_autofree char *name = g_strdup_printf(
		"%08" G_GINT64_FORMAT ".eml", g_ascii_strtoll(row->outbox_id, NULL, 10));

	if (durable_file_write(settings.folder, name, mail->str, mail->len))
		return OUTBOX_DONE;
	g_string_printf(why, "cannot write %s/%s: %s", settings.folder, name, g_strerror(errno));
	return OUTBOX_RETRY;
}

/*
 * Whether the server refuses this mail for good, as it does for an address that it does not know.
 * 530 to 538 are of the login, 502 to 504 of commands: those are settings, which can be mended.
 */
static bool
is_refused(long status)
{
	return status >= 500 && status <= 599 && (status < 502 || status > 504) &&
		(status < 530 || status > 538);
}

static enum outbox_outcome
send_by_smtp(const char *to, const GString *mail, GString *why)
{
	const char *const recipients[] = { to, NULL };
	const struct transfer transfer = { .url = settings.smtp_url,
		.body = mail->str,
		.body_length = mail->len,
		.from = settings.from,
		.to = recipients,
		.user = settings.smtp_user,
		.password = settings.smtp_password,
		.ca_file = settings.smtp_ca_file,
		.timeout_ms = TIMEOUT_MS };
	struct transfer_reply reply = { 0 };
	enum outbox_outcome outcome = OUTBOX_DONE;

	if (!transfer_run(&transfer, &reply)) {
		outcome = is_refused(reply.status) ? OUTBOX_FLAG : OUTBOX_RETRY;
		g_string_printf(why, "%s (%ld)", reply.why, reply.status);
	}
	transfer_reply_clear(&reply);
	return outcome;
}

static enum outbox_outcome
send_text(const struct outbox_row *row, const struct json *facts, const struct mail_text *text,
	GString *why)
{
	const char *to = json_text(json_get(facts, "to"));
	int64_t at_us = 0;
	bool timed = json_int64(json_get(facts, "created_us"), &at_us);
	g_autofree char *id = g_strdup_printf("%s.%" G_GINT64_FORMAT, row->outbox_id, at_us);
	const struct mime_mail mail = { .from_name = settings.from_name,
		.from = settings.from,
		.to_name = json_text(json_get(facts, "name")),
		.to = to,
		.subject = text->subject,
		.id = id,
		.at_seconds = at_us / G_USEC_PER_SEC,
		.text = text->text,
		.html = text->html };
	GString *message = to == NULL || !timed ? NULL : mime_write(&mail);
	enum outbox_outcome outcome;

	if (message == NULL) {
		g_string_assign(why, "the account has no e-mail that a mail can be sent to");
		return OUTBOX_FLAG;
	}
	outcome = settings.smtp_url != NULL ? send_by_smtp(to, message, why)
					    : write_file(row, message, why);
	secret_wipe(message->str, message->len);
	g_string_free(message, TRUE);
	return outcome;
}

/* Writes and sends the mail of these facts, the JSON that api.mail_message() gave. */
static enum outbox_outcome
send_facts(const struct outbox_row *row, const char *answer, const char *token, GString *why)
{
	enum json_fault fault;
	const char *wrong;
	JSON_AUTO struct json *facts = json_parse(answer, strlen(answer), &fault, &wrong);
	struct mail_text text = { 0 };
	enum outbox_outcome outcome;

	if (!mail_text_write(facts, settings.public_url, token, &text)) {
		g_string_assign(why, "there is no such kind of mail");
		return OUTBOX_FLAG;
	}
	outcome = send_text(row, facts, &text, why);
	secret_wipe(text.text, strlen(text.text));
	secret_wipe(text.html, strlen(text.html));
	mail_text_clear(&text);
	return outcome;
}

static enum outbox_outcome
handle(const struct outbox_row *row, GString *why)
{
	char token[TOKEN_SIZE];
	char digest[DIGEST_SIZE];
	const struct db_param params[] = {
		{ .name = "outbox_id", .text = row->outbox_id },
		{ .name = "lease", .text = row->lease },
		{ .name = "token_digest", .text = digest },
	};
	struct db_result result = { 0 };
	enum outbox_outcome outcome = OUTBOX_RETRY;

	secret_token(token);
	secret_digest(token, strlen(token), digest);
	if (db_call(outbox_db(), SQL_mail_message, params, G_N_ELEMENTS(params), &result) !=
		ERR_NONE)
		g_string_assign(why, "the database did not say what the mail tells");
	else if (result.answer == NULL)
		outcome = OUTBOX_DONE; /* it is not true any more */
	else
		outcome = send_facts(row, result.answer, token, why);
	db_result_clear(&result);
	secret_wipe(token, sizeof token);
	return outcome == OUTBOX_RETRY && row->age_seconds > GIVEN_UP_SECONDS ? OUTBOX_FLAG
									      : outcome;
}

/* Derives the mails of new orders. A step of the worker. */
static void
derive_mails(void)
{
	struct db_result row = { 0 };

	db_call(outbox_db(), SQL_mail_orders, NULL, 0, &row);
	db_result_clear(&row);
}

bool
mail_set_up(void)
{
	static const struct outbox_kind kind = { "mail", AT_ONCE, LEASE_MS, handle };
	const char *fault;

	settings.smtp_url = setting("SHOETOPIA_SMTP_URL");
	settings.folder = setting("SHOETOPIA_MAIL_FOLDER");
	fault = mail_is_on() ? read_settings() : NULL;
	if (fault != NULL) {
		log_line(LOG_FAULT, "%s", fault);
		return false;
	}
	if (mail_is_on()) {
		outbox_add_kind(&kind);
		outbox_add_step(derive_mails);
	}
	return true;
}
