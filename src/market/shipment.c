/* Shipments: the part of an order that one shop sends, as the shop sees it. */
#include "market/shipment.h"

#include "market/account.h"
#include "market/market.h"
#include "market/order.h"

static const char *const shipment_states[] = { "pending", "shipped", "delivered", "cancelled",
	NULL };
static const char *const shipment_steps[] = { "shipped", "delivered", NULL };
/* What is picked up has no address: it is not sent, and has no tracking. */
static const char *const shipment_steps_while[] = { "address", "status", NULL };

static const char *const deliveries[] = { "ship", "pickup", NULL };

const struct field shipment_filter_fields[] = {
	{ "status", FIELD_CHOICE, .choices = shipment_states, .optional = true },
	{ "delivery", FIELD_CHOICE, .choices = deliveries, .optional = true },
	PAGING,
	{ 0 },
};

const struct field shipment_change_fields[] = {
	{ "status", FIELD_CHOICE, .choices = shipment_steps, .choices_while = shipment_steps_while,
		.or_field = "tracking" },
	{ "tracking", FIELD_TEXT, .max = NAME_MAX_CHARACTERS, .optional = true,
		.hint = "Can be corrected later.", .input_while = "address" },
	{ 0 },
};

/* What is picked up is not sent. */
const struct wording delivery_wordings[] = {
	{ "status", "pending", "delivery", "pickup", "to be picked up" },
	{ "status", "shipped", "delivery", "pickup", "ready" },
	{ "status", "delivered", "delivery", "pickup", "picked up" },
	{ 0 },
};

static const char *const refund_actions[] = { "refund", NULL };

const struct field shipment_refund_fields[] = {
	{ "action", FIELD_CHOICE, .choices = refund_actions, .default_value = "refund",
		.api_only = true },
	{ "reason", FIELD_LINES, .min = 1, .max = TEXT_MAX_CHARACTERS, .fresh = true,
		.hint = "For the log." },
	{ 0 },
};

static const struct member shipment_members[] = {
	{ "shipment_id", IS_ID },
	{ "shop_id", IS_ID },
	{ "order_id", IS_ID },
	{ "status", IS_TEXT },
	{ "tracking", IS_TEXT, .nullable = true },
	{ "buyer", IS_TEXT },
	{ "delivery", IS_TEXT },
	{ "address", IS_OBJECT, .of = &address_schema, .nullable = true },
	{ "shipping_cents", IS_INTEGER },
	{ "total_cents", IS_INTEGER },
	{ "created_at", IS_TIME },
	{ "updated_at", IS_TIME },
	{ "on_hold", IS_BOOL }, /* its payment is looked into: it cannot be sent yet */
	{ "lines", IS_LIST, .of = &order_line_schema },
	{ 0 },
};

const struct answer_schema shipment_schema = { "Shipment", shipment_members };

static const struct member shipments_members[] = {
	{ "shipments", IS_LIST, .of = &shipment_schema },
	{ "next", IS_TEXT, .nullable = true },
	{ 0 },
};

const struct answer_schema shipments_schema = { "Shipments", shipments_members };
