/* The balance of a shop: the ledger of what it earned, with its totals. */
#include "market/balance.h"

#include "market/market.h"
#include "market/sale.h"

enum { DAYS_MAX = 90 };

const struct field balance_fields[] = {
	PAGING,
	{ "days", FIELD_INTEGER, .min = 1, .max = DAYS_MAX, .optional = true, .api_only = true },
	{ "since", FIELD_TIME, .optional = true, .api_only = true },
	{ "after", FIELD_INTEGER, .min = 0, .max = INT64_C(1) << 53, .optional = true,
		.api_only = true },
	{ "sale", FIELD_BOOL, .optional = true, .api_only = true },
	{ 0 },
};

static const struct member balance_entry_members[] = {
	{ "entry_id", IS_ID },
	{ "amount_cents", IS_INTEGER },
	{ "gross_cents", IS_INTEGER },
	{ "fee_cents", IS_INTEGER },
	{ "net_cents", IS_INTEGER },
	{ "pending_cents", IS_INTEGER },
	{ "pairs", IS_INTEGER },
	{ "reason", IS_TEXT },
	{ "order_id", IS_ID, .nullable = true },
	{ "created_at", IS_TIME },
	{ 0 },
};

static const struct answer_schema balance_entry_schema = { "BalanceEntry", balance_entry_members };

static const struct member tier_members[] = {
	{ "tier", IS_INTEGER },
	{ "price_cents", IS_INTEGER },
	{ 0 },
};

static const struct answer_schema tier_schema = { "Tier", tier_members };

static const struct member day_members[] = {
	{ "day", IS_TEXT },
	{ "orders", IS_INTEGER },
	{ "pairs", IS_INTEGER },
	{ "cents", IS_INTEGER },
	{ 0 },
};

static const struct answer_schema day_schema = { "DayOfSales", day_members };

static const struct member purchase_members[] = {
	{ "shipment_id", IS_ID },
	{ "order_id", IS_ID },
	{ "buyer", IS_TEXT },
	{ "delivery", IS_TEXT },
	{ "pairs", IS_INTEGER },
	{ "total_cents", IS_INTEGER },
	{ "created_at", IS_TIME },
	{ 0 },
};

static const struct answer_schema purchase_schema = { "Purchase", purchase_members };

static const struct member sold_members[] = {
	{ "orders", IS_INTEGER },
	{ "pairs", IS_INTEGER },
	{ "cents", IS_INTEGER },
	{ "last_id", IS_ID },
	{ "is_all", IS_BOOL },
	{ "sale", IS_OBJECT, .of = &sale_schema, .nullable = true },
	{ "newest", IS_LIST, .of = &purchase_schema },
	{ 0 },
};

static const struct answer_schema sold_schema = { "Sold", sold_members };

static const struct member balance_members[] = {
	{ "pending_cents", IS_INTEGER },
	{ "balance_cents", IS_INTEGER },
	{ "available_cents", IS_INTEGER },
	{ "pairs_sold", IS_INTEGER },
	{ "fee_bps", IS_INTEGER, .nullable = true },
	{ "tiers", IS_LIST, .of = &tier_schema, .nullable = true },
	{ "days", IS_LIST, .of = &day_schema, .nullable = true },
	{ "sold", IS_OBJECT, .of = &sold_schema, .nullable = true },
	{ "entries", IS_LIST, .of = &balance_entry_schema },
	{ "next", IS_TEXT, .nullable = true },
	{ 0 },
};

const struct answer_schema balance_schema = { "Balance", balance_members };
