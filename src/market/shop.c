/* Shops: name, standing and promotion. */
#include "market/shop.h"

#include "market/market.h"

const struct field new_shop_fields[] = {
	{ "name", FIELD_TEXT, .min = 1, .max = NAME_MAX_CHARACTERS },
	{ 0 },
};

const struct field promotion_fields[] = {
	{ "tier", FIELD_INTEGER, .min = 1, .max = 3, .hint = "1 to 3; it never goes down." },
	{ 0 },
};

static const struct member shop_members[] = {
	{ "shop_id", IS_ID },
	{ "name", IS_TEXT },
	{ "verified", IS_BOOL },
	{ "promotion_tier", IS_INTEGER },
	{ "rating", IS_NUMBER, .nullable = true },
	{ "reviews", IS_INTEGER },
	{ 0 },
};

const struct answer_schema shop_schema = { "Shop", shop_members };
