/* Shops: their standing, what buyers say of them, and what they have earned. */
#include "market/market.h"

const struct field new_shop_fields[] = {
	{ "name", FIELD_TEXT, .min = 1, .max = NAME_MAX_CHARACTERS },
	{ 0 },
};

const struct field promotion_fields[] = {
	{ "tier", FIELD_INTEGER, .min = 1, .max = 3, .hint = "1 to 3; it never goes down." },
	{ 0 },
};

const struct field verdict_fields[] = {
	{ "verified", FIELD_BOOL },
	{ 0 },
};

const struct field review_fields[] = {
	{ "rating", FIELD_INTEGER, .min = 1, .max = 5, .hint = "1 to 5." },
	{ "comment", FIELD_LINES, .max = TEXT_MAX_CHARACTERS, .optional = true },
	{ 0 },
};

static const struct member shop_members[] = {
	{ "shop_id", IS_ID },
	{ "name", IS_TEXT },
	{ "verified", IS_BOOL },
	{ "promotion_tier", IS_INTEGER },
	{ "rating", IS_NUMBER, .nullable = true },
	{ "reviews", IS_INTEGER },
	{ 0 },
};

const struct answer_schema shop_schema = { "Shop", shop_members };

static const struct member verification_members[] = {
	{ "status", IS_TEXT },
	{ "eligible", IS_BOOL },
	{ "sold", IS_INTEGER },
	{ "rating", IS_NUMBER, .nullable = true },
	{ "reviews", IS_INTEGER },
	{ 0 },
};

const struct answer_schema verification_schema = { "Verification", verification_members };

static const struct member review_members[] = {
	{ "account_id", IS_ID },
	{ "name", IS_TEXT },
	{ "rating", IS_INTEGER },
	{ "comment", IS_TEXT, .nullable = true },
	{ "created_at", IS_TIME },
	{ "updated_at", IS_TIME },
	{ 0 },
};

const struct answer_schema review_schema = { "Review", review_members };

static const struct member reviews_members[] = {
	{ "reviews", IS_LIST, .of = &review_schema },
	{ "next", IS_TEXT, .nullable = true },
	{ 0 },
};

const struct answer_schema reviews_schema = { "Reviews", reviews_members };

static const struct member balance_entry_members[] = {
	{ "entry_id", IS_ID },
	{ "amount_cents", IS_INTEGER },
	{ "pairs", IS_INTEGER },
	{ "reason", IS_TEXT },
	{ "order_id", IS_ID, .nullable = true },
	{ "created_at", IS_TIME },
	{ 0 },
};

static const struct answer_schema balance_entry_schema = { "BalanceEntry", balance_entry_members };

static const struct member balance_members[] = {
	{ "balance_cents", IS_INTEGER },
	{ "pairs_sold", IS_INTEGER },
	{ "entries", IS_LIST, .of = &balance_entry_schema },
	{ "next", IS_TEXT, .nullable = true },
	{ 0 },
};

const struct answer_schema balance_schema = { "Balance", balance_members };

static const struct member waiting_shop_members[] = {
	{ "shop_id", IS_ID },
	{ "name", IS_TEXT },
	{ "status", IS_TEXT },
	{ "eligible", IS_BOOL },
	{ "sold", IS_INTEGER },
	{ "rating", IS_NUMBER, .nullable = true },
	{ "reviews", IS_INTEGER },
	{ "requested_at", IS_TIME },
	{ 0 },
};

static const struct answer_schema waiting_shop_schema = { "WaitingShop", waiting_shop_members };

static const struct member waiting_shops_members[] = {
	{ "shops", IS_LIST, .of = &waiting_shop_schema },
	{ "next", IS_TEXT, .nullable = true },
	{ 0 },
};

const struct answer_schema waiting_shops_schema = { "WaitingShops", waiting_shops_members };
