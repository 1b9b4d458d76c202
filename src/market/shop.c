/* Shops: their standing, what buyers say of them, and what they have earned. */
#include "market/market.h"

const struct field new_shop_fields[] = {
	{ "name", TEXT, .min = 1, .max = NAME_MAX_CHARACTERS },
	{ 0 },
};

const struct field promotion_fields[] = {
	{ "tier", WHOLE, .min = 1, .max = 3, .hint = "1 to 3; it never goes down." },
	{ 0 },
};

const struct field verdict_fields[] = {
	{ "verified", FLAG },
	{ 0 },
};

const struct field review_fields[] = {
	{ "rating", WHOLE, .min = 1, .max = 5, .hint = "1 to 5." },
	{ "comment", LINES, .max = TEXT_MAX_CHARACTERS, .optional = true },
	{ 0 },
};

const struct shape shop_shape = {
	"Shop", (const struct member[]){
	{ "shop_id", IS_ID },
	{ "name", IS_TEXT },
	{ "verified", IS_FLAG },
	{ "promotion_tier", IS_WHOLE },
	{ "rating", IS_NUMBER, .nullable = true },
	{ "reviews", IS_WHOLE },
	{ 0 },
} };

const struct shape verification_shape = {
	"Verification", (const struct member[]){
	{ "status", IS_TEXT },
	{ "eligible", IS_FLAG },
	{ "sold", IS_WHOLE },
	{ "rating", IS_NUMBER, .nullable = true },
	{ "reviews", IS_WHOLE },
	{ 0 },
} };

const struct shape review_shape = {
	"Review", (const struct member[]){
	{ "account_id", IS_ID },
	{ "name", IS_TEXT },
	{ "rating", IS_WHOLE },
	{ "comment", IS_TEXT, .nullable = true },
	{ "created_at", IS_TIME },
	{ "updated_at", IS_TIME },
	{ 0 },
} };

const struct shape reviews_shape = {
	"Reviews", (const struct member[]){
	{ "reviews", IS_LIST, .of = &review_shape },
	{ "next", IS_TEXT, .nullable = true },
	{ 0 },
} };

static const struct shape balance_entry_shape = {
	"BalanceEntry", (const struct member[]){
	{ "entry_id", IS_ID },
	{ "amount_cents", IS_WHOLE },
	{ "pairs", IS_WHOLE },
	{ "reason", IS_TEXT },
	{ "order_id", IS_ID, .nullable = true },
	{ "created_at", IS_TIME },
	{ 0 },
} };

const struct shape balance_shape = {
	"Balance", (const struct member[]){
	{ "balance_cents", IS_WHOLE },
	{ "pairs_sold", IS_WHOLE },
	{ "entries", IS_LIST, .of = &balance_entry_shape },
	{ "next", IS_TEXT, .nullable = true },
	{ 0 },
} };

static const struct shape waiting_shop_shape = {
	"WaitingShop", (const struct member[]){
	{ "shop_id", IS_ID },
	{ "name", IS_TEXT },
	{ "status", IS_TEXT },
	{ "eligible", IS_FLAG },
	{ "sold", IS_WHOLE },
	{ "rating", IS_NUMBER, .nullable = true },
	{ "reviews", IS_WHOLE },
	{ "requested_at", IS_TIME },
	{ 0 },
} };

const struct shape waiting_shops_shape = {
	"WaitingShops", (const struct member[]){
	{ "shops", IS_LIST, .of = &waiting_shop_shape },
	{ "next", IS_TEXT, .nullable = true },
	{ 0 },
} };
