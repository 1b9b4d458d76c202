/* Orders, and the shipments that they are made of: one for each shop. */
#include "market/market.h"

static const char *const deliveries[] = { "pickup", "ship", NULL };
static const char *const shipment_states[] = { "pending", "shipped", "delivered", "cancelled",
	NULL };
static const char *const shipment_steps[] = { "shipped", "delivered", NULL };

static const struct field order_item_fields[] = {
	{ "listing_id", FIELD_INTEGER, .min = 1, .max = INT64_C(1) << 53 },
	{ "quantity", FIELD_INTEGER, .min = 1, .max = QUANTITY_MAX },
	{ 0 },
};

const struct field new_order_fields[] = {
	{ "items", FIELD_ITEMS, .of = order_item_fields, .optional = true, .at_least = 1,
		.at_most = 100 },
	{ "expected_total_cents", FIELD_INTEGER, .min = 0, .max = INT64_C(1) << 53,
		.optional = true, .hint = "Nothing is bought if it would cost more (cents)." },
	{ "delivery", FIELD_CHOICE, .choices = deliveries, .default_value = "pickup" },
	{ 0 },
};

const struct field shipment_filter_fields[] = {
	{ "status", FIELD_CHOICE, .choices = shipment_states, .optional = true },
	PAGING,
	{ 0 },
};

const struct field shipment_change_fields[] = {
	{ "status", FIELD_CHOICE, .choices = shipment_steps },
	{ "tracking", FIELD_TEXT, .max = NAME_MAX_CHARACTERS, .optional = true },
	{ 0 },
};

static const struct member order_line_members[] = {
	{ "listing_id", IS_ID },
	{ "brand", IS_TEXT },
	{ "style", IS_TEXT },
	{ "color", IS_TEXT },
	{ "size", IS_NUMBER },
	{ "quantity", IS_INTEGER },
	{ "discounted", IS_INTEGER },
	{ "price_cents", IS_INTEGER },
	{ "total_cents", IS_INTEGER },
	{ 0 },
};

static const struct answer_schema order_line_schema = { "OrderLine", order_line_members };

static const struct member order_shipment_members[] = {
	{ "shipment_id", IS_ID },
	{ "shop_id", IS_ID },
	{ "shop_name", IS_TEXT },
	{ "status", IS_TEXT },
	{ "tracking", IS_TEXT, .nullable = true },
	{ "lines", IS_LIST, .of = &order_line_schema },
	{ 0 },
};

static const struct answer_schema order_shipment_schema = { "OrderShipment",
	order_shipment_members };

static const struct member order_members[] = {
	{ "order_id", IS_ID },
	{ "status", IS_TEXT },
	{ "total_cents", IS_INTEGER },
	{ "discount_cents", IS_INTEGER },
	{ "delivery", IS_TEXT },
	{ "address", IS_OBJECT, .of = &address_schema, .nullable = true },
	{ "created_at", IS_TIME },
	{ "shipments", IS_LIST, .of = &order_shipment_schema },
	{ 0 },
};

const struct answer_schema order_schema = { "Order", order_members };

static const struct member orders_members[] = {
	{ "orders", IS_LIST, .of = &order_schema },
	{ "next", IS_TEXT, .nullable = true },
	{ 0 },
};

const struct answer_schema orders_schema = { "Orders", orders_members };

/* As its shop sees it: with where to send it. */
static const struct member shipment_members[] = {
	{ "shipment_id", IS_ID },
	{ "shop_id", IS_ID },
	{ "order_id", IS_ID },
	{ "status", IS_TEXT },
	{ "tracking", IS_TEXT, .nullable = true },
	{ "buyer", IS_TEXT },
	{ "delivery", IS_TEXT },
	{ "address", IS_OBJECT, .of = &address_schema, .nullable = true },
	{ "created_at", IS_TIME },
	{ "updated_at", IS_TIME },
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
