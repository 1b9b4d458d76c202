/*
 * A mail as it is sent: RFC 5322 headers, and one text as plain text and as HTML. What is put into
 * a header is checked or encoded here, so that nothing in it can begin another header.
 */
#ifndef SHOETOPIA_NET_MIME_H
#define SHOETOPIA_NET_MIME_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct mime_mail {
	const char *from_name; /* NULL: none */
	const char *from;      /* an address: mime_is_address() */
	const char *to_name;   /* NULL: none */
	const char *to;        /* an address */
	const char *subject;   /* control characters become blanks */
	const char *id;        /* left of the Message-ID's @: letters, digits, dots */
	int64_t at_seconds;    /* since 1970, for Date */
	const char *text;      /* UTF-8, lines end with LF */
	const char *html;
};

/* Whether it can stand in an envelope and in a header: one @, no blank, no control character, none
 * of ()<>[],;:\" and at most 254 bytes. Letters that are not ASCII are allowed. */
bool mime_is_address(const char *text);

/* Takes "Name <address>", or an address alone, apart; g_free() both. False: it is neither. */
bool mime_read_mailbox(const char *text, char **name, char **address);

/* The mail, with CRLF at the ends of lines. NULL: an address is none. */
GString *mime_write(const struct mime_mail *mail);

#endif
