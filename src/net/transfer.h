/*
 * One conversation with another server, by HTTP or SMTP. transfer.c is the only file that
 * includes libcurl.
 *
 * Each thread keeps its connections for its next transfers. TLS is always verified and at least
 * 1.2; no redirect is followed, and no proxy of the environment is used. Nothing of a transfer is
 * logged: a body or a header may hold a secret.
 */
#ifndef SHOETOPIA_NET_TRANSFER_H
#define SHOETOPIA_NET_TRANSFER_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

struct transfer {
	const char *url;            /* transfer_is_allowed() */
	const char *method;         /* of HTTP; NULL for SMTP */
	const char *const *headers; /* "Name: value" of HTTP, ends with NULL; NULL: none */
	const char *body;           /* of the request, or the message; NULL: none */
	size_t body_length;
	const char *from;      /* envelope of SMTP: "a@example.com" */
	const char *const *to; /* ends with NULL */
	const char *user;      /* login of SMTP; NULL: none */
	const char *password;
	const char *ca_file; /* certificates to trust; NULL: those of the system */
	int timeout_ms;      /* of all of it; connecting takes at most 5 s of it */
};

/* Zero it before the first use; clear it after each. */
struct transfer_reply {
	long status;   /* of HTTP or SMTP; 0: no answer was received */
	GString *body; /* NULL: none */
	char *why;     /* of a failure: a sentence for operators, without secrets */
};

/*
 * Whether it may be used: https, smtps, smtp (whose login and messages go over STARTTLS), or plain
 * http to this machine (127.0.0.1, ::1, localhost), where smtp uses no STARTTLS without a ca_file.
 */
bool transfer_is_allowed(const char *url);

/*
 * Runs it. True: the server answered, as `reply` has it, whatever the status of HTTP. False: there
 * is no whole answer, and with HTTP the outcome is unknown; for SMTP `status` tells what the
 * server said last.
 */
bool transfer_run(const struct transfer *transfer, struct transfer_reply *reply);

void transfer_reply_clear(struct transfer_reply *reply);

/* Ends all transfers within a second, and each that begins: the process stops. Or no longer. */
void transfer_stop(bool stop);

#endif
