/*
 * As much of HTTP/1.1 as the demo needs, over loopback: responses with a Content-Length (nginx) or
 * with chunked transfer coding (Apache).
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "demo.h"

enum {
	TIMEOUT_SECONDS = 30,
	ANSWER_MAX = 1 << 20,
};

GString *
http_request(
	const char *method, const char *path, const char *token, const char *key, const char *body)
{
	GString *out = g_string_new(NULL);

	g_string_append_printf(out,
		"%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\nAuthorization: "
		"Bearer %s\r\n",
		method, path, token);
	if (key != NULL)
		g_string_append_printf(out, "Idempotency-Key: %s\r\n", key);
	if (body != NULL)
		g_string_append_printf(out,
			"Content-Type: application/json\r\nContent-Length: %zu\r\n", strlen(body));
	g_string_append(out, "\r\n");
	if (body != NULL)
		g_string_append(out, body);
	return out;
}

/* The value if the line is the header `name`, else NULL. */
static const char *
header_value(const char *line, const char *name)
{
	gsize length = strlen(name);

	if (g_ascii_strncasecmp(line, name, length) != 0 || line[length] != ':')
		return NULL;
	return line + length + 1 + strspn(line + length + 1, " \t");
}

/*
 * Parses a chunked body. If `body` is given, the contents of the chunks are moved together there,
 * which overwrites what was parsed.
 */
static enum http_progress
parse_chunks(const char *at, const char *end, char *body, gsize *length)
{
	*length = 0;
	for (;;) {
		const char *data = g_strstr_len(at, end - at, "\r\n");
		char *number_end;
		guint64 size;

		if (data == NULL)
			return HTTP_INCOMPLETE;
		size = g_ascii_strtoull(at, &number_end, 16);
		if (number_end == at || size > ANSWER_MAX)
			return HTTP_BROKEN;
		data += 2;
		if ((guint64)(end - data) < size + 2)
			return HTTP_INCOMPLETE;
		if (memcmp(data + size, "\r\n", 2) != 0)
			return HTTP_BROKEN; /* trailers are not supported */
		if (body != NULL)
			memmove(body + *length, data, size);
		*length += size;
		if (size == 0)
			return HTTP_COMPLETE;
		at = data + size + 2;
	}
}

/*
 * Parses the status line and headers; *length is -1 if they do not give it. False if this is not
 * HTTP.
 */
static bool
parse_head(char **lines, struct http_answer *out, gint64 *length, bool *in_chunks)
{
	if (strlen(lines[0]) < strlen("HTTP/1.1 200") || !g_str_has_prefix(lines[0], "HTTP/1."))
		return false;
	out->status = (int)g_ascii_strtoll(lines[0] + strlen("HTTP/1.1 "), NULL, 10);
	*length = out->status == 204 ? 0 : -1;
	for (char **line = lines + 1; *line != NULL; line++) {
		const char *value;

		if ((value = header_value(*line, "Content-Length")) != NULL)
			*length = g_ascii_strtoll(value, NULL, 10);
		else if ((value = header_value(*line, "Transfer-Encoding")) != NULL)
			*in_chunks = g_ascii_strcasecmp(value, "chunked") == 0;
		else if ((value = header_value(*line, "Retry-After")) != NULL &&
			g_ascii_isdigit(*value))
			out->retry_after_seconds = (int)MIN(g_ascii_strtoll(value, NULL, 10), 3600);
		else if ((value = header_value(*line, "Connection")) != NULL)
			out->closes = g_ascii_strcasecmp(value, "close") == 0;
	}
	return true;
}

enum http_progress
http_parse(GString *in, struct http_answer *out)
{
	char *end = g_strstr_len(in->str, (gssize)in->len, "\r\n\r\n"), *body;
	const char *all = in->str + in->len;
	struct http_answer answer = { .retry_after_seconds = -1 };
	enum http_progress progress = HTTP_BROKEN;
	bool in_chunks = false;
	gint64 length;
	g_autofree char *head = NULL;
	g_auto(GStrv) lines = NULL;

	if (end == NULL)
		return HTTP_INCOMPLETE;
	head = g_strndup(in->str, (gsize)(end - in->str));
	lines = g_strsplit(head, "\r\n", -1);
	if (!parse_head(lines, &answer, &length, &in_chunks))
		return HTTP_BROKEN;
	answer.body = body = end + 4;
	if (in_chunks) {
		progress = parse_chunks(body, all, NULL, &answer.length);
		if (progress == HTTP_COMPLETE)
			parse_chunks(body, all, body, &answer.length);
	} else if (length >= 0) {
		answer.length = (gsize)length;
		progress = all - body < length ? HTTP_INCOMPLETE : HTTP_COMPLETE;
	}
	if (progress == HTTP_COMPLETE)
		*out = answer;
	return progress;
}

int
http_connect(int port, bool blocks)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct timeval timeout = { .tv_sec = TIMEOUT_SECONDS };
	int yes = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | (blocks ? 0 : SOCK_NONBLOCK), 0);

	if (fd < 0)
		return -1;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
	if (blocks) {
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
	}
	if (connect(fd, (struct sockaddr *)&to, sizeof to) < 0 && errno != EINPROGRESS) {
		int why = errno;

		close(fd);
		errno = why;
		return -1;
	}
	return fd;
}

int
http_call(int port, const char *method, const char *path, const char *token, const char *body,
	struct json **out)
{
	g_autoptr(GString) request = http_request(method, path, token, NULL, body);
	g_autoptr(GString) in = g_string_new(NULL);
	struct http_answer answer;
	enum http_progress progress = HTTP_INCOMPLETE;
	enum json_fault fault;
	const char *why;
	int fd = http_connect(port, true);

	if (fd < 0 || send(fd, request->str, request->len, MSG_NOSIGNAL) != (ssize_t)request->len)
		die("%s %s: %s", method, path, g_strerror(errno));
	while (progress == HTTP_INCOMPLETE) {
		char piece[8192];
		ssize_t n = recv(fd, piece, sizeof piece, 0);

		if (n <= 0)
			break;
		g_string_append_len(in, piece, n);
		progress = http_parse(in, &answer);
	}
	close(fd);
	if (progress != HTTP_COMPLETE)
		die("%s %s: no whole answer came", method, path);
	*out = json_parse(answer.body, answer.length, &fault, &why);
	return answer.status;
}

gint64
json_integer_of(const struct json *object, const char *name)
{
	int64_t number;

	return json_int64(json_get(object, name), &number) ? number : 0;
}
