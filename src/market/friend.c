/* Friends: whom one knows by e-mail, and those who are near: who asked, and friends of friends. */
#include "market/market.h"

static const char *const standings[] = { "friends", "asks", "asked", NULL };

const struct field new_friend_fields[] = {
	{ "email", EMAIL, .label = "E-mail", .either = "account_id" },
	{ "account_id", WHOLE, .min = 1, .max = INT64_C(1) << 53, .optional = true, .from_page = true },
	{ 0 },
};

const struct field friend_filter_fields[] = {
	{ "status", CHOICE, .choices = standings, .otherwise = "friends", .hint = "Friends, who asks you, or whom you asked." },
	PAGING,
	{ 0 },
};

const struct shape asked_shape = {
	"Asked", (const struct member[]){
	{ "status", IS_TEXT },
	{ 0 },
} };

/* asked_at: when one asked, oneself; null: not yet. */
static const struct shape friend_shape = {
	"Friend", (const struct member[]){
	{ "account_id", IS_ID },
	{ "name", IS_TEXT },
	{ "status", IS_TEXT },
	{ "asked_at", IS_TIME, .nullable = true },
	{ "updated_at", IS_TIME },
	{ 0 },
} };

const struct shape friends_shape = {
	"Friends", (const struct member[]){
	{ "friends", IS_LIST, .of = &friend_shape },
	{ "next", IS_TEXT, .nullable = true },
	{ 0 },
} };

static const struct shape suggestion_shape = {
	"Suggestion", (const struct member[]){
	{ "account_id", IS_ID },
	{ "name", IS_TEXT },
	{ "mutual", IS_WHOLE },
	{ 0 },
} };

const struct shape suggestions_shape = {
	"Suggestions", (const struct member[]){
	{ "suggestions", IS_LIST, .of = &suggestion_shape },
	{ "next", IS_TEXT, .nullable = true },
	{ 0 },
} };
