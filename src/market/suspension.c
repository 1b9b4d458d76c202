#include "market/suspension.h"

#include "market/market.h"

const struct field suspension_fields[] = {
	{ "suspended", FIELD_BOOL,
		.hint = "It is in no list and nothing of it is sold, until it is let in again. "
			"What was sold stays." },
	{ "reason", FIELD_LINES, .max = TEXT_MAX_CHARACTERS, .optional = true,
		.hint = "Needed to suspend. Its owner sees it." },
	{ 0 },
};

static const struct member suspension_members[] = {
	{ "reason", IS_TEXT },
	{ "suspended_at", IS_TIME },
	{ 0 },
};

const struct answer_schema suspension_schema = { "Suspension", suspension_members };

static const struct member shop_suspension_members[] = {
	{ "shop_id", IS_ID },
	{ "name", IS_TEXT },
	{ "suspended", IS_BOOL },
	{ "reason", IS_TEXT, .nullable = true },
	{ "suspended_at", IS_TIME, .nullable = true },
	{ 0 },
};

const struct answer_schema shop_suspension_schema = { "ShopSuspension", shop_suspension_members };

/* suspended: the listing itself. Its shop may be suspended besides. */
static const struct member listing_suspension_members[] = {
	{ "listing_id", IS_ID },
	{ "shop_id", IS_ID },
	{ "shop_name", IS_TEXT },
	{ "suspended", IS_BOOL },
	{ "reason", IS_TEXT, .nullable = true },
	{ "suspended_at", IS_TIME, .nullable = true },
	{ 0 },
};

const struct answer_schema listing_suspension_schema = { "ListingSuspension",
	listing_suspension_members };
