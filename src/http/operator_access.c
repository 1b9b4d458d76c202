#include "http/operator_access.h"

#include <glib.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"

enum { TOKEN_MIN = 16 };

static char token_digest[DIGEST_SIZE]; /* "": there is none */

static const char *const forwarding_headers[] = { "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_HOST",
	"HTTP_X_FORWARDED_PROTO", "HTTP_X_REAL_IP", "HTTP_FORWARDED", "HTTP_VIA" };

bool
operator_access_set_token_file(const char *path)
{
	g_autofree char *token = NULL;

	if (!g_file_get_contents(path, &token, NULL, NULL)) {
		log_line(LOG_FAULT, "cannot read the token of the metrics in %s", path);
		return false;
	}
	g_strstrip(token);
	if (strlen(token) < TOKEN_MIN) {
		log_line(LOG_FAULT, "the token of the metrics in %s has less than %d characters",
			path, TOKEN_MIN);
		return false;
	}
	secret_digest(token, strlen(token), token_digest);
	secret_wipe(token, strlen(token));
	return true;
}

/* Digests are compared: how long that takes says nothing about the token. */
static bool
has_token(const struct request *req)
{
	const char *given = request_param_or_empty(req, "HTTP_AUTHORIZATION");
	char digest[DIGEST_SIZE];

	if (strncasecmp(given, "Bearer ", 7) != 0)
		return false;
	secret_digest(given + 7, strlen(given + 7), digest);
	return strcmp(digest, token_digest) == 0;
}

static bool
is_from_this_host(const struct request *req)
{
	const char *address = request_address(req);

	return address != NULL &&
		(g_str_has_prefix(address, "127.") || strcmp(address, "::1") == 0);
}

static bool
was_forwarded(const struct request *req)
{
	for (size_t i = 0; i < G_N_ELEMENTS(forwarding_headers); i++)
		if (request_param(req, forwarding_headers[i]) != NULL)
			return true;
	return false;
}

bool
operator_access_allowed(const struct request *req)
{
	if (*token_digest != '\0')
		return has_token(req);
	return is_from_this_host(req) && !was_forwarded(req);
}
