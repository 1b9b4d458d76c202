/* Recommendations: shoes that friends wish for or bought. */
#include "market/recommendation.h"

#include "market/photo.h"

static const struct member recommended_shoe_members[] = {
	{ "shoe_id", IS_ID },
	{ "brand", IS_TEXT },
	{ "style", IS_TEXT },
	{ "color", IS_TEXT },
	{ "listing_id", IS_ID, .nullable = true },
	{ "price_cents", IS_INTEGER, .nullable = true },
	{ "photo", IS_OBJECT, .of = &picture_schema, .nullable = true },
	{ "friends", IS_INTEGER },
	{ 0 },
};

static const struct answer_schema recommended_shoe_schema = { "RecommendedShoe",
	recommended_shoe_members };

static const struct member recommendations_members[] = {
	{ "recommendations", IS_LIST, .of = &recommended_shoe_schema },
	{ "next", IS_TEXT, .nullable = true },
	{ 0 },
};

const struct answer_schema recommendations_schema = { "Recommendations", recommendations_members };
