/* The cart of an account. It may hold more pairs than are in stock; checkout refuses those. */
#include "market/cart.h"

#include "market/checkout.h"
#include "market/listing.h"

const struct field cart_fields[] = {
	{ "delivery", FIELD_CHOICE, .choices = deliveries, .optional = true },
	{ 0 },
};

const struct field cart_item_fields[] = {
	{ "quantity", FIELD_INTEGER, .min = 0, .max = 100, .hint = "0 removes it.",
		.initial = "1" },
	{ 0 },
};

const struct field new_cart_item_fields[] = {
	{ "listing_id", FIELD_INTEGER, .min = 1, .max = INT64_C(1) << 53,
		.hidden_from_page = "listing_id" },
	{ "quantity", FIELD_INTEGER, .min = 1, .max = 100, .label = "Pairs", .initial = "1" },
	{ 0 },
};

static const struct member cart_item_members[] = {
	{ "listing_id", IS_ID },
	{ "quantity", IS_INTEGER },
	{ "available", IS_INTEGER },
	{ "discounted", IS_INTEGER },
	{ "price_cents", IS_INTEGER },
	{ "total_cents", IS_INTEGER },
	{ "listing", IS_OBJECT, .of = &listing_schema },
	{ 0 },
};

static const struct answer_schema cart_item_schema = { "CartItem", cart_item_members };

static const struct member cart_shop_members[] = {
	{ "shop_id", IS_ID },
	{ "shop_name", IS_TEXT },
	{ "quantity", IS_INTEGER },
	{ "discounted", IS_INTEGER },
	{ "percent_off", IS_INTEGER, .nullable = true },
	{ "discounts_left", IS_INTEGER, .nullable = true },
	{ "items_cents", IS_INTEGER },
	{ "offers_pickup", IS_BOOL },
	{ "shipping_cents", IS_INTEGER, .nullable = true },
	{ "pickup_address", IS_TEXT, .nullable = true },
	{ "pickup_hours", IS_TEXT, .nullable = true },
	{ 0 },
};

static const struct answer_schema cart_shop_schema = { "CartShop", cart_shop_members };

static const struct member cart_members[] = {
	{ "items", IS_LIST, .of = &cart_item_schema },
	{ "shops", IS_LIST, .of = &cart_shop_schema },
	{ "delivery", IS_TEXT, .nullable = true },
	{ "offers_pickup", IS_BOOL },
	{ "shipping_cents", IS_INTEGER, .nullable = true },
	{ "total_cents", IS_INTEGER },
	{ 0 },
};

const struct answer_schema cart_schema = { "Cart", cart_members };
