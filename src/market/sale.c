/* Flash sales: so many pairs of a shop at a discount, first come, first served. */
#include "market/market.h"

const struct field new_sale_fields[] = {
	{ "discounts", WHOLE, .min = 1, .max = PAIRS_MAX, .label = "Discounted pairs" },
	{ "percent_off", WHOLE, .min = 1, .max = 99 },
	{ "ends_at", TIME, .optional = true, .label = "Ends at (UTC)" },
	{ 0 },
};

const struct shape sale_shape = {
	"Sale", (const struct member[]){
	{ "sale_id", IS_ID },
	{ "shop_id", IS_ID },
	{ "shop_name", IS_TEXT },
	{ "discounts", IS_WHOLE },
	{ "discounts_left", IS_WHOLE },
	{ "percent_off", IS_WHOLE },
	{ "starts_at", IS_TIME },
	{ "ends_at", IS_TIME, .nullable = true },
	{ 0 },
} };

const struct shape sales_shape = {
	"Sales", (const struct member[]){
	{ "sales", IS_LIST, .of = &sale_shape },
	{ "next", IS_TEXT, .nullable = true },
	{ 0 },
} };
