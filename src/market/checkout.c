/* Checkout: what a buyer sends to turn a cart, or named items, into an order. */
#include "market/checkout.h"

#include <glib.h>

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
	const struct payment_terms *terms = payment_terms();
	char seconds[16], min_cents[16], fee_bps[16];
	const struct db_param added[] = {
		{ .name = "payment_seconds", .text = seconds, .json = seconds },
		{ .name = "payment_min_cents", .text = min_cents, .json = min_cents },
		{ .name = "fee_bps", .text = fee_bps, .json = fee_bps },
	};

	if (terms == NULL)
		return answer_statement(req, ans);
	g_snprintf(seconds, sizeof seconds, "%d", terms->seconds);
	g_snprintf(min_cents, sizeof min_cents, "%d", terms->min_cents);
	g_snprintf(fee_bps, sizeof fee_bps, "%d", terms->fee_bps);
	return answer_statement_with(req, ans, added, G_N_ELEMENTS(added));
}
