#include "sandbox/control.h"

#include <string.h>

#include "base/json.h"
#include "sandbox/event.h"
#include "sandbox/form.h"
#include "sandbox/object.h"

enum { AHEAD_S_MAX = 366 * 86400 };

void
control_health(struct sandbox *sandbox, const struct request *request, struct answer *answer)
{
	(void)request;
	answer_json(answer, 200, store_text(sandbox->store, SQL_COUNTS, STORE_NO_ARGS));
}

void
control_charges(struct sandbox *sandbox, const struct request *request, struct answer *answer)
{
	const char *order = request->form != NULL ? form_get(request->form, "order_id") : NULL;

	answer_json(answer, 200, store_text(sandbox->store, SQL_CHARGES, STORE_ARGS(TEXT(order))));
}

void
control_faults(struct sandbox *sandbox, const struct request *request, struct answer *answer)
{
	(void)request;
	answer_json(answer, 200, faults_dump(sandbox->faults));
}

void
control_set_faults(struct sandbox *sandbox, const struct request *request, struct answer *answer)
{
	const char *why = faults_set(sandbox->faults, request->body, request->length);
	g_autofree char *dump = NULL;

	if (why != NULL) {
		answer_invalid(answer, NULL, NULL, "%s", why);
		return;
	}
	dump = faults_dump(sandbox->faults);
	store_run(sandbox->store, SQL_SETTING_PUT, STORE_ARGS(TEXT("faults"), TEXT(dump)));
	control_faults(sandbox, request, answer);
}

/* The body as a JSON object; otherwise sets the error and returns NULL. Free with json_free(). */
static struct json *
body_read(const struct request *request, struct answer *answer)
{
	enum json_fault fault;
	const char *why;
	struct json *root = json_parse(request->body, request->length, &fault, &why);

	if (root != NULL && json_kind(root) == JSON_KIND_OBJECT)
		return root;
	answer_invalid(answer, NULL, NULL, "The body is a JSON object");
	json_free(root);
	return NULL;
}

void
control_set_clock(struct sandbox *sandbox, const struct request *request, struct answer *answer)
{
	JSON_AUTO struct json *root = body_read(request, answer);
	g_autofree char *text = NULL;
	int64_t ahead_s;

	if (root == NULL)
		return;
	if (!json_int64(json_get(root, "ahead_seconds"), &ahead_s) || ahead_s < 0 ||
		ahead_s > AHEAD_S_MAX) {
		answer_invalid(answer, NULL, "ahead_seconds", "ahead_seconds is from 0 to a year");
		return;
	}
	text = g_strdup_printf("%" G_GINT64_FORMAT, ahead_s * 1000);
	store_run(sandbox->store, SQL_SETTING_PUT, STORE_ARGS(TEXT("ahead_ms"), TEXT(text)));
	__atomic_store_n(&sandbox->ahead_ms, ahead_s * 1000, __ATOMIC_RELAXED);
	answer_json(
		answer, 200, g_strdup_printf("{\"ahead_seconds\":%" G_GINT64_FORMAT "}", ahead_s));
}

/* The member amount_cents: null if there is none. False if it is no amount; sets the error. */
static bool
amount_read(const struct json *root, struct answer *answer, struct store_value *cents)
{
	const struct json *amount = json_get(root, "amount_cents");
	int64_t number;

	if (amount == NULL) {
		*cents = (struct store_value)TEXT(NULL);
		return true;
	}
	if (!json_int64(amount, &number) || number < 1) {
		answer_invalid(answer, NULL, "amount_cents", "amount_cents is a positive integer");
		return false;
	}
	*cents = (struct store_value)NUMBER(number);
	return true;
}

void
control_session(struct sandbox *sandbox, const struct request *request, struct answer *answer)
{
	JSON_AUTO struct json *root = body_read(request, answer);
	const char *id = request->argument;
	const char *currency = json_text(json_get(root, "currency"));
	g_autofree char *url = g_strdup_printf("%s/pay/%s", sandbox->public_url, id);
	g_auto(GStrv) state = store_row(sandbox->store, SQL_SESSION_STATE, STORE_ARGS(TEXT(id)));
	struct store_value cents;

	if (root == NULL || !amount_read(root, answer, &cents))
		return;
	if (state == NULL) {
		answer_missing(answer, "checkout.session", "id", id);
		return;
	}
	store_run(sandbox->store, SQL_SESSION_CHANGE, STORE_ARGS(TEXT(id), cents, TEXT(currency)));
	if (g_strcmp0(json_text(json_get(root, "status")), "open") == 0)
		store_run(sandbox->store, SQL_SESSION_REOPEN, STORE_ARGS(TEXT(id), TEXT(url)));
	object_answer(sandbox, 200, id, answer);
}

void
control_dispute(struct sandbox *sandbox, const struct request *request, struct answer *answer)
{
	JSON_AUTO struct json *root = body_read(request, answer);
	const char *intent = json_text(json_get(root, "payment_intent"));
	const char *reason = json_text(json_get(root, "reason"));
	g_auto(GStrv) charge = NULL;
	struct store_value cents;
	char id[SANDBOX_ID_SIZE];

	if (root == NULL || !amount_read(root, answer, &cents))
		return;
	intent = intent != NULL ? intent : "";
	charge = store_row(sandbox->store, SQL_CHARGE_OF, STORE_ARGS(TEXT(intent)));
	if (charge == NULL) {
		answer_missing(answer, "payment_intent with a charge", "payment_intent", intent);
		return;
	}
	sandbox_new_id("dp", id);
	store_run(sandbox->store, SQL_DISPUTE_NEW,
		STORE_ARGS(TEXT(id), NUMBER(sandbox_now_s(sandbox)), TEXT(charge[0]), cents,
			TEXT(reason != NULL ? reason : "fraudulent")));
	store_run(sandbox->store, SQL_CHARGE_DISPUTED, STORE_ARGS(TEXT(charge[0])));
	event_add(sandbox, request, "charge.dispute.created", id);
	object_answer(sandbox, 201, id, answer);
}

void
control_end_dispute(struct sandbox *sandbox, const struct request *request, struct answer *answer)
{
	JSON_AUTO struct json *root = body_read(request, answer);
	const char *status = json_text(json_get(root, "status"));
	g_autofree char *id = NULL;

	if (root == NULL)
		return;
	if (g_strcmp0(status, "won") != 0 && g_strcmp0(status, "lost") != 0) {
		answer_invalid(
			answer, NULL, "status", "The body is {\"status\":\"won\" or \"lost\"}");
		return;
	}
	id = store_text(
		sandbox->store, SQL_DISPUTE_END, STORE_ARGS(TEXT(request->argument), TEXT(status)));
	if (id == NULL) {
		answer_missing(answer, "open dispute", "id", request->argument);
		return;
	}
	event_add(sandbox, request, "charge.dispute.closed", id);
	object_answer(sandbox, 200, id, answer);
}
