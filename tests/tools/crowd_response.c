#include "crowd_response.h"

#include <stdio.h>

#include "base/json.h"

static const char *const headers_printed[] = { "Content-Type", "Location", "Cache-Control",
	"Retry-After", "ETag", "Idempotency-Replayed", "X-Request-Id", "Allow", "Set-Cookie" };

static void
append_headers(GString *out, CURL *easy)
{
	struct curl_header *h;
	const char *separator = "";

	g_string_append_c(out, '{');
	for (size_t i = 0; easy != NULL && i < G_N_ELEMENTS(headers_printed); i++) {
		if (curl_easy_header(easy, headers_printed[i], 0, CURLH_HEADER, -1, &h) !=
			CURLHE_OK)
			continue;
		g_string_append(out, separator);
		json_append_quoted(out, headers_printed[i]);
		g_string_append_c(out, ':');
		json_append_quoted(out, h->value);
		separator = ",";
	}
	g_string_append_c(out, '}');
}

static void
append_text(GString *out, const char *text)
{
	if (text == NULL)
		g_string_append(out, "null");
	else
		json_append_quoted(out, text);
}

/* A NUL in the body counts as invalid UTF-8. */
void
response_print(const struct response *r)
{
	g_autofree char *body = g_strndup(r->body_size == 0 ? "" : r->body, r->body_size);
	g_autoptr(GString) line = g_string_new(NULL);
	bool is_text = g_utf8_validate_len(body, r->body_size, NULL);
	const char *error = r->error;
	long status = 0;

	if (error == NULL && !is_text)
		error = "the answer is not UTF-8";
	if (error == NULL)
		curl_easy_getinfo(r->easy, CURLINFO_RESPONSE_CODE, &status);
	g_string_append_printf(
		line, "{\"index\":%zu,\"status\":%ld,\"headers\":", r->index, status);
	append_headers(line, r->easy);
	g_string_append(line, ",\"body\":");
	append_text(line, is_text ? body : NULL);
	g_string_append_printf(line, ",\"latency_ms\":%.3f,\"done_ms\":%.3f,\"unknown\":%d",
		r->latency_ms, r->done_ms, r->unknown);
	g_string_append(line, ",\"error\":");
	append_text(line, error);
	puts(g_string_append_c(line, '}')->str);
}
