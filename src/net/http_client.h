/* Requests to other servers by HTTP: their headers, and bodies in the encoding of forms. */
#ifndef SHOETOPIA_NET_HTTP_CLIENT_H
#define SHOETOPIA_NET_HTTP_CLIENT_H

#include <glib.h>
#include <stdbool.h>

enum { HTTP_HEADERS_MAX = 8 };

struct http_call {
	const char *method;
	const char *url;
	const char *bearer;                          /* NULL: no Authorization */
	const char *const headers[HTTP_HEADERS_MAX]; /* "Name: value"; the rest NULL */
	const char *form;                            /* body of a POST; NULL: none */
	int timeout_ms;
};

/* Zero it before the first use; clear it after each. */
struct http_reply {
	int status;
	char *body; /* never NULL where there was an answer */
	char *why;  /* where there was none: a sentence for operators */
};

/* True: there is an answer, of any status. False: the outcome is unknown. */
bool http_call_send(const struct http_call *call, struct http_reply *reply);

void http_reply_clear(struct http_reply *reply);

/* Appends "name=value" to a query or form, encoded, with "&" before it unless it is the first. */
void http_form_add(GString *form, const char *name, const char *value);

#endif
