#include "http/version.h"

#include <string.h>

#include "base/json.h"
#include "http/pairs.h"

enum { VERSION_DIGITS_MAX = 9 }; /* always fits an int */

/*
 * The versions in a list of entity tags, as an array for PostgreSQL: {3,4}. A number without quotes
 * is accepted too. A weak tag, and one that is no version, match nothing and are left out. NULL for
 * "*", which matches every version. Free with g_free().
 */
static char *
parse_versions(const char *text)
{
	GString *out = g_string_new("{");

	if (strcmp(text, "*") == 0) {
		g_string_free(out, TRUE);
		return NULL;
	}
	while (*(text += strspn(text, " \t,")) != '\0') {
		bool weak = strncmp(text, "W/", 2) == 0;
		const char *tag = weak ? text + 2 : text;
		const char *end = *tag == '"' ? strchr(tag + 1, '"') : NULL;
		size_t length;

		tag += *tag == '"';
		length = end != NULL ? (size_t)(end - tag) : strcspn(tag, " \t,");
		if (!weak && length > 0 && length <= VERSION_DIGITS_MAX &&
			strspn(tag, "0123456789") == length)
			g_string_append_printf(
				out, "%s%.*s", out->len > 1 ? "," : "", (int)length, tag);
		text = tag + length + (end != NULL);
	}
	g_string_append_c(out, '}');
	return g_string_free(out, FALSE);
}

enum err
version_check(struct request *req)
{
	const char *text;

	if (!req->route->versioned || req->method == GET)
		return ERR_NONE;
	text = request_param(req, "HTTP_IF_MATCH");
	if ((text == NULL || *text == '\0') && req->form)
		text = pairs_get(req->pairs, "version");
	if (text == NULL || *text == '\0')
		return req->field_errors->len == 0 ? ERR_VERSION_MISSING : ERR_NONE;
	req->versions = parse_versions(text);
	return ERR_NONE;
}

char *
version_tag(const struct request *req, const struct answer *ans)
{
	g_autofree char *version = req->route->versioned && !req->html
		? json_scan_number(ans->body->str, "version")
		: NULL;

	return version == NULL ? NULL : g_strdup_printf("\"%s\"", version);
}
