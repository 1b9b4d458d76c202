/* What several nouns of the market share: limits of fields, and the fields of a list. */
#ifndef SHOETOPIA_MARKET_MARKET_H
#define SHOETOPIA_MARKET_MARKET_H

#include "http/http.h"

enum {
	NAME_MAX_CHARACTERS = 80,
	TEXT_MAX_CHARACTERS = 2000,
	PASSWORD_MIN_CHARACTERS = 8, /* of a new one */
	PASSWORD_MAX_CHARACTERS = 128,
	PRICE_CENTS_MAX = 10000000,
	SHIPPING_CENTS_MAX = 100000,
	QUANTITY_MAX = 100000,
	PAIRS_MAX = 1000000, /* of a change of stock, and of a sale's discounts */
	LIMIT_MAX = 100,     /* rows of a page of a list */
};

#define MONEY_HINT "Such as 19.99."

/* The two fields of every list. */
#define PAGING                                                                                     \
	{ "limit", FIELD_INTEGER, .min = 1, .max = LIMIT_MAX, .default_value = "20",               \
		.api_only = true },                                                                \
	{                                                                                          \
		"cursor", FIELD_TEXT, .min = 1, .max = 300, .optional = true, .api_only = true     \
	}

/* A list without filters. */
extern const struct field list_fields[];

#endif
