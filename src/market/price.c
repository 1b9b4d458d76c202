/* What a shoe sold for, at any shop. */
#include "market/price.h"

static const struct member price_members[] = {
	{ "size", IS_NUMBER },
	{ "price_cents", IS_INTEGER }, /* of a pair, without shipping */
	{ "sold_at", IS_TIME },
	{ 0 },
};

static const struct answer_schema price_schema = { "SoldPrice", price_members };

/* The last, the lowest and the highest price; null where nothing was sold. */
static const struct member prices_members[] = {
	{ "sales", IS_LIST, .of = &price_schema },
	{ "last_cents", IS_INTEGER, .nullable = true },
	{ "low_cents", IS_INTEGER, .nullable = true },
	{ "high_cents", IS_INTEGER, .nullable = true },
	{ 0 },
};

const struct answer_schema prices_schema = { "Prices", prices_members };
