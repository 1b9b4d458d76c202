#include "sandbox/api.h"

#include <string.h>

#include "base/secret.h"
#include "sandbox/due.h"
#include "sandbox/key.h"

enum {
	KEY_LENGTH_MAX = 255,
	KEY_KEPT_MS = 24 * 3600 * 1000,
};

/* Columns of SQL_KEY_GET. */
enum { KEPT_PATH, KEPT_DIGEST, KEPT_STATUS, KEPT_ANSWER };

/* The secret of "Bearer SECRET" or of basic authentication, whose user it is; or NULL. */
static char *
secret_sent(const char *authorization)
{
	g_autofree char *decoded = NULL;
	size_t length;
	char *colon;

	if (authorization == NULL)
		return NULL;
	if (g_ascii_strncasecmp(authorization, "Bearer ", 7) == 0)
		return g_strdup(authorization + 7);
	if (g_ascii_strncasecmp(authorization, "Basic ", 6) != 0)
		return NULL;
	decoded = (char *)g_base64_decode(authorization + 6, &length);
	if (length == 0)
		return NULL;
	colon = memchr(decoded, ':', length);
	return g_strndup(decoded, colon != NULL ? (size_t)(colon - decoded) : length);
}

static bool
check_secret(const struct sandbox *sandbox, const struct request *request, struct answer *answer)
{
	g_autofree char *secret = secret_sent(request->authorization);

	if (secret == NULL || secret[0] == '\0')
		answer_error(answer, 401, "invalid_request_error", NULL, NULL,
			"You did not provide an API key. You need to provide your API key in the "
			"Authorization "
			"header, using Bearer auth ('Authorization: Bearer YOUR_SECRET_KEY').");
	else if (sandbox->key != NULL ? strcmp(secret, sandbox->key) != 0
				      : !g_str_has_prefix(secret, "sk_test_"))
		answer_error(answer, 401, "invalid_request_error", NULL, NULL,
			"Invalid API Key provided: %.8s%s", secret,
			strlen(secret) > 8 ? "****" : "");
	else
		return true;
	return false;
}

static void
answer_fault(struct answer *answer)
{
	answer_error(answer, 500, "api_error", NULL, NULL,
		"An unknown error occurred (the sandbox was told to make errors).");
}

/* Runs the handler, or fails instead of it or after it. */
static void
try_handler(
	struct sandbox *sandbox, const struct request *request, handler *run, struct answer *answer)
{
	bool fails = fault_happens(sandbox->faults, FAULT_ERRORS);

	if (!fails || fault_flips(sandbox->faults))
		run(sandbox, request, answer);
	if (fails)
		answer_fault(answer);
}

/* Answers from what was kept under the key; false if it is new. */
static bool
answer_kept(struct sandbox *sandbox, const struct request *request, const char *digest,
	struct answer *answer)
{
	g_auto(GStrv) kept = store_row(sandbox->store, SQL_KEY_GET, STORE_ARGS(TEXT(request->key)));

	if (kept == NULL)
		return false;
	if (strcmp(kept[KEPT_PATH], request->path) != 0)
		answer_error(answer, 400, "idempotency_error", NULL, NULL,
			"Keys for idempotent requests can only be used for the same endpoint "
			"they were first used "
			"for ('%s' vs '%s'). Try using a key other than '%s' if you meant to "
			"execute a different "
			"request.",
			request->path, kept[KEPT_PATH], request->key);
	else if (strcmp(kept[KEPT_DIGEST], digest) != 0)
		answer_error(answer, 400, "idempotency_error", NULL, NULL,
			"Keys for idempotent requests can only be used with the same parameters "
			"they were first "
			"used with. Try using a key other than '%s' if you meant to execute a "
			"different request.",
			request->key);
	else {
		answer_json(answer, (unsigned)g_ascii_strtoull(kept[KEPT_STATUS], NULL, 10),
			g_strdup(kept[KEPT_ANSWER]));
		answer->is_replayed = true;
	}
	return true;
}

/* A call with a key, which no other call in progress has. */
static void
answer_keyed(
	struct sandbox *sandbox, const struct request *request, handler *run, struct answer *answer)
{
	char digest[DIGEST_SIZE];

	secret_digest(request->body, request->length, digest);
	store_begin(sandbox->store);
	due_run(sandbox);
	store_run(sandbox->store, SQL_KEY_PRUNE,
		STORE_ARGS(NUMBER(sandbox_now_ms(sandbox) - KEY_KEPT_MS)));
	if (!answer_kept(sandbox, request, digest, answer)) {
		try_handler(sandbox, request, run, answer);
		if (!answer->is_unkept)
			store_run(sandbox->store, SQL_KEY_PUT,
				STORE_ARGS(TEXT(request->key), TEXT(request->path), TEXT(digest),
					NUMBER(answer->status), TEXT(answer->body),
					NUMBER(sandbox_now_ms(sandbox))));
	}
	store_commit(sandbox->store);
}

static void
answer_unkeyed(
	struct sandbox *sandbox, const struct request *request, handler *run, struct answer *answer)
{
	store_begin(sandbox->store);
	due_run(sandbox);
	try_handler(sandbox, request, run, answer);
	store_commit(sandbox->store);
}

void
handler_run(
	struct sandbox *sandbox, const struct request *request, handler *run, struct answer *answer)
{
	store_begin(sandbox->store);
	due_run(sandbox);
	run(sandbox, request, answer);
	store_commit(sandbox->store);
}

static void
wait_ms(int64_t ms)
{
	if (ms > 0)
		g_usleep((gulong)ms * 1000);
}

/* A call that takes as long as the faults say, before its effect or after it. */
static void
answer_slowly(
	struct sandbox *sandbox, const struct request *request, handler *run, struct answer *answer)
{
	int64_t delay_ms = fault_time_ms(sandbox->faults, TIME_DELAY);
	bool is_after = delay_ms > 0 && fault_flips(sandbox->faults);

	wait_ms(is_after ? 0 : delay_ms);
	if (request->key != NULL)
		answer_keyed(sandbox, request, run, answer);
	else
		answer_unkeyed(sandbox, request, run, answer);
	wait_ms(is_after ? delay_ms : 0);
}

/* Refusals before anything is tried; false if there was one. */
static bool
check_call(
	struct sandbox *sandbox, const struct request *request, handler *run, struct answer *answer)
{
	if (!check_secret(sandbox, request, answer))
		return false;
	if (fault_happens(sandbox->faults, FAULT_TOO_MANY))
		answer_error(answer, 429, "invalid_request_error", "rate_limit", NULL,
			"Request rate limit exceeded (the sandbox was told to refuse calls).");
	else if (run == NULL)
		answer_error(answer, 404, "invalid_request_error", NULL, NULL,
			"Unrecognized request URL (%s: %s).", request->method, request->path);
	else if (request->form == NULL)
		answer_invalid(answer, NULL, NULL, "The parameters are malformed.");
	else if (request->key != NULL && strlen(request->key) > KEY_LENGTH_MAX)
		answer_error(answer, 400, "invalid_request_error", NULL, NULL,
			"The idempotency key is longer than %d characters.", KEY_LENGTH_MAX);
	else
		return true;
	return false;
}

void
api_answer(
	struct sandbox *sandbox, const struct request *request, handler *run, struct answer *answer)
{
	if (!check_call(sandbox, request, run, answer))
		return;
	if (request->key != NULL && !key_take(sandbox->keys_in_flight, request->key)) {
		answer_error(answer, 409, "idempotency_error", "idempotency_key_in_use", NULL,
			"There is currently another in-progress request using this Idempotent "
			"Key (that probably "
			"means you submitted twice, and the other request is still going "
			"through): %s. Please try "
			"again later.",
			request->key);
		return;
	}
	answer_slowly(sandbox, request, run, answer);
	if (request->key != NULL)
		key_release(sandbox->keys_in_flight, request->key);
	if (fault_happens(sandbox->faults, FAULT_LOSE_ANSWERS))
		answer_clear(answer); /* status 0: the connection is closed */
}
