#include "market/payment_event.h"

#include <string.h>

#include "base/json.h"
#include "base/secret.h"
#include "market/answer.h"
#include "market/payment_settings.h"

enum {
	SIGNED_SECONDS = 300,
	SIGNATURES_MAX = 16, /* in a header */
	WORD_MAX = 255,      /* bytes of an event's id and kind */
};

static const struct member taken_event_members[] = { { 0 } };

const struct answer_schema taken_event_schema = { "TakenEvent", taken_event_members };

static bool
has_signature(char *const *parts, const GString *message, const char *secret)
{
	for (; *parts != NULL; parts++)
		if (g_str_has_prefix(*parts, "v1=") &&
			secret_hmac_matches(secret, message->str, message->len, *parts + 3))
			return true;
	return false;
}

bool
payment_event_is_signed(const char *header, const GString *body, const char *const *secrets,
	size_t n_secrets, int64_t now)
{
	g_auto(GStrv) parts = g_strsplit(header == NULL ? "" : header, ",", SIGNATURES_MAX);
	g_autoptr(GString) message = g_string_new(NULL);
	const char *time = NULL;
	gint64 at;

	for (char **part = parts; *part != NULL && time == NULL; part++)
		if (g_str_has_prefix(*part, "t="))
			time = *part + 2;
	if (time == NULL || *time == '\0' || strlen(time) > 15 ||
		time[strspn(time, "0123456789")] != '\0')
		return false;
	at = g_ascii_strtoll(time, NULL, 10);
	if (at < now - SIGNED_SECONDS || at > now + SIGNED_SECONDS)
		return false;
	g_string_append_printf(message, "%s.", time);
	g_string_append_len(message, body->str, (gssize)body->len);
	for (size_t i = 0; i < n_secrets; i++)
		if (secrets[i] != NULL && has_signature(parts, message, secrets[i]))
			return true;
	return false;
}

static bool
is_name(const char *text)
{
	return text != NULL && *text != '\0' && strlen(text) <= WORD_MAX;
}

enum err
take_payment_event(struct request *req, struct answer *ans)
{
	const struct payment_settings *settings = payment_settings();
	const GString *body = request_body(req);
	enum json_fault fault;
	const char *why;
	JSON_AUTO struct json *event = NULL;
	struct db_param added[] = { { .name = "event_id" }, { .name = "kind" },
		{ .name = "body", .text = body->str } };

	if (settings == NULL ||
		!payment_event_is_signed(request_header(req, "HTTP_STRIPE_SIGNATURE"), body,
			(const char *const *)settings->webhook_secrets, PAYMENT_SECRETS_MAX,
			g_get_real_time() / G_USEC_PER_SEC))
		return ERR_BAD_SIGNATURE;
	event = json_parse(body->str, body->len, &fault, &why);
	added[0].text = json_text(json_get(event, "id"));
	added[1].text = json_text(json_get(event, "type"));
	if (!is_name(added[0].text) || !is_name(added[1].text))
		return ERR_NOT_JSON;
	return answer_call(req, ans, SQL_take_provider_event, added, G_N_ELEMENTS(added));
}
