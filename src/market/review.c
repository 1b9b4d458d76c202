/* Reviews: a buyer's rating of a shop and comment on it; one for each buyer and shop. */
#include "market/review.h"

#include "market/market.h"

const struct field review_fields[] = {
	{ "rating", FIELD_INTEGER, .min = 1, .max = 5, .hint = "1 to 5." },
	{ "comment", FIELD_LINES, .max = TEXT_MAX_CHARACTERS, .optional = true },
	{ 0 },
};

/* name: a first name and an initial. */
static const struct member review_members[] = {
	{ "name", IS_TEXT },
	{ "rating", IS_INTEGER },
	{ "comment", IS_TEXT, .nullable = true },
	{ "created_at", IS_TIME },
	{ "updated_at", IS_TIME },
	{ 0 },
};

const struct answer_schema review_schema = { "Review", review_members };

static const struct member reviews_members[] = {
	{ "reviews", IS_LIST, .of = &review_schema },
	{ "next", IS_TEXT, .nullable = true },
	{ 0 },
};

const struct answer_schema reviews_schema = { "Reviews", reviews_members };
