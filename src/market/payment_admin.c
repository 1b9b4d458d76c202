#include "market/payment_admin.h"

#include "market/market.h"

static const char *const actions[] = { "refund", "settle", NULL };

const struct field payment_filter_fields[] = {
	{ "attention", FIELD_BOOL, .default_value = "false",
		.label = "Only those that need attention" },
	PAGING,
	{ 0 },
};

const struct field payment_change_fields[] = {
	{ "action", FIELD_CHOICE, .choices = actions,
		.hint = "refund: what is owed is given back once more, if it failed. settle: the "
			"flag is taken away, after you saw to what it is about." },
	{ 0 },
};

/* detail: JSON of the event, as text. */
static const struct member event_members[] = {
	{ "event", IS_TEXT },
	{ "was", IS_TEXT },
	{ "became", IS_TEXT },
	{ "at", IS_TIME },
	{ "detail", IS_TEXT },
	{ 0 },
};

static const struct answer_schema event_schema = { "PaymentEvent", event_members };

static const struct member payment_members[] = {
	{ "status", IS_TEXT },
	{ "order_id", IS_ID },
	{ "flag", IS_TEXT, .nullable = true },
	{ "amount_cents", IS_INTEGER },
	{ "charged_cents", IS_INTEGER },
	{ "refunded_cents", IS_INTEGER },
	{ "created_at", IS_TIME },
	{ "due_at", IS_TIME },
	{ "refundable", IS_BOOL },
	{ "events", IS_LIST, .of = &event_schema },
	{ 0 },
};

const struct answer_schema admin_payment_schema = { "AdminPayment", payment_members };

static const struct member payments_members[] = {
	{ "payments", IS_LIST, .of = &admin_payment_schema },
	{ "next", IS_TEXT, .nullable = true },
	{ 0 },
};

const struct answer_schema admin_payments_schema = { "AdminPayments", payments_members };
