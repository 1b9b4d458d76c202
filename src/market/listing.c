/* Listings: pairs of a shoe that a shop offers at a price, and their stock. */
#include "market/listing.h"

#include "market/market.h"
#include "market/payment.h"
#include "market/photo.h"
#include "market/shoe.h"
#include "market/suspension.h"

#define DESCRIPTION                                                                                \
	{                                                                                          \
		"description", FIELD_LINES,                                                        \
			.max = TEXT_MAX_CHARACTERS, .optional = true, .empty_clears = true,        \
			.hint = "Of a used pair: how much it was worn, and what one should know."  \
	}
#define BOX                                                                                        \
	{                                                                                          \
		"box", FIELD_CHOICE, .choices = boxes, .optional = true, .empty_clears = true,     \
				     .blank = "not said"                                           \
	}

static const char *const boxes[] = { "original", "replaced", "none", NULL };

const struct field new_listing_fields[] = {
	{ "brand", FIELD_TEXT, .min = 1, .max = NAME_MAX_CHARACTERS },
	{ "style", FIELD_TEXT, .min = 1, .max = NAME_MAX_CHARACTERS },
	{ "color", FIELD_CHOICE, .choices = shoe_colors },
	{ "size", FIELD_HALF_STEPS, .min = 1, .max = 20, .label = "Size (US)" },
	{ "condition", FIELD_CHOICE, .choices = shoe_conditions },
	{ "audience", FIELD_CHOICE, .choices = shoe_audiences },
	{ "price_cents", FIELD_MONEY, .min = 1, .max = PRICE_CENTS_MAX, .label = "Price ($)",
		.hint = MONEY_HINT, .note = payment_fee_note },
	{ "quantity", FIELD_INTEGER, .min = 1, .max = QUANTITY_MAX, .label = "Pairs" },
	DESCRIPTION,
	BOX,
	{ 0 },
};

const struct field listing_change_fields[] = {
	{ "price_cents", FIELD_MONEY, .min = 1, .max = PRICE_CENTS_MAX, .optional = true,
		.never_empty = true, .label = "Price ($)", .hint = MONEY_HINT,
		.note = payment_fee_note },
	DESCRIPTION,
	BOX,
	{ 0 },
};

const struct field stock_fields[] = {
	{ "delta", FIELD_INTEGER, .min = -PAIRS_MAX, .max = PAIRS_MAX, .not_zero = true,
		.label = "Pairs to add", .hint = "Less than 0 takes pairs away." },
	{ 0 },
};

static const char *const stock_levels[] = { "in", "low", "out", "suspended", NULL };

const struct field shop_listing_filter_fields[] = {
	{ "q", FIELD_TEXT, .min = 1, .max = NAME_MAX_CHARACTERS, .optional = true,
		.label = "Search", .hint = "Words of the shoe, or how they begin; sizes." },
	{ "stock", FIELD_CHOICE, .choices = stock_levels, .optional = true,
		.hint = "low: new shoes with two pairs or fewer. Only the shop sees what is out." },
	PAGING,
	{ 0 },
};

static const struct member listing_members[] = {
	{ "listing_id", IS_ID },
	{ "shop_id", IS_ID },
	{ "shop_name", IS_TEXT },
	{ "verified", IS_BOOL },
	{ "shoe_id", IS_ID },
	{ "brand", IS_TEXT },
	{ "style", IS_TEXT },
	{ "color", IS_TEXT },
	{ "size", IS_NUMBER },
	{ "condition", IS_TEXT },
	{ "audience", IS_TEXT },
	{ "price_cents", IS_INTEGER },
	{ "sale_price_cents", IS_INTEGER, .nullable = true },
	{ "available", IS_INTEGER },
	{ "created_at", IS_TIME },
	{ "description", IS_TEXT, .nullable = true },
	{ "box", IS_TEXT, .nullable = true },
	{ "promoted", IS_BOOL },
	{ "offers_pickup", IS_BOOL },
	{ "shipping_cents", IS_INTEGER, .nullable = true },
	{ "photos", IS_LIST, .of = &photo_schema },
	{ "suspension", IS_OBJECT, .of = &suspension_schema, .optional = true },
	{ 0 },
};

const struct answer_schema listing_schema = { "Listing", listing_members };

static const struct member stock_members[] = {
	{ "available", IS_INTEGER },
	{ 0 },
};

const struct answer_schema stock_schema = { "Stock", stock_members };

static const struct member shop_listings_members[] = {
	{ "listings", IS_LIST, .of = &listing_schema },
	{ "next", IS_TEXT, .nullable = true },
	{ 0 },
};

const struct answer_schema shop_listings_schema = { "ShopListings", shop_listings_members };
