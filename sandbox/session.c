#include "sandbox/session.h"

#include <string.h>

#include "base/json.h"
#include "sandbox/event.h"
#include "sandbox/form.h"
#include "sandbox/object.h"
#include "sandbox/param.h"

enum {
	EXPIRES_MIN_S = 1800,
	EXPIRES_MAX_S = 86400,
	ITEMS_MAX = 100,
	AMOUNT_MIN_CENTS = 50,
	AMOUNT_MAX_CENTS = 99999999,
	QUANTITY_MAX = 999999,
};

static const struct param session_params[] = {
	{ "success_url", PARAM_URL, 0, 5000, NULL, true },
	{ "cancel_url", PARAM_URL, 0, 5000, NULL, false },
	{ "mode", PARAM_CHOICE, 0, 0, "payment", true },
	{ "client_reference_id", PARAM_TEXT, 0, 200, NULL, false },
	{ "currency", PARAM_TEXT, 0, 3, NULL, false },
	{ "customer_email", PARAM_TEXT, 0, 800, NULL, false },
	{ "customer_creation", PARAM_CHOICE, 0, 0, "always if_required", false },
	{ "expires_at", PARAM_INTEGER, 0, INT64_MAX, NULL, false },
	{ "locale", PARAM_TEXT, 0, 10, NULL, false },
	{ "submit_type", PARAM_CHOICE, 0, 0, "auto book donate pay", false },
	{ "ui_mode", PARAM_CHOICE, 0, 0, "hosted hosted_page", false },
	{ "payment_method_types[#]", PARAM_CHOICE, 0, 0, "card", false },
	{ "adaptive_pricing[enabled]", PARAM_CHOICE, 0, 0, "false", false },
	{ "automatic_tax[enabled]", PARAM_CHOICE, 0, 0, "false", false },
	{ "allow_promotion_codes", PARAM_CHOICE, 0, 0, "false", false },
	{ "billing_address_collection", PARAM_CHOICE, 0, 0, "auto required", false },
	{ "phone_number_collection[enabled]", PARAM_BOOL, 0, 0, NULL, false },
	{ "custom_text[submit][message]", PARAM_TEXT, 0, 1200, NULL, false },
	{ "metadata[*]", PARAM_TEXT, 0, 500, NULL, false },
	{ "payment_intent_data[capture_method]", PARAM_CHOICE, 0, 0, "automatic automatic_async",
		false },
	{ "payment_intent_data[description]", PARAM_TEXT, 0, 1000, NULL, false },
	{ "payment_intent_data[metadata][*]", PARAM_TEXT, 0, 500, NULL, false },
	{ "payment_intent_data[receipt_email]", PARAM_TEXT, 0, 800, NULL, false },
	{ "payment_intent_data[statement_descriptor_suffix]", PARAM_TEXT, 0, 22, NULL, false },
	{ "payment_intent_data[transfer_group]", PARAM_TEXT, 0, 255, NULL, false },
	{ "line_items[#][quantity]", PARAM_INTEGER, 1, QUANTITY_MAX, NULL, false },
	{ "line_items[#][price_data][currency]", PARAM_TEXT, 0, 3, NULL, false },
	{ "line_items[#][price_data][unit_amount]", PARAM_INTEGER, 0, AMOUNT_MAX_CENTS, NULL,
		false },
	{ "line_items[#][price_data][product_data][name]", PARAM_TEXT, 0, 250, NULL, false },
	{ "line_items[#][price_data][product_data][description]", PARAM_TEXT, 0, 1000, NULL,
		false },
	{ "line_items[#][price_data][product_data][images][#]", PARAM_URL, 0, 2048, NULL, false },
	{ "line_items[#][price_data][product_data][metadata][*]", PARAM_TEXT, 0, 500, NULL, false },
};

/* What the line items are: their JSON, their sum, their currency. */
struct items {
	GString *json;
	int64_t total_cents;
	const char *currency; /* of the form; NULL before the first item */
	unsigned count;
};

/* A parameter of line_items[N]; sets the error and returns NULL if it is missing. */
static const char *
item_need(const GPtrArray *form, unsigned n, const char *member, struct answer *answer)
{
	g_autofree char *name = g_strdup_printf("line_items[%u]%s", n, member);
	const char *value = form_get(form, name);

	if (value == NULL)
		answer_invalid(
			answer, "parameter_missing", name, "Missing required param: %s.", name);
	return value;
}

static bool
is_currency(const char *text)
{
	return strlen(text) == 3 && strspn(text, "abcdefghijklmnopqrstuvwxyz") == 3;
}

static bool
item_add(struct items *items, const GPtrArray *form, unsigned n, struct answer *answer)
{
	const char *currency = item_need(form, n, "[price_data][currency]", answer);
	const char *amount = NULL, *name = NULL, *quantity = NULL;
	int64_t cents;

	if (currency == NULL ||
		(amount = item_need(form, n, "[price_data][unit_amount]", answer)) == NULL ||
		(name = item_need(form, n, "[price_data][product_data][name]", answer)) == NULL ||
		(quantity = item_need(form, n, "[quantity]", answer)) == NULL)
		return false;
	if (!is_currency(currency) ||
		(items->currency != NULL && strcmp(currency, items->currency) != 0)) {
		answer_invalid(answer, NULL, "line_items",
			"Invalid currency: %s. All line items have the same currency, in lower "
			"case.",
			currency);
		return false;
	}
	cents = g_ascii_strtoll(amount, NULL, 10) * g_ascii_strtoll(quantity, NULL, 10);
	items->currency = currency;
	items->total_cents += cents;
	g_string_append_printf(items->json,
		"%s{\"id\":\"li_%u\",\"object\":\"item\",\"amount_subtotal\":%" G_GINT64_FORMAT
		",\"amount_total\":%" G_GINT64_FORMAT
		",\"currency\":\"%s\",\"quantity\":%s,\"description\":",
		items->count++ > 0 ? "," : "", n, cents, cents, currency, quantity);
	json_append_quoted(items->json, name);
	g_string_append_c(items->json, '}');
	return true;
}

/* Whether there is any parameter of line_items[N]. */
static bool
has_item(const GPtrArray *form, unsigned n)
{
	g_autofree char *prefix = g_strdup_printf("line_items[%u][", n);

	for (unsigned i = 0; i < form->len; i++) {
		const struct form_pair *pair = form->pdata[i];

		if (g_str_has_prefix(pair->name, prefix))
			return true;
	}
	return false;
}

static bool
items_read(struct items *items, const GPtrArray *form, struct answer *answer)
{
	unsigned n = 0;

	for (; has_item(form, n); n++)
		if (!item_add(items, form, n, answer))
			return false;
	if (n == 0)
		answer_invalid(answer, "parameter_missing", "line_items",
			"You must pass `line_items`, counted from 0, in `payment` mode.");
	else if (n > ITEMS_MAX || has_item(form, n + 1))
		answer_invalid(answer, NULL, "line_items",
			"A Checkout Session has at most %d line items, counted without a gap.",
			ITEMS_MAX);
	else if (items->total_cents < AMOUNT_MIN_CENTS)
		answer_invalid(answer, "amount_too_small", NULL,
			"The Checkout Session's total amount due must add up to at least 0.50 %s",
			items->currency);
	else if (items->total_cents > AMOUNT_MAX_CENTS)
		answer_invalid(answer, "amount_too_large", NULL,
			"The Checkout Session's total amount must be no more than 999,999.99 %s",
			items->currency);
	else
		return true;
	return false;
}

static bool
expiry_read(int64_t now_s, const GPtrArray *form, int64_t *expires_s, struct answer *answer)
{
	int64_t at = param_integer(form, "expires_at", now_s + EXPIRES_MAX_S);

	if (at < now_s + EXPIRES_MIN_S)
		answer_invalid(answer, NULL, "expires_at",
			"The `expires_at` timestamp must be at least 30 minutes from Checkout "
			"Session creation.");
	else if (at > now_s + EXPIRES_MAX_S)
		answer_invalid(answer, NULL, "expires_at",
			"The `expires_at` timestamp must be less than 24 hours from Checkout "
			"Session creation.");
	else {
		*expires_s = at;
		return true;
	}
	return false;
}

/* What the sandbox keeps about a session beside its object. */
static char *
hidden_of(const GPtrArray *form, const struct items *items)
{
	g_autofree char *metadata = form_object(form, "payment_intent_data[metadata]");
	const char *description = form_get(form, "payment_intent_data[description]");
	const char *email = form_get(form, "payment_intent_data[receipt_email]");
	GString *out = g_string_new("{\"items\":[");

	g_string_append_printf(
		out, "%s],\"metadata\":%s,\"description\":", items->json->str, metadata);
	description != NULL ? json_append_quoted(out, description)
			    : (void)g_string_append(out, "null");
	g_string_append(out, ",\"receipt_email\":");
	email != NULL ? json_append_quoted(out, email) : (void)g_string_append(out, "null");
	g_string_append_c(out, '}');
	return g_string_free(out, FALSE);
}

void
session_create(struct sandbox *sandbox, const struct request *request, struct answer *answer)
{
	const GPtrArray *form = request->form;
	g_autoptr(GString) json = g_string_new(NULL);
	struct items items = { .json = json };
	int64_t now_s = sandbox_now_s(sandbox), expires_s;
	g_autofree char *hidden = NULL, *metadata = NULL, *url = NULL;
	char id[SANDBOX_ID_SIZE];

	if (!params_check(session_params, G_N_ELEMENTS(session_params), form, answer) ||
		!items_read(&items, form, answer) || !expiry_read(now_s, form, &expires_s, answer))
		return;
	hidden = hidden_of(form, &items);
	metadata = form_object(form, "metadata");
	sandbox_new_id("cs_test", id);
	url = g_strdup_printf("%s/pay/%s", sandbox->public_url, id);
	store_run(sandbox->store, SQL_SESSION_NEW,
		STORE_ARGS(TEXT(id), NUMBER(now_s), NUMBER(expires_s), TEXT(hidden),
			NUMBER(items.total_cents), TEXT(items.currency),
			TEXT(form_get(form, "client_reference_id")),
			TEXT(form_get(form, "success_url")), TEXT(form_get(form, "cancel_url")),
			TEXT(form_get(form, "customer_email")), TEXT(metadata), TEXT(url),
			TEXT(form_get(form, "locale"))));
	object_answer(sandbox, 200, id, answer);
}

void
session_end(struct sandbox *sandbox, const struct request *request, const char *id)
{
	g_autofree char *intent = NULL;

	store_run(sandbox->store, SQL_SESSION_EXPIRE, STORE_ARGS(TEXT(id)));
	event_add(sandbox, request, "checkout.session.expired", id);
	intent = store_text(sandbox->store, SQL_INTENT_CANCEL,
		STORE_ARGS(TEXT(id), NUMBER(sandbox_now_s(sandbox))));
	if (intent != NULL)
		event_add(sandbox, request, "payment_intent.canceled", intent);
}

void
session_expire(struct sandbox *sandbox, const struct request *request, struct answer *answer)
{
	g_auto(GStrv) state =
		store_row(sandbox->store, SQL_SESSION_STATE, STORE_ARGS(TEXT(request->argument)));

	if (!params_check(NULL, 0, request->form, answer))
		return;
	if (state == NULL) {
		answer_missing(answer, "checkout.session", "session", request->argument);
		return;
	}
	if (strcmp(state[0], "open") != 0) {
		answer_error(answer, 400, "invalid_request_error", NULL, NULL,
			"Only Checkout Sessions with a status in [\"open\"] can be expired. This "
			"Checkout Session "
			"has a status of `%s`.",
			state[0]);
		return;
	}
	if (fault_happens(sandbox->faults, FAULT_REFUSE_EXPIRES)) {
		answer_error(answer, 400, "invalid_request_error", NULL, NULL,
			"This Checkout Session cannot be expired now, as a payment is being "
			"processed (the sandbox was told to refuse).");
		return;
	}
	session_end(sandbox, request, request->argument);
	object_answer(sandbox, 200, request->argument, answer);
}

void
session_line_items(struct sandbox *sandbox, const struct request *request, struct answer *answer)
{
	char *items =
		store_text(sandbox->store, SQL_LINE_ITEMS, STORE_ARGS(TEXT(request->argument)));

	if (items == NULL)
		answer_missing(answer, "checkout.session", "session", request->argument);
	else
		answer_json(answer, 200, items);
}
