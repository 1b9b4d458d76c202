/* Checkout: what a buyer sends to turn a cart, or named items, into an order. */
#include "market/checkout.h"

#include "market/market.h"

static const char *const deliveries[] = { "pickup", "ship", NULL };

static const struct field order_item_fields[] = {
	{ "listing_id", FIELD_INTEGER, .min = 1, .max = INT64_C(1) << 53 },
	{ "quantity", FIELD_INTEGER, .min = 1, .max = QUANTITY_MAX, .initial = "1",
		.label = "Pairs" },
	{ 0 },
};

const struct field new_order_fields[] = {
	{ "items", FIELD_ITEMS, .of = order_item_fields, .optional = true, .at_least = 1,
		.at_most = 100 },
	{ "expected_total_cents", FIELD_MONEY, .min = 0, .max = INT64_C(1) << 53, .optional = true,
		.expects = "total_cents" },
	{ "expected_price_cents", FIELD_MONEY, .min = 0, .max = INT64_C(1) << 53, .optional = true,
		.expects = "price_cents" },
	{ "delivery", FIELD_CHOICE, .choices = deliveries, .default_value = "pickup" },
	{ 0 },
};
