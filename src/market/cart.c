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
	{ "discounted", IS_WHOLE },
	{ "price_cents", IS_WHOLE },
	{ "total_cents", IS_WHOLE },
	{ "listing", IS_OBJECT, .of = &listing_shape },
	{ 0 },
} };

const struct shape cart_shape = {
	"Cart", (const struct member[]){
	{ "items", IS_LIST, .of = &cart_item_shape },
	{ "total_cents", IS_WHOLE },
	{ 0 },
} };
