/* Finding: the filters of the catalogue. */
#include "market/market.h"

static const char *const sort_orders[] = { "promoted", "price", "-price", "newest", NULL };

const struct field list_fields[] = { PAGING, { 0 } };

const struct field listing_filter_fields[] = {
	{ "q", TEXT, .min = 1, .max = 200, .optional = true, .label = "Search", .hint = "Words of brand, style and colour." },
	{ "brand", TEXT, .min = 1, .max = NAME_MAX_CHARACTERS, .optional = true, .repeated = true },
	{ "style", TEXT, .min = 1, .max = NAME_MAX_CHARACTERS, .optional = true },
	{ "color", CHOICE, .choices = shoe_colors, .optional = true, .repeated = true },
	{ "size", HALVES, .min = 1, .max = 20, .optional = true, .repeated = true, .label = "Size (US)" },
	{ "condition", CHOICE, .choices = shoe_conditions, .optional = true, .repeated = true },
	{ "audience", CHOICE, .choices = shoe_audiences, .optional = true, .repeated = true },
	{ "min_price_cents", WHOLE, .min = 0, .max = PRICE_CENTS_MAX, .optional = true, .label = "Price from (cents)" },
	{ "max_price_cents", WHOLE, .min = 0, .max = PRICE_CENTS_MAX, .optional = true, .label = "Price up to (cents)" },
	{ "shop_id", WHOLE, .min = 1, .max = INT64_C(1) << 53, .optional = true, .off_page = true },
	{ "verified", FLAG, .optional = true, .label = "Verified shops" },
	{ "shoe_id", WHOLE, .min = 1, .max = INT64_C(1) << 53, .optional = true, .off_page = true },
	{ "sort", CHOICE, .choices = sort_orders, .otherwise = "promoted" },
	{ "facets", FLAG, .optional = true, .off_page = true },
	PAGING,
	{ 0 },
};

const struct field compare_fields[] = {
	{ "id", WHOLE, .min = 1, .max = INT64_C(1) << 53, .repeated = true, .at_least = 2, .at_most = 4, .label = "Listing (number)" },
	{ 0 },
};

const struct shape found_shape = {
	"Found", (const struct member[]){
	{ "listings", IS_LIST, .of = &listing_shape },
	{ "facets", IS_COUNTS, .sometimes = true },
	{ "next", IS_TEXT, .nullable = true },
	{ 0 },
} };

const struct shape compared_shape = {
	"Compared", (const struct member[]){
	{ "listings", IS_LIST, .of = &listing_shape },
	{ 0 },
} };

const struct shape shoe_shape = {
	"Shoe", (const struct member[]){
	{ "shoe_id", IS_ID },
	{ "brand", IS_TEXT },
	{ "style", IS_TEXT },
	{ "color", IS_TEXT },
	{ "offers", IS_LIST, .of = &listing_shape },
	{ 0 },
} };
