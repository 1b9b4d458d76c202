/* Wishlists: shoes, whoever sells them. */
#include "market/market.h"

const struct field wishlist_fields[] = {
	{ "shoe_ids", WHOLE, .min = 1, .max = INT64_C(1) << 53, .repeated = true, .at_most = 1000, .label = "Shoe (number)",
	  .hint = "What is not named leaves the list." },
	{ 0 },
};

static const struct shape wished_shoe_shape = {
	"WishedShoe", (const struct member[]){
	{ "shoe_id", IS_ID },
	{ "brand", IS_TEXT },
	{ "style", IS_TEXT },
	{ "color", IS_TEXT },
	{ "listing_id", IS_ID, .nullable = true },
	{ "price_cents", IS_WHOLE, .nullable = true },
	{ "added_at", IS_TIME },
	{ 0 },
} };

const struct shape wishlist_shape = {
	"Wishlist", (const struct member[]){
	{ "shoes", IS_LIST, .of = &wished_shoe_shape },
	{ "next", IS_TEXT, .nullable = true },
	{ 0 },
} };
