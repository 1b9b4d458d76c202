#include "crowd_request.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	/* A base that ends in "/", "?" or "#" would make something else of the path after it. */
	return ok && base[strcspn(base, "?#@\\")] == '\0' && base[strlen(base) - 1] != '/';
}

static void
request_header(struct request *r, const char *name, const char *value)
{
	char *line = NULL;

	if (strpbrk(name, "\r\n:") != NULL || strpbrk(value, "\r\n") != NULL)
		die("a header has a line break", name);
	if (asprintf(&line, "%s: %s", name, value) < 0)
		die("out of memory", "");
	r->headers = must(curl_slist_append(r->headers, line));
	free(line);
}

static struct request
request_read(const char *line, const char *base)
{
	struct request r = { 0 };
	json_error_t error;
	json_t *o = json_loads(line, JSON_REJECT_DUPLICATES, &error);
	const char *method = "POST", *path = NULL, *token = NULL, *key = NULL, *form = NULL, *name;
	json_t *headers = NULL, *body = NULL, *value;

	if (o == NULL)
		die("a request is not JSON", error.text);
	if (json_unpack_ex(o, &error, 0, "{s?s, s:s, s?s, s?s, s?o, s?o, s?s !}", "method", &method,
		    "path", &path, "token", &token, "key", &key, "headers", &headers, "body", &body,
		    "form", &form) < 0)
		die("a request is not as it should be", error.text);
	if (path[0] != '/' || strpbrk(path, " \r\n") != NULL)
		die("a path begins with / and has no blanks", path);
	r.method = must(strdup(method));
	if (asprintf(&r.url, "%s%s", base, path) < 0)
		die("out of memory", "");
	if (token != NULL) {
		char bearer[512];

		if (snprintf(bearer, sizeof bearer, "Bearer %s", token) >= (int)sizeof bearer)
			die("a token is too long", "");
		request_header(&r, "Authorization", bearer);
	}
	if (key != NULL)
		request_header(&r, "Idempotency-Key", key);
	if (body != NULL) {
		r.body = must(json_dumps(body, JSON_COMPACT | JSON_ENCODE_ANY));
		request_header(&r, "Content-Type", "application/json");
	} else if (form != NULL) {
		r.body = must(strdup(form));
		request_header(&r, "Content-Type", "application/x-www-form-urlencoded");
	}
	if (headers != NULL) {
		json_object_foreach(headers, name, value) {
			if (!json_is_string(value))
				die("a header is a text", name);
			request_header(&r, name, json_string_value(value));
		}
	}
	r.headers =
		must(curl_slist_append(r.headers, "Expect:")); /* no 100-continue, which waits */
	json_decref(o);
	return r;
}

struct request *
requests_read(const char *base, size_t *count)
{
	struct request *requests = NULL;
	char *line = NULL;
	size_t room = 0, space = 0, n = 0;

	while (getline(&line, &room, stdin) > 0) {
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
		free(requests[i].method);
		free(requests[i].url);
		free(requests[i].body);
		curl_slist_free_all(requests[i].headers);
	}
	free(requests);
}
