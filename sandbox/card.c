#include "sandbox/card.h"

#include <string.h>

#include "sandbox/event.h"

static const struct card cards[] = {
	{ "4242424242424242", NULL, NULL, "pays", false },
	{ "4000000000000002", "generic_decline", "Your card was declined.", "is declined", false },
	{ "4000000000009995", "insufficient_funds", "Your card has insufficient funds.",
		"is declined: not enough money", false },
	{ "4000000000003220", NULL, NULL, "asks for a second step", true },
	{ NULL, NULL, NULL, NULL, false },
};

const struct card *
card_list(void)
{
	return cards;
}

static const struct card *
card_find(const char *number)
{
	g_auto(GStrv) pieces = g_strsplit_set(number, " -", 0);
	g_autofree char *digits = g_strjoinv("", pieces);

	for (const struct card *card = cards; card->number != NULL; card++)
		if (strcmp(card->number, digits) == 0)
			return card;
	return NULL;
}

/* The session's payment_intent: a new one if no card was tried yet. Free it with g_free(). */
static char *
intent_of(struct sandbox *sandbox, const char *session, const GStrv state)
{
	char id[SANDBOX_ID_SIZE];

	if (state[1][0] != '\0')
		return g_strdup(state[1]);
	sandbox_new_id("pi", id);
	store_run(sandbox->store, SQL_INTENT_NEW,
		STORE_ARGS(TEXT(id), NUMBER(sandbox_now_s(sandbox)), TEXT(session)));
	store_run(sandbox->store, SQL_SESSION_INTENT, STORE_ARGS(TEXT(session), TEXT(id)));
	event_add(sandbox, NULL, "payment_intent.created", id);
	return g_strdup(id);
}

static enum card_outcome
pay(struct sandbox *sandbox, const char *session, const char *intent)
{
	char charge[SANDBOX_ID_SIZE];
	int64_t now_ms = sandbox_now_ms(sandbox);

	sandbox_new_id("ch", charge);
	store_run(sandbox->store, SQL_CHARGE_NEW,
		STORE_ARGS(TEXT(charge), NUMBER(now_ms / 1000), TEXT(intent), TEXT(session),
			NUMBER(now_ms)));
	store_run(sandbox->store, SQL_INTENT_PAID, STORE_ARGS(TEXT(intent), TEXT(charge)));
	store_run(sandbox->store, SQL_SESSION_PAID, STORE_ARGS(TEXT(session)));
	event_add(sandbox, NULL, "charge.succeeded", charge);
	event_add(sandbox, NULL, "payment_intent.succeeded", intent);
	event_add(sandbox, NULL, "checkout.session.completed", session);
	return CARD_PAID;
}

static enum card_outcome
refuse(struct sandbox *sandbox, const char *intent, const char *code, const char *decline,
	const char *message)
{
	g_autofree char *error =
		g_strdup_printf("{\"code\":\"%s\",\"decline_code\":\"%s\",\"message\":\"%s\","
				"\"type\":\"card_error\"}",
			code, decline, message);

	store_run(sandbox->store, SQL_INTENT_STATUS,
		STORE_ARGS(TEXT(intent), TEXT("requires_payment_method"), TEXT(error)));
	event_add(sandbox, NULL, "payment_intent.payment_failed", intent);
	return CARD_REFUSED;
}

/* The state of an open session in `state`; otherwise what it is. */
static enum card_outcome
session_state(struct sandbox *sandbox, const char *session, GStrv *state)
{
	*state = store_row(sandbox->store, SQL_SESSION_STATE, STORE_ARGS(TEXT(session)));
	if (*state == NULL)
		return CARD_UNKNOWN_SESSION;
	if (strcmp((*state)[0], "complete") == 0)
		return CARD_PAID;
	return strcmp((*state)[0], "open") == 0 ? CARD_REFUSED : CARD_EXPIRED;
}

enum card_outcome
card_pay(struct sandbox *sandbox, const char *session, const char *number, const char **why)
{
	g_auto(GStrv) state = NULL;
	enum card_outcome outcome = session_state(sandbox, session, &state);
	const struct card *card = card_find(number);
	g_autofree char *intent = NULL;

	if (outcome != CARD_REFUSED)
		return outcome;
	if (card == NULL) {
		*why = "This is no test card: take one of the list below.";
		return CARD_REFUSED;
	}
	intent = intent_of(sandbox, session, state);
	if (card->code != NULL) {
		*why = card->message;
		return refuse(sandbox, intent, "card_declined", card->code, card->message);
	}
	if (!card->needs_step)
		return pay(sandbox, session, intent);
	store_run(sandbox->store, SQL_INTENT_STATUS,
		STORE_ARGS(TEXT(intent), TEXT("requires_action"), TEXT("null")));
	event_add(sandbox, NULL, "payment_intent.requires_action", intent);
	return CARD_NEEDS_STEP;
}

enum card_outcome
card_step(struct sandbox *sandbox, const char *session, bool confirms, const char **why)
{
	g_auto(GStrv) state = NULL;
	enum card_outcome outcome = session_state(sandbox, session, &state);

	if (outcome != CARD_REFUSED)
		return outcome;
	if (strcmp(state[2], "requires_action") != 0) {
		*why = "No card waits for a second step: enter its number again.";
		return CARD_REFUSED;
	}
	if (confirms)
		return pay(sandbox, session, state[1]);
	*why = "You refused the payment. The card was not charged.";
	return refuse(sandbox, state[1], "payment_intent_authentication_failure",
		"authentication_required", *why);
}
