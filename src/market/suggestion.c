/* Suggestions: brands and styles that begin with what is typed. */
#include "market/suggestion.h"

#include "market/answer.h"

const struct field suggestion_filter_fields[] = {
	{ "q", FIELD_TEXT, .min = 1, .max = 200, .label = "Search" },
	{ "sold_out", FIELD_BOOL, .optional = true, .api_only = true },
	{ 0 },
};

static const struct member suggestion_members[] = {
	{ "kind", IS_TEXT }, /* brand or style */
	{ "text", IS_TEXT },
	{ "count", IS_INTEGER }, /* of listings in stock */
	{ 0 },
};

static const struct answer_schema suggestion_schema = { "SearchSuggestion", suggestion_members };

static const struct member suggestions_members[] = {
	{ "suggestions", IS_LIST, .of = &suggestion_schema },
	{ 0 },
};

const struct answer_schema search_suggestions_schema = { "SearchSuggestions", suggestions_members };

void
suggestion_step(void)
{
	struct db_result row = { 0 };

	db_call(answer_db(), SQL_count_suggestions, NULL, 0, &row);
	db_result_clear(&row);
}
