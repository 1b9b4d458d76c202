/* Checkout: what a buyer sends to turn a cart, or named items, into an order. */
#include "market/checkout.h"

#include "market/answer.h"
#include "market/market.h"
#include "market/payment.h"

const char *const deliveries[] = { "pickup", "ship", NULL };

/* What has to be set for each of them on the page of a listing or of the cart. */
static const char *const delivery_offers[] = { "offers_pickup", "shipping_cents", NULL };

static const struct field order_item_fields[] = {
	{ "listing_id", FIELD_INTEGER, .min = 1, .max = INT64_C(1) << 53 },
	{ "quantity", FIELD_INTEGER, .min = 1, .max = QUANTITY_MAX, .initial = "1",
		.label = "Pairs" },
	{ 0 },
};

const struct field new_order_fields[] = {
	{ "items", FIELD_ITEMS, .of = order_item_fields, .optional = true, .at_least = 1,
		.at_most = 100 },
	{ "expected_total_cents", FIELD_MONEY, .min = 0, .max = INT64_C(1) << 53, .optional = true,
		.expects = "total_cents" },
	{ "expected_price_cents", FIELD_MONEY, .min = 0, .max = INT64_C(1) << 53, .optional = true,
		.expects = "price_cents" },
	{ "delivery", FIELD_CHOICE, .choices = deliveries, .choices_while = delivery_offers,
		.default_value = "pickup", .hidden_from_page = "delivery" },
	{ 0 },
};

enum err
checkout(struct request *req, struct answer *ans)
{
	const char *terms = payment_terms_json();
	const struct db_param added = { .name = "payment_terms", .text = terms, .json = terms };

	return answer_statement_with(req, ans, &added, terms != NULL ? 1 : 0);
}
