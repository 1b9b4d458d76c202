/* The cart of an account. It may hold more than there is; the checkout tells. */
#include "market/market.h"

const struct field cart_item_fields[] = {
	{ "quantity", WHOLE, .min = 0, .max = 100, .hint = "0 removes it." },
	{ 0 },
};

static const struct shape cart_item_shape = {
	"CartItem", (const struct member[]){
	{ "listing_id", IS_ID },
	{ "quantity", IS_WHOLE },
	{ "shop_id", IS_ID },
	{ "shop_name", IS_TEXT },
	{ "shoe_id", IS_ID },
	{ "brand", IS_TEXT },
	{ "style", IS_TEXT },
	{ "color", IS_TEXT },
	{ "size", IS_NUMBER },
	{ "condition", IS_TEXT },
	{ "price_cents", IS_WHOLE },
	{ "sale_price_cents", IS_WHOLE, .nullable = true },
	{ "available", IS_WHOLE },
	{ "total_cents", IS_WHOLE },
	{ 0 },
} };

const struct shape cart_shape = {
	"Cart", (const struct member[]){
	{ "items", IS_LIST, .of = &cart_item_shape },
	{ "total_cents", IS_WHOLE },
	{ 0 },
} };
