/* Friends, requests for friendship, and friends of friends as suggestions. */
#include "market/friend.h"

#include "market/market.h"

static const char *const standings[] = { "friends", "asks", "asked", NULL };

const struct field new_friend_fields[] = {
	{ "email", FIELD_EMAIL, .label = "E-mail", .or_field = "account_id" },
	{ "account_id", FIELD_INTEGER, .min = 1, .max = INT64_C(1) << 53, .optional = true,
		.hidden_from_row = true },
	{ 0 },
};

/* Of a row of the page; all requests by this e-mail are withdrawn. */
const struct field friend_request_fields[] = {
	{ "email", FIELD_EMAIL, .hidden_from_row = true },
	{ 0 },
};

const struct field friend_filter_fields[] = {
	{ "status", FIELD_CHOICE, .choices = standings, .default_value = "friends",
		.hint = "Friends, who asks you, or whom you asked." },
	PAGING,
	{ 0 },
};

static const struct member asked_members[] = {
	{ "status", IS_TEXT },
	{ 0 },
};

const struct answer_schema asked_schema = { "Asked", asked_members };

/*
 * account_id and name are null, and email is what was typed, of the caller's own request by e-mail
 * that was not answered; else email is null. asked_at: when the caller asked for it; null if only
 * the other did.
 */
static const struct member friend_members[] = {
	{ "account_id", IS_ID, .nullable = true },
	{ "name", IS_TEXT, .nullable = true },
	{ "email", IS_TEXT, .nullable = true },
	{ "status", IS_TEXT },
	{ "asked_at", IS_TIME, .nullable = true },
	{ "updated_at", IS_TIME },
	{ 0 },
};

static const struct answer_schema friend_schema = { "Friend", friend_members };

static const struct member friends_members[] = {
	{ "friends", IS_LIST, .of = &friend_schema },
	{ "next", IS_TEXT, .nullable = true },
	{ 0 },
};

const struct answer_schema friends_schema = { "Friends", friends_members };

static const struct member suggestion_members[] = {
	{ "account_id", IS_ID },
	{ "name", IS_TEXT },
	{ "mutual", IS_INTEGER },
	{ 0 },
};

static const struct answer_schema suggestion_schema = { "Suggestion", suggestion_members };

static const struct member suggestions_members[] = {
	{ "suggestions", IS_LIST, .of = &suggestion_schema },
	{ "next", IS_TEXT, .nullable = true },
	{ 0 },
};

const struct answer_schema suggestions_schema = { "Suggestions", suggestions_members };
