/* Search: the filters of the catalogue, the comparison of listings, and a shoe with its offers. */
#include "market/search.h"

#include <pthread.h>
#include <unistd.h>

#include "market/answer.h"
#include "market/listing.h"
#include "market/market.h"
#include "market/photo.h"
#include "market/shoe.h"

enum { SEARCHES_WAITING_MAX = 192 }; /* in a process */

static struct work_queue *queue;
static pthread_once_t queue_once = PTHREAD_ONCE_INIT;

static const char *const sort_orders[] = { "promoted", "price", "-price", "newest", NULL };

const struct field listing_filter_fields[] = {
	{ "q", FIELD_TEXT, .min = 1, .max = 200, .optional = true, .label = "Search",
		.hint = "Words of brand, style and colour. Words like \"size 9\" or \"womens\" "
			"filter." },
	{ "brand", FIELD_TEXT, .min = 1, .max = NAME_MAX_CHARACTERS, .optional = true,
		.repeated = true },
	{ "style", FIELD_TEXT, .min = 1, .max = NAME_MAX_CHARACTERS, .optional = true },
	{ "color", FIELD_CHOICE, .choices = shoe_colors, .optional = true, .repeated = true },
	{ "size", FIELD_HALF_STEPS, .min = 1, .max = 20, .optional = true, .repeated = true,
		.label = "Size (US)" },
	{ "condition", FIELD_CHOICE, .choices = shoe_conditions, .optional = true,
		.repeated = true },
	{ "audience", FIELD_CHOICE, .choices = shoe_audiences, .optional = true, .repeated = true },
	{ "min_price_cents", FIELD_MONEY, .min = 0, .max = PRICE_CENTS_MAX, .optional = true,
		.label = "Price from ($)", .hint = MONEY_HINT },
	{ "max_price_cents", FIELD_MONEY, .min = 0, .max = PRICE_CENTS_MAX, .optional = true,
		.label = "Price up to ($)", .hint = MONEY_HINT },
	{ "shop_id", FIELD_INTEGER, .min = 1, .max = INT64_C(1) << 53, .optional = true,
		.api_only = true },
	{ "verified", FIELD_BOOL, .optional = true, .label = "Verified shops" },
	{ "shoe_id", FIELD_INTEGER, .min = 1, .max = INT64_C(1) << 53, .optional = true,
		.api_only = true },
	{ "on_sale", FIELD_BOOL, .optional = true, .label = "On sale" },
	{ "sort", FIELD_CHOICE, .choices = sort_orders, .default_value = "promoted" },
	{ "facets", FIELD_BOOL, .optional = true, .api_only = true },
	PAGING,
	{ 0 },
};

const struct field compare_fields[] = {
	{ "id", FIELD_INTEGER, .min = 1, .max = INT64_C(1) << 53, .repeated = true, .at_least = 2,
		.at_most = 4, .label = "Listing (number)" },
	{ 0 },
};

/* A filter that words of q were understood as; `rest` is q without them. */
static const struct member word_filter_members[] = {
	{ "field", IS_TEXT },
	{ "value", IS_TEXT },
	{ "rest", IS_TEXT },
	{ 0 },
};

static const struct answer_schema word_filter_schema = { "WordFilter", word_filter_members };

/* `rest` is q without all these words. */
static const struct member understood_members[] = {
	{ "rest", IS_TEXT },
	{ "filters", IS_LIST, .of = &word_filter_schema },
	{ 0 },
};

static const struct answer_schema understood_schema = { "Understood", understood_members };

static const struct member found_members[] = {
	{ "listings", IS_LIST, .of = &listing_schema },
	{ "understood", IS_OBJECT, .of = &understood_schema, .optional = true },
	{ "facets", IS_COUNTS, .optional = true },
	{ "next", IS_TEXT, .nullable = true },
	{ 0 },
};

const struct answer_schema found_schema = { "Found", found_members };

static const struct member compared_members[] = {
	{ "listings", IS_LIST, .of = &listing_schema },
	{ 0 },
};

const struct answer_schema compared_schema = { "Compared", compared_members };

static const struct member shoe_members[] = {
	{ "shoe_id", IS_ID },
	{ "brand", IS_TEXT },
	{ "style", IS_TEXT },
	{ "color", IS_TEXT },
	{ "photo", IS_OBJECT, .of = &picture_schema, .nullable = true },
	{ "offers", IS_LIST, .of = &listing_schema },
	{ 0 },
};

const struct answer_schema shoe_schema = { "Shoe", shoe_members };

/*
 * Half of the cores run searches: with two processes each core has one, and calls that search
 * nothing find a core soon.
 */
static void
queue_make(void)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	queue = work_queue_new("searches", (int)MAX(cores / 2, 1), SEARCHES_WAITING_MAX, 0);
}

/* A page shows the filters among the words, as clients do that ask for facets. */
static enum err
search(struct request *req, struct answer *ans)
{
	const struct db_param added = { .name = "understood", .text = "true" };

	return answer_statement_with(req, ans, &added, request_is_page(req) ? 1 : 0);
}

enum err
find_listings(struct request *req, struct answer *ans)
{
	if (request_text(req, "q") == NULL && g_strcmp0(request_text(req, "facets"), "true") != 0)
		return answer_statement(req, ans);
	pthread_once(&queue_once, queue_make);
	return answer_deferred(req, ans, queue, search);
}

enum err
find_shop_listings(struct request *req, struct answer *ans)
{
	if (request_text(req, "q") == NULL && request_text(req, "stock") == NULL)
		return answer_statement(req, ans);
	pthread_once(&queue_once, queue_make);
	return answer_deferred(req, ans, queue, answer_statement);
}

void
search_tick(void)
{
	struct db_result row = { 0 };

	db_call(answer_db(), SQL_refresh_facets, NULL, 0, &row);
	db_result_clear(&row);
}

void
search_queue_free(void)
{
	work_queue_free(queue);
	queue = NULL;
}
