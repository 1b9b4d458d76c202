#include "market/lookup.h"

#include "market/market.h"
#include "market/order.h"

const struct field lookup_fields[] = {
	{ "q", FIELD_TEXT, .min = 1, .max = 200, .optional = true, .label = "Find",
		.hint = "An e-mail, the number of an order, an account, a shop or a listing, a "
			"name, or the address of a page." },
	{ 0 },
};

static const struct member account_members[] = {
	{ "account_id", IS_ID },
	{ "name", IS_TEXT },
	{ "email", IS_TEXT },
	{ "role", IS_TEXT },
	{ "created_at", IS_TIME },
	{ "shop_id", IS_ID, .nullable = true },
	{ "shop_name", IS_TEXT, .nullable = true },
	{ 0 },
};

static const struct answer_schema account_schema = { "FoundAccount", account_members };

/* name, email: of its buyer. */
static const struct member order_members[] = {
	{ "order_id", IS_ID },
	{ "status", IS_TEXT },
	{ "total_cents", IS_INTEGER },
	{ "created_at", IS_TIME },
	{ "account_id", IS_ID },
	{ "name", IS_TEXT },
	{ "email", IS_TEXT },
	{ 0 },
};

static const struct answer_schema found_order_schema = { "FoundOrder", order_members };

/* email: of its owner. */
static const struct member shop_members[] = {
	{ "shop_id", IS_ID },
	{ "name", IS_TEXT },
	{ "account_id", IS_ID },
	{ "email", IS_TEXT },
	{ "verified", IS_BOOL },
	{ "suspended", IS_BOOL },
	{ 0 },
};

static const struct answer_schema found_shop_schema = { "FoundShop", shop_members };

static const struct member listing_members[] = {
	{ "listing_id", IS_ID },
	{ "brand", IS_TEXT },
	{ "style", IS_TEXT },
	{ "size", IS_NUMBER },
	{ "price_cents", IS_INTEGER },
	{ "shop_id", IS_ID },
	{ "shop_name", IS_TEXT },
	{ "suspended", IS_BOOL },
	{ 0 },
};

static const struct answer_schema found_listing_schema = { "FoundListing", listing_members };

/* more: one of the lists is not whole. */
static const struct member lookup_members[] = {
	{ "more", IS_BOOL },
	{ "accounts", IS_LIST, .of = &account_schema },
	{ "orders", IS_LIST, .of = &found_order_schema },
	{ "shops", IS_LIST, .of = &found_shop_schema },
	{ "listings", IS_LIST, .of = &found_listing_schema },
	{ 0 },
};

const struct answer_schema lookup_schema = { "Lookup", lookup_members };

/* orders: the last ones. */
static const struct member admin_account_members[] = {
	{ "account_id", IS_ID },
	{ "name", IS_TEXT },
	{ "email", IS_TEXT },
	{ "role", IS_TEXT },
	{ "created_at", IS_TIME },
	{ "email_confirmed", IS_BOOL },
	{ "shop_id", IS_ID, .nullable = true },
	{ "shop_name", IS_TEXT, .nullable = true },
	{ "orders", IS_LIST, .of = &found_order_schema },
	{ 0 },
};

const struct answer_schema admin_account_schema = { "AdminAccount", admin_account_members };

static const struct member admin_order_members[] = {
	{ "account_id", IS_ID },
	{ "name", IS_TEXT },
	{ "email", IS_TEXT },
	{ "order", IS_OBJECT, .of = &order_schema },
	{ 0 },
};

const struct answer_schema admin_order_schema = { "AdminOrder", admin_order_members };
