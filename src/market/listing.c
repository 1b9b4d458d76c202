/* What a shop says of a pair it offers; see "Shops" in the contract. */
#include "market/market.h"

const struct field new_listing_fields[] = {
	{ "brand", TEXT, .min = 1, .max = NAME_MAX_CHARACTERS },
	{ "style", TEXT, .min = 1, .max = NAME_MAX_CHARACTERS },
	{ "color", CHOICE, .choices = shoe_colors },
	{ "size", HALVES, .min = 1, .max = 20, .label = "Size (US)" },
	{ "condition", CHOICE, .choices = shoe_conditions },
	{ "audience", CHOICE, .choices = shoe_audiences },
	{ "price_cents", WHOLE, .min = 1, .max = PRICE_CENTS_MAX, .label = "Price in cents" },
	{ "quantity", WHOLE, .min = 1, .max = QUANTITY_MAX, .label = "Pairs" },
	{ 0 },
};

const struct field price_fields[] = {
	{ "price_cents", WHOLE, .min = 1, .max = PRICE_CENTS_MAX, .label = "Price in cents" },
	{ 0 },
};

const struct field stock_fields[] = {
	{ "delta", WHOLE, .min = -PAIRS_MAX, .max = PAIRS_MAX, .not_zero = true, .label = "Pairs to add", .hint = "Less than 0 takes pairs away." },
	{ 0 },
};

const struct shape listing_shape = {
	"Listing", (const struct member[]){
	{ "listing_id", IS_ID },
	{ "shop_id", IS_ID },
	{ "shop_name", IS_TEXT },
	{ "verified", IS_FLAG },
	{ "shoe_id", IS_ID },
	{ "brand", IS_TEXT },
	{ "style", IS_TEXT },
	{ "color", IS_TEXT },
	{ "size", IS_NUMBER },
	{ "condition", IS_TEXT },
	{ "audience", IS_TEXT },
	{ "price_cents", IS_WHOLE },
	{ "sale_price_cents", IS_WHOLE, .nullable = true },
	{ "available", IS_WHOLE },
	{ "created_at", IS_TIME },
	{ 0 },
} };

const struct shape stock_shape = {
	"Stock", (const struct member[]){
	{ "available", IS_WHOLE },
	{ 0 },
} };

const struct shape shop_listings_shape = {
	"ShopListings", (const struct member[]){
	{ "listings", IS_LIST, .of = &listing_shape },
	{ "next", IS_TEXT, .nullable = true },
	{ 0 },
} };
