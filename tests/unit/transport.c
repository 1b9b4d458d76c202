#include "transport.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "http/gate.h"

enum { COMPLETE_SECONDS = 30 }; /* how long another thread may take to complete the response */

/* ---- the request ---- */

static void
set(struct talk *talk, const char *name, size_t name_length, const char *value, size_t length)
{
	char *key = g_strndup(name, name_length);

	if (g_hash_table_contains(talk->params, key))
		g_free(key); /* the first of two wins */
	else
		g_hash_table_insert(talk->params, key, g_strndup(value, length));
}

/* "Sec-Fetch-Site: x" becomes HTTP_SEC_FETCH_SITE, but for the two that CGI names otherwise. */
static void
set_header(
	struct talk *talk, const char *name, size_t name_length, const char *value, size_t length)
{
	g_autofree char *upper = g_ascii_strup(name, (gssize)name_length);
	g_autofree char *whole = NULL;

	g_strdelimit(upper, "-", '_');
	if (strcmp(upper, "CONTENT_TYPE") == 0 || strcmp(upper, "CONTENT_LENGTH") == 0)
		whole = g_strdup(upper);
	else
		whole = g_strconcat("HTTP_", upper, NULL);
	set(talk, whole, strlen(whole), value, length);
}

static void
read_line(struct talk *talk, const char *line, size_t length)
{
	const char *equals = memchr(line, '=', length);
	const char *colon = g_strstr_len(line, (gssize)length, ": ");

	if (equals != NULL && (colon == NULL || equals < colon))
		set(talk, line, (size_t)(equals - line), equals + 1,
			(size_t)(line + length - equals - 1));
	else if (colon != NULL)
		set_header(talk, line, (size_t)(colon - line), colon + 2,
			(size_t)(line + length - colon - 2));
}

struct talk *
talk_new(const char *text, size_t length)
{
	struct talk *talk = g_new0(struct talk, 1);
	const char *end = text + length;
	const char *line_end = memchr(text, '\n', length);
	const char *first = text;
	size_t first_length = (size_t)((line_end == NULL ? end : line_end) - text);
	size_t method_length;
	g_autofree char *number = NULL;

	talk->params = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	talk->headers = g_ptr_array_new_with_free_func(g_free);
	talk->out = g_string_new(NULL);
	sem_init(&talk->completed, 0, 0);
	text = line_end == NULL ? end : line_end + 1;
	while (text < end && *text != '\n') {
		line_end = memchr(text, '\n', (size_t)(end - text));
		if (line_end == NULL)
			line_end = end;
		read_line(talk, text, (size_t)(line_end - text));
		text = line_end < end ? line_end + 1 : end;
	}
	text += text < end;
	talk->length = (size_t)(end - text);
	talk->body = g_malloc(talk->length + 1);
	memcpy(talk->body, text, talk->length);

	for (method_length = 0; method_length < first_length && first[method_length] != ' ';
		method_length++)
		;
	set(talk, "REQUEST_METHOD", 14, first, method_length);
	if (method_length < first_length)
		set(talk, "REQUEST_URI", 11, first + method_length + 1,
			first_length - method_length - 1);
	number = g_strdup_printf("%zu", talk->length);
	set(talk, "CONTENT_LENGTH", 14, number, strlen(number));
	return talk;
}

/* ---- the transport ---- */

/* After complete() the next request may already use the same transport. */
static void
note_use(struct talk *talk)
{
	if (atomic_load(&talk->completions) > 0)
		talk->misuse = "used the transport after complete()";
}

static const char *
talk_param(void *self, const char *name)
{
	struct talk *talk = self;

	note_use(talk);
	return g_hash_table_lookup(talk->params, name);
}

static ssize_t
talk_read(void *self, void *buffer, size_t size)
{
	struct talk *talk = self;
	size_t n = MIN(size, talk->length - talk->taken);

	note_use(talk);
	if (talk->piece > 0)
		n = MIN(n, talk->piece);
	memcpy(buffer, talk->body + talk->taken, n);
	talk->taken += n;
	if (n > 0)
		return (ssize_t)n;
	talk->at_end = true;
	return talk->breaks_off ? -1 : 0;
}

static void
talk_write(void *self, const char *data, size_t size)
{
	struct talk *talk = self;

	note_use(talk);
	g_string_append_len(talk->out, data, (gssize)size);
	talk->writes++;
}

static bool
talk_can_detach(void *self)
{
	struct talk *talk = self;

	note_use(talk);
	return talk->kept;
}

static void
talk_detach(void *self)
{
	struct talk *talk = self;

	note_use(talk);
	if (talk->taken < talk->length)
		talk->misuse = "was detached before the body was read";
	if (talk->detached)
		talk->misuse = "was detached twice";
	talk->detached = true;
}

static void
talk_complete(void *self)
{
	struct talk *talk = self;

	atomic_fetch_add(&talk->completions, 1);
	sem_post(&talk->completed);
}

static void
talk_before_blocking(void *self)
{
	struct talk *talk = self;

	note_use(talk);
	talk->before_blocking_calls++;
}

/* ---- the answer ---- */

const char *
talk_header(const struct talk *talk, const char *name)
{
	size_t length = strlen(name);

	for (guint i = 0; i < talk->headers->len; i++) {
		const char *header = g_ptr_array_index(talk->headers, i);

		if (g_ascii_strncasecmp(header, name, length) == 0 &&
			strncmp(header + length, ": ", 2) == 0)
			return header + length + 2;
	}
	return NULL;
}

/* Cuts the answer into status, headers and body; what is wrong with its form, or NULL. */
static const char *
take_apart(struct talk *talk)
{
	const char *line = talk->out->str;
	const char *end = g_strstr_len(line, (gssize)talk->out->len, "\r\n\r\n");

	if (!g_str_has_prefix(line, "Status: "))
		return "does not begin with its status";
	if (end == NULL)
		return "has no end of its headers";
	talk->page = end + 4;
	talk->page_length = talk->out->len - (size_t)(talk->page - talk->out->str);
	talk->status = atoi(line + strlen("Status: "));
	while (line < end + 2) {
		const char *line_end = g_strstr_len(line, end + 2 - line, "\r\n");
		size_t name_length =
			strspn(line, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-");

		if (name_length == 0 || strncmp(line + name_length, ": ", 2) != 0)
			return "has a line that is no header";
		for (const char *p = line; p < line_end; p++)
			if ((unsigned char)*p < 0x20 || (unsigned char)*p > 0x7e)
				return "has a header that is not printable ASCII";
		g_ptr_array_add(talk->headers, g_strndup(line, (gsize)(line_end - line)));
		line = line_end + 2;
	}
	return NULL;
}

static const char *
problem_fault(const struct talk *talk, const struct json *body)
{
	int64_t status = 0;

	if (!json_int64(json_get(body, "status"), &status) || status != talk->status)
		return "is a problem whose status is another";
	for (const char *const *name =
			(const char *const[]){ "type", "title", "detail", "code", NULL };
		*name != NULL; name++)
		if (json_text(json_get(body, *name)) == NULL)
			return "is a problem that lacks its type, title, detail or code";
	if (talk->status == 422 && strcmp(json_text(json_get(body, "code")), "invalid") == 0 &&
		json_kind(json_get(body, "errors")) != JSON_KIND_ARRAY)
		return "is a 422 without errors";
	return NULL;
}

/* The contract's rules for every body. */
static const char *
body_fault(const struct talk *talk)
{
	const char *type = talk_header(talk, "Content-Type");
	enum json_fault fault;
	const char *why;
	JSON_AUTO struct json *body = NULL;

	if (talk->status == 204 || talk->status == 303)
		return talk->page_length > 0 || type != NULL
			? "has a body, but its status allows none"
			: NULL;
	if (type == NULL)
		return "does not say what its body is";
	if (talk->status >= 400 && strcmp(type, "application/problem+json") != 0 &&
		!g_str_has_prefix(type, "text/html"))
		return "is an error, but no problem";
	if (strcmp(g_hash_table_lookup(talk->params, "REQUEST_METHOD"), "HEAD") == 0)
		return talk->page_length > 0 ? "has a body, but HEAD was asked" : NULL;
	if (talk_header(talk, "Content-Length") == NULL ||
		(size_t)atoll(talk_header(talk, "Content-Length")) != talk->page_length)
		return "has another length than it says";
	if (!g_utf8_validate(talk->page, (gssize)talk->page_length, NULL))
		return "is not UTF-8";
	if (strstr(type, "json") == NULL)
		return NULL;
	body = json_parse(talk->page, talk->page_length, &fault, &why);
	if (json_kind(body) != JSON_KIND_OBJECT)
		return "is no JSON object";
	return talk->status >= 400 ? problem_fault(talk, body) : NULL;
}

/*
 * Has the gate serve it and waits for the whole response; what is wrong with the way it was sent,
 * or NULL.
 */
static const char *
serve(struct talk *talk, const struct site *site)
{
	struct transport x = {
		.self = talk, .param = talk_param, .read = talk_read, .write = talk_write
	};
	struct timespec until;

	if (!talk->plain) {
		x.can_detach = talk_can_detach;
		x.detach = talk_detach;
		x.complete = talk_complete;
		x.before_blocking = talk_before_blocking;
	}
	talk->pending = !gate_serve(site, &x);
	if (talk->before_blocking_calls > 1 ||
		(talk->before_blocking_calls == 0 && !talk->pending && !talk->plain))
		return "was sent without exactly one call of before_blocking";
	if (talk->pending && !talk->detached)
		return "is pending, but the request was not detached";
	if (!talk->pending)
		return atomic_load(&talk->completions) > 0
			? "is not pending, but complete() was called"
			: talk->misuse;
	if (talk->when_pending != NULL)
		talk->when_pending();
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += COMPLETE_SECONDS;
	return sem_timedwait(&talk->completed, &until) != 0 ? "was never completed" : talk->misuse;
}

const char *
talk_serve(struct talk *talk, const struct site *site)
{
	const char *fault = serve(talk, site);

	if (fault == NULL)
		fault = take_apart(talk);
	if (fault != NULL)
		return fault;
	if (talk->status < 200 || talk->status > 599)
		return "has no sane status";
	if (talk_header(talk, "Cache-Control") == NULL || talk_header(talk, "X-Request-Id") == NULL)
		return "lacks Cache-Control or X-Request-Id";
	for (guint i = 0; i < talk->headers->len; i++) {
		g_auto(GStrv) parts = g_strsplit(g_ptr_array_index(talk->headers, i), ": ", 2);

		if (talk_header(talk, parts[0]) !=
			(const char *)g_ptr_array_index(talk->headers, i) + strlen(parts[0]) + 2)
			return "has one header twice";
	}
	return body_fault(talk);
}

void
talk_free(struct talk *talk)
{
	if (talk == NULL)
		return;
	g_hash_table_unref(talk->params);
	g_ptr_array_unref(talk->headers);
	g_string_free(talk->out, TRUE);
	g_free(talk->body);
	sem_destroy(&talk->completed);
	g_free(talk);
}
