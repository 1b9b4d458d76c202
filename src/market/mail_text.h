/* What mails say, by their kind: the words, with facts put into them, as plain text and HTML. */
#ifndef SHOETOPIA_MARKET_MAIL_TEXT_H
#define SHOETOPIA_MARKET_MAIL_TEXT_H

#include <glib.h>
#include <stdbool.h>

struct json;

struct mail_text {
	char *subject;
	char *text;
	char *html;
};

/*
 * Writes the mail of these facts (api.mail_message()), whose member `kind` says which. Its link
 * begins with `public_url`; `token` is what it carries, if it carries one. False: there is no such
 * kind. Free with mail_text_clear().
 */
bool mail_text_write(
	const struct json *facts, const char *public_url, const char *token, struct mail_text *out);

void mail_text_clear(struct mail_text *text);

#endif
