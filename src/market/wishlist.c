/* Wishlists: shoes that an account wants, from any shop. */
#include "market/wishlist.h"

#include "market/photo.h"

const struct field wishlist_fields[] = {
	{ "shoe_ids", FIELD_INTEGER, .min = 1, .max = INT64_C(1) << 53, .repeated = true,
		.at_most = 1000, .label = "Shoe (number)",
		.hint = "What is not named leaves the list.", .listed_in = "shoes",
		.listed_member = "shoe_id" },
	{ 0 },
};

static const struct member wished_shoe_members[] = {
	{ "shoe_id", IS_ID },
	{ "brand", IS_TEXT },
	{ "style", IS_TEXT },
	{ "color", IS_TEXT },
	{ "listing_id", IS_ID, .nullable = true },
	{ "price_cents", IS_INTEGER, .nullable = true },
	{ "photo", IS_OBJECT, .of = &picture_schema, .nullable = true },
	{ "added_at", IS_TIME },
	{ 0 },
};

static const struct answer_schema wished_shoe_schema = { "WishedShoe", wished_shoe_members };

static const struct member wishlist_members[] = {
	{ "shoes", IS_LIST, .of = &wished_shoe_schema },
	{ "next", IS_TEXT, .nullable = true },
	{ 0 },
};

const struct answer_schema wishlist_schema = { "Wishlist", wishlist_members };
