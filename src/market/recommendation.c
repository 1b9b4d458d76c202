/* Recommendations: shoes that friends like. */
#include "market/market.h"

static const struct shape recommended_shoe_shape = {
	"RecommendedShoe", (const struct member[]){
	{ "shoe_id", IS_ID },
	{ "brand", IS_TEXT },
	{ "style", IS_TEXT },
	{ "color", IS_TEXT },
	{ "listing_id", IS_ID, .nullable = true },
	{ "price_cents", IS_WHOLE, .nullable = true },
	{ "friends", IS_WHOLE },
	{ 0 },
} };

const struct shape recommendations_shape = {
	"Recommendations", (const struct member[]){
	{ "recommendations", IS_LIST, .of = &recommended_shoe_shape },
	{ "next", IS_TEXT, .nullable = true },
	{ 0 },
} };
