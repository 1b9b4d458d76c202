/* Flash sales: a number of a shop's pairs at a discount, first come, first served. */
#include "market/sale.h"

#include "market/answer.h"
#include "market/market.h"

static int per_account_default; /* 0: no limit */

const struct field new_sale_fields[] = {
	{ "discounts", FIELD_INTEGER, .min = 1, .max = PAIRS_MAX, .label = "Discounted pairs" },
	{ "percent_off", FIELD_INTEGER, .min = 1, .max = 99 },
	{ "starts_at", FIELD_TIME, .optional = true, .label = "Starts at (UTC), if it is planned" },
	{ "ends_at", FIELD_TIME, .optional = true, .label = "Ends at (UTC)" },
	{ "per_account", FIELD_INTEGER, .min = 1, .max = PAIRS_MAX, .optional = true,
		.label = "Discounted pairs for each account at most" },
	{ 0 },
};

const struct field sale_filter_fields[] = {
	{ "shop_id", FIELD_INTEGER, .min = 1, .max = INT64_C(1) << 53, .optional = true,
		.api_only = true },
	PAGING,
	{ 0 },
};

static const struct member sale_members[] = {
	{ "sale_id", IS_ID },
	{ "shop_id", IS_ID },
	{ "shop_name", IS_TEXT },
	{ "discounts", IS_INTEGER },
	{ "discounts_left", IS_INTEGER },
	{ "percent_off", IS_INTEGER },
	{ "starts_at", IS_TIME },
	{ "ends_at", IS_TIME, .nullable = true },
	{ "per_account", IS_INTEGER, .nullable = true },
	{ 0 },
};

const struct answer_schema sale_schema = { "Sale", sale_members };

static const struct member sales_members[] = {
	{ "sales", IS_LIST, .of = &sale_schema },
	{ "next", IS_TEXT, .nullable = true },
	{ 0 },
};

const struct answer_schema sales_schema = { "Sales", sales_members };

void
sale_set_per_account(int pairs)
{
	per_account_default = pairs;
}

enum err
start_flash_sale(struct request *req, struct answer *ans)
{
	g_autofree char *pairs = g_strdup_printf("%d", per_account_default);
	const struct db_param added = { .name = "per_account_default", .text = pairs };

	return answer_statement_with(req, ans, &added, per_account_default > 0 ? 1 : 0);
}
