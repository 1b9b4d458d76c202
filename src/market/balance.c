/* The balance of a shop: the ledger of what it earned, with its totals. */
#include "market/balance.h"

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

static const struct member balance_members[] = {
	{ "pending_cents", IS_INTEGER },
	{ "balance_cents", IS_INTEGER },
	{ "available_cents", IS_INTEGER },
	{ "pairs_sold", IS_INTEGER },
	{ "fee_bps", IS_INTEGER, .nullable = true },
	{ "tiers", IS_LIST, .of = &tier_schema, .nullable = true },
	{ "entries", IS_LIST, .of = &balance_entry_schema },
	{ "next", IS_TEXT, .nullable = true },
	{ 0 },
};

const struct answer_schema balance_schema = { "Balance", balance_members };
