#include "net/http_client.h"

#include <string.h>

#include "net/transfer.h"

/* What every request has besides its own headers: authorization, type, and no Expect. */
enum { ADDED_HEADERS = 4 };

bool
http_call_send(const struct http_call *call, struct http_reply *reply)
{
	const char *headers[HTTP_HEADERS_MAX + ADDED_HEADERS] = { "Expect:" };
	g_autofree char *bearer = NULL;
	struct transfer transfer = { .url = call->url,
		.method = call->method,
		.headers = headers,
		.timeout_ms = call->timeout_ms };
	struct transfer_reply received = { 0 };
	size_t n = 1;
	bool answered;

	if (call->form != NULL) {
		transfer.body = call->form;
		transfer.body_length = strlen(call->form);
		headers[n++] = "Content-Type: application/x-www-form-urlencoded";
	}
	if (call->bearer != NULL)
		headers[n++] = bearer = g_strconcat("Authorization: Bearer ", call->bearer, NULL);
	for (size_t i = 0; i < HTTP_HEADERS_MAX && call->headers[i] != NULL; i++)
		headers[n++] = call->headers[i];
	answered = transfer_run(&transfer, &received);
	reply->status = answered ? (int)received.status : 0;
	if (answered) {
		reply->body = g_string_free(received.body, FALSE);
		received.body = NULL;
	} else {
		reply->why = g_steal_pointer(&received.why);
	}
	transfer_reply_clear(&received);
	return answered;
}

void
http_reply_clear(struct http_reply *reply)
{
	g_free(reply->body);
	g_free(reply->why);
	*reply = (struct http_reply){ 0 };
}

void
http_form_add(GString *form, const char *name, const char *value)
{
	if (form->len > 0)
		g_string_append_c(form, '&');
	g_string_append_uri_escaped(form, name, "[]", FALSE);
	g_string_append_c(form, '=');
	g_string_append_uri_escaped(form, value, NULL, FALSE);
}
