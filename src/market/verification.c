/* Verification: a shop asks for it, an admin decides. */
#include "market/verification.h"

#include "market/market.h"

const struct field verdict_fields[] = {
	{ "verified", FIELD_BOOL },
	{ "reason", FIELD_LINES, .max = TEXT_MAX_CHARACTERS, .optional = true, .fresh = true,
		.hint = "Needed to verify a shop that is not eligible, and to take a verification "
			"back. Its owner sees it." },
	{ 0 },
};

static const struct member verification_members[] = {
	{ "status", IS_TEXT },
	{ "eligible", IS_BOOL },
	{ "sold", IS_INTEGER },
	{ "rating", IS_NUMBER, .nullable = true },
	{ "reviews", IS_INTEGER },
	{ "reason", IS_TEXT, .optional = true },
	{ 0 },
};

const struct answer_schema verification_schema = { "Verification", verification_members };

static const struct member waiting_shop_members[] = {
	{ "shop_id", IS_ID },
	{ "name", IS_TEXT },
	{ "status", IS_TEXT },
	{ "eligible", IS_BOOL },
	{ "sold", IS_INTEGER },
	{ "rating", IS_NUMBER, .nullable = true },
	{ "reviews", IS_INTEGER },
	{ "requested_at", IS_TIME },
	{ 0 },
};

static const struct answer_schema waiting_shop_schema = { "WaitingShop", waiting_shop_members };

static const struct member waiting_shops_members[] = {
	{ "shops", IS_LIST, .of = &waiting_shop_schema },
	{ "next", IS_TEXT, .nullable = true },
	{ 0 },
};

const struct answer_schema waiting_shops_schema = { "WaitingShops", waiting_shops_members };
