#include "crowd_request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"

void
die(const char *what, const char *detail)
{
	fprintf(stderr, "crowd: %s%s%s\n", what, detail[0] == '\0' ? "" : ": ", detail);
	exit(1);
}

void *
must(void *p)
{
	if (p == NULL)
		die("out of memory", "");
	return p;
}

bool
base_is_loopback(const char *base)
{
	CURLU *u = must(curl_url());
	char *scheme = NULL, *host = NULL, *path = NULL, *user = NULL;
	bool ok = curl_url_set(u, CURLUPART_URL, base, 0) == CURLUE_OK &&
		curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
		curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
		curl_url_get(u, CURLUPART_PATH, &path, 0) == CURLUE_OK &&
		curl_url_get(u, CURLUPART_USER, &user, 0) == CURLUE_NO_USER &&
		strcmp(scheme, "http") == 0 && strcmp(path, "/") == 0 &&
		(strcmp(host, "127.0.0.1") == 0 || strcmp(host, "[::1]") == 0);

	curl_free(scheme);
	curl_free(host);
	curl_free(path);
	curl_free(user);
	curl_url_cleanup(u);
	/* A base that ends in "/", "?" or "#" would change the meaning of the path behind it. */
	return ok && base[strcspn(base, "?#@\\")] == '\0' && base[strlen(base) - 1] != '/';
}

static void
request_header(struct request *r, const char *name, const char *value)
{
	g_autofree char *line = g_strconcat(name, ": ", value, NULL);

	if (strpbrk(name, "\r\n:") != NULL || strpbrk(value, "\r\n") != NULL)
		die("a header has a line break", name);
	r->headers = must(curl_slist_append(r->headers, line));
}

/* The text of the member `name`; NULL if there is none. */
static const char *
text_of(const struct json *request, const char *name)
{
	const struct json *member = json_get(request, name);

	if (member != NULL && json_text(member) == NULL)
		die("this member is a text", name);
	return json_text(member);
}

static struct json *
request_parse(const char *line)
{
	static const char *const known[] = { "method", "path", "token", "key", "headers", "body",
		"form", NULL };
	enum json_fault fault;
	const char *why;
	struct json *request = json_parse(line, strlen(line), &fault, &why);

	if (request == NULL)
		die("a request is not JSON", why);
	if (json_kind(request) != JSON_KIND_OBJECT)
		die("a request is an object", "");
	for (void *it = json_first(request); it != NULL; it = json_next(request, it))
		if (!g_strv_contains(known, json_name(it)))
			die("a request has no such member", json_name(it));
	return request;
}

static void
request_set_body(struct request *r, const struct json *request)
{
	const struct json *body = json_get(request, "body");
	const char *form = text_of(request, "form");

	if (body != NULL) {
		r->body = json_dump(body);
		request_header(r, "Content-Type", "application/json");
	} else if (form != NULL) {
		r->body = g_strdup(form);
		request_header(r, "Content-Type", "application/x-www-form-urlencoded");
	}
}

static struct request
request_read(const char *line, const char *base)
{
	struct request r = { 0 };
	JSON_AUTO struct json *request = request_parse(line);
	const struct json *headers = json_get(request, "headers");
	const char *method = text_of(request, "method"), *path = text_of(request, "path");
	const char *token = text_of(request, "token"), *key = text_of(request, "key");
	g_autofree char *bearer = g_strconcat("Bearer ", token, NULL);

	if (path == NULL || path[0] != '/' || strpbrk(path, " \r\n") != NULL)
		die("a path begins with / and has no blanks", path == NULL ? "" : path);
	r.method = g_strdup(method == NULL ? "POST" : method);
	r.url = g_strconcat(base, path, NULL);
	if (token != NULL)
		request_header(&r, "Authorization", bearer);
	if (key != NULL)
		request_header(&r, "Idempotency-Key", key);
	request_set_body(&r, request);
	for (void *it = json_first(headers); it != NULL; it = json_next(headers, it))
		request_header(&r, json_name(it), text_of(headers, json_name(it)));
	/* curl would wait for 100 Continue otherwise. */
	r.headers = must(curl_slist_append(r.headers, "Expect:"));
	return r;
}

struct request *
requests_read(const char *base, size_t *count)
{
	struct request *requests = NULL;
	char *line = NULL;
	size_t line_size = 0, space = 0, n = 0;

	while (getline(&line, &line_size, stdin) > 0) {
		if (line[strspn(line, " \t\r\n")] == '\0')
			continue;
		if (n == REQUESTS_MAX)
			die("too many requests", "");
		if (n == space) {
			space = space == 0 ? 256 : space * 2;
			requests = must(realloc(requests, space * sizeof *requests));
		}
		requests[n++] = request_read(line, base);
	}
	free(line);
	if (n == 0)
		die("no request", "");
	*count = n;
	return requests;
}

void
requests_free(struct request *requests, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		g_free(requests[i].method);
		g_free(requests[i].url);
		g_free(requests[i].body);
		curl_slist_free_all(requests[i].headers);
	}
	free(requests);
}
