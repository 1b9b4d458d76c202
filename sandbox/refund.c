#include "sandbox/refund.h"

#include <string.h>

#include "base/json.h"
#include "sandbox/event.h"
#include "sandbox/form.h"
#include "sandbox/object.h"
#include "sandbox/param.h"

static const struct param refund_params[] = {
	{ "payment_intent", PARAM_TEXT, 0, 255, NULL, false },
	{ "charge", PARAM_TEXT, 0, 255, NULL, false },
	{ "amount", PARAM_INTEGER, 1, INT64_MAX, NULL, false },
	{ "reason", PARAM_CHOICE, 0, 0, "duplicate fraudulent requested_by_customer", false },
	{ "metadata[*]", PARAM_TEXT, 0, 500, NULL, false },
};

/* Columns of SQL_CHARGE_OF. */
enum { CHARGE_ID, CHARGE_INTENT, CHARGE_LEFT, CHARGE_DISPUTED };

/* The charge that the request names; otherwise sets the error and returns NULL. */
static GStrv
charge_find(struct sandbox *sandbox, const GPtrArray *form, struct answer *answer)
{
	const char *intent = form_get(form, "payment_intent"), *charge = form_get(form, "charge");
	GStrv row;

	if ((intent == NULL) == (charge == NULL)) {
		answer_invalid(answer, "parameter_missing", "payment_intent",
			"One of the following params should be provided for this request: "
			"payment_intent or "
			"charge.");
		return NULL;
	}
	row = store_row(
		sandbox->store, SQL_CHARGE_OF, STORE_ARGS(TEXT(intent != NULL ? intent : charge)));
	if (row != NULL)
		return row;
	if (intent == NULL)
		answer_missing(answer, "charge", "charge", charge);
	else {
		g_autofree char *there = store_text(sandbox->store, SQL_OBJECT_GET,
			STORE_ARGS(TEXT(intent), TEXT("payment_intent")));

		if (there == NULL)
			answer_missing(answer, "payment_intent", "payment_intent", intent);
		else
			answer_error(answer, 400, "invalid_request_error",
				"payment_intent_unexpected_state", "payment_intent",
				"This PaymentIntent (%s) does not have a successful charge to "
				"refund.",
				intent);
	}
	return NULL;
}

static bool
can_refund(const GStrv charge, int64_t amount_cents, struct answer *answer)
{
	int64_t left_cents = g_ascii_strtoll(charge[CHARGE_LEFT], NULL, 10);

	if (strcmp(charge[CHARGE_DISPUTED], "1") == 0)
		answer_error(answer, 400, "invalid_request_error", "charge_disputed", NULL,
			"Charge %s has been charged back; cannot issue a refund.",
			charge[CHARGE_ID]);
	else if (left_cents == 0)
		answer_error(answer, 400, "invalid_request_error", "charge_already_refunded", NULL,
			"Charge %s has already been refunded.", charge[CHARGE_ID]);
	else if (amount_cents > left_cents)
		answer_error(answer, 400, "invalid_request_error", NULL, "amount",
			"Refund amount (%" G_GINT64_FORMAT
			") is greater than unrefunded amount on charge (%" G_GINT64_FORMAT ")",
			amount_cents, left_cents);
	else
		return true;
	return false;
}

/* Adds a refund; the faults decide how it begins and ends. */
static void
refund_add(struct sandbox *sandbox, const struct request *request, const char *id,
	const char *charge, int64_t amount_cents)
{
	bool is_pending = fault_happens(sandbox->faults, FAULT_PENDING_REFUNDS);
	bool fails = fault_happens(sandbox->faults, FAULT_FAIL_REFUNDS);
	int64_t now_ms = sandbox_now_ms(sandbox);
	g_autofree char *due = g_strdup_printf(
		"%" G_GINT64_FORMAT, now_ms + fault_time_ms(sandbox->faults, TIME_SETTLE_REFUNDS));
	g_autofree char *metadata = form_object(request->form, "metadata");

	store_run(sandbox->store, SQL_REFUND_NEW,
		STORE_ARGS(TEXT(id), NUMBER(now_ms / 1000), TEXT(is_pending || fails ? due : NULL),
			TEXT(fails ? "{\"end\":\"failed\"}" : "{\"end\":\"succeeded\"}"),
			NUMBER(amount_cents), TEXT(charge), TEXT(form_get(request->form, "reason")),
			TEXT(metadata), TEXT(is_pending ? "pending" : "succeeded")));
	store_run(sandbox->store, SQL_CHARGE_SUM, STORE_ARGS(TEXT(charge)));
	event_add(sandbox, request, "refund.created", id);
	event_add(sandbox, request, "charge.refunded", charge);
}

void
refund_create(struct sandbox *sandbox, const struct request *request, struct answer *answer)
{
	g_auto(GStrv) charge = NULL;
	char id[SANDBOX_ID_SIZE];
	int64_t amount_cents;

	if (!params_check(refund_params, G_N_ELEMENTS(refund_params), request->form, answer) ||
		(charge = charge_find(sandbox, request->form, answer)) == NULL)
		return;
	amount_cents = param_integer(
		request->form, "amount", g_ascii_strtoll(charge[CHARGE_LEFT], NULL, 10));
	if (!can_refund(charge, amount_cents, answer))
		return;
	sandbox_new_id("re", id);
	refund_add(sandbox, request, id, charge[CHARGE_ID], amount_cents);
	object_answer(sandbox, 200, id, answer);
}

/* A refund that failed stays so; one that succeeded may still fail. */
static void
refund_end(struct sandbox *sandbox, const struct request *request, const char *id,
	const GStrv state, const char *end)
{
	bool fails = strcmp(end, "failed") == 0;
	bool changes = strcmp(state[0], "failed") != 0 && strcmp(state[0], end) != 0;

	store_run(sandbox->store, SQL_REFUND_END,
		STORE_ARGS(TEXT(id), TEXT(changes ? end : state[0]),
			TEXT(fails && changes ? "lost_or_stolen_card" : NULL)));
	if (!changes)
		return;
	store_run(sandbox->store, SQL_CHARGE_SUM, STORE_ARGS(TEXT(state[2])));
	event_add(sandbox, request, "refund.updated", id);
	if (fails)
		event_add(sandbox, request, "refund.failed", id);
}

void
refund_settle(struct sandbox *sandbox, const char *id)
{
	g_auto(GStrv) state = store_row(sandbox->store, SQL_REFUND_STATE, STORE_ARGS(TEXT(id)));

	if (state != NULL)
		refund_end(sandbox, NULL, id, state, state[1]);
}

void
refund_control(struct sandbox *sandbox, const struct request *request, struct answer *answer)
{
	g_auto(GStrv) state =
		store_row(sandbox->store, SQL_REFUND_STATE, STORE_ARGS(TEXT(request->argument)));
	enum json_fault fault;
	const char *why;
	JSON_AUTO struct json *root = json_parse(request->body, request->length, &fault, &why);
	const char *end = json_text(json_get(root, "status"));

	if (state == NULL)
		answer_missing(answer, "refund", "id", request->argument);
	else if (g_strcmp0(end, "succeeded") != 0 && g_strcmp0(end, "failed") != 0)
		answer_invalid(answer, NULL, "status",
			"The body is {\"status\":\"succeeded\" or \"failed\"}");
	else if (strcmp(state[0], "failed") == 0)
		answer_error(answer, 409, "invalid_request_error", NULL, NULL,
			"This refund has failed.");
	else {
		refund_end(sandbox, request, request->argument, state, end);
		object_answer(sandbox, 200, request->argument, answer);
	}
}
