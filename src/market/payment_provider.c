#include "market/payment_provider.h"

#include <string.h>

#include "market/payment_settings.h"
#include "net/http_client.h"

/* Its answers keep the form of this version, whatever the account's own version is. */
#define VERSION_HEADER "Stripe-Version: 2024-12-18.acacia"

enum {
	TIMEOUT_MS = 8000, /* shorter than the lease of the outbox's rows */
	PAGES_MAX = 1000,  /* of a list, with 100 objects each */
};

static enum provider_end
end_of(int status)
{
	if (status >= 200 && status < 300)
		return PROVIDER_DONE;
	if (status >= 500)
		return PROVIDER_FAILED;
	/* no key, no right, a proxy's timeout, the key in use, too many requests: not the call */
	if (status == 401 || status == 403 || status == 408 || status == 409 || status == 425 ||
		status == 429 || status < 400)
		return PROVIDER_UNKNOWN;
	return PROVIDER_REFUSED;
}

/* The provider's own sentence, if it gives one. Never log it: it may name a person. */
static char *
sentence_of(int status, const char *body)
{
	enum json_fault fault;
	const char *why;
	JSON_AUTO struct json *root = json_parse(body, strlen(body), &fault, &why);
	const struct json *error = json_get(root, "error");
	const char *code = json_text(json_get(error, "code"));
	const char *message = json_text(json_get(error, "message"));

	return g_strdup_printf("the provider answered %d%s%s%s%s", status, code != NULL ? " " : "",
		code != NULL ? code : "", message != NULL ? ": " : "",
		message != NULL ? message : "");
}

/* Whether the text is JSON that can be read: a cut or foreign answer decides nothing. */
static bool
is_object(const char *body)
{
	enum json_fault fault;
	const char *why;
	JSON_AUTO struct json *root = json_parse(body, strlen(body), &fault, &why);

	return root != NULL && json_kind(root) == JSON_KIND_OBJECT;
}

static enum provider_end
call(const char *method, const char *path, const char *form, const char *key,
	struct provider_answer *answer)
{
	const struct payment_settings *settings = payment_settings();
	g_autofree char *url = g_strconcat(settings->api, "/v1/", path, NULL);
	g_autofree char *key_header =
		key == NULL ? NULL : g_strconcat("Idempotency-Key: ", key, NULL);
	struct http_call request = { .method = method,
		.url = url,
		.bearer = settings->key,
		.headers = { VERSION_HEADER, key_header },
		.form = form,
		.timeout_ms = TIMEOUT_MS };
	struct http_reply reply = { 0 };
	enum provider_end end = PROVIDER_UNKNOWN;

	if (!http_call_send(&request, &reply)) {
		answer->why = g_strdup_printf("there was no answer: %s", reply.why);
	} else {
		end = end_of(reply.status);
		if (end == PROVIDER_DONE && !is_object(reply.body))
			end = PROVIDER_UNKNOWN;
		if (end == PROVIDER_DONE)
			answer->body = g_steal_pointer(&reply.body);
		else
			answer->why = sentence_of(reply.status, reply.body);
	}
	http_reply_clear(&reply);
	return end;
}

enum provider_end
provider_get(const char *path, struct provider_answer *answer)
{
	return call("GET", path, NULL, NULL, answer);
}

enum provider_end
provider_post(const char *path, const char *form, const char *key, struct provider_answer *answer)
{
	return call("POST", path, form, key, answer);
}

void
provider_answer_clear(struct provider_answer *answer)
{
	g_free(answer->body);
	g_free(answer->why);
	*answer = (struct provider_answer){ 0 };
}

/* ---- lists ---- */

/* Calls `each` for a page. Sets the id after which the next page begins; NULL: there is none. */
static void
read_page(const struct json *page, bool (*each)(void *with, const struct json *object), void *with,
	char **last_id)
{
	const char *last = NULL;
	bool wanted = true;

	for (const struct json *object = json_first_element(json_get(page, "data"));
		object != NULL && wanted; object = json_next_element(object)) {
		last = json_text(json_get(object, "id"));
		wanted = each(with, object);
	}
	g_free(*last_id);
	*last_id = wanted && json_bool(json_get(page, "has_more")) ? g_strdup(last) : NULL;
}

enum provider_end
provider_list(const char *path, const char *query,
	bool (*each)(void *with, const struct json *object), void *with, char **why)
{
	g_autofree char *last_id = NULL;
	enum provider_end end = PROVIDER_DONE;
	int pages = 0;

	do {
		g_autofree char *target = g_strconcat(path, "?limit=100", *query == '\0' ? "" : "&",
			query,
			last_id == NULL ? "" : "&starting_after=", last_id == NULL ? "" : last_id,
			NULL);
		struct provider_answer answer = { 0 };
		enum json_fault fault;
		const char *sentence;
		JSON_AUTO struct json *page = NULL;

		end = provider_get(target, &answer);
		if (end == PROVIDER_DONE) {
			page = json_parse(answer.body, strlen(answer.body), &fault, &sentence);
			read_page(page, each, with, &last_id);
		} else {
			*why = g_steal_pointer(&answer.why);
		}
		provider_answer_clear(&answer);
	} while (end == PROVIDER_DONE && last_id != NULL && ++pages < PAGES_MAX);
	if (end != PROVIDER_DONE || last_id == NULL)
		return end;
	*why = g_strdup("the list is too long");
	return PROVIDER_UNKNOWN;
}
