/* Payouts of shops. */
#include "market/payout.h"

#include <glib.h>

#include "market/answer.h"
#include "market/market.h"
#include "market/payment.h"

static const char *const verdicts[] = { "paid", "refused", NULL };

const struct field new_payout_fields[] = {
	{ "amount_cents", FIELD_MONEY, .min = 1, .max = INT64_C(1) << 53, .label = "Amount",
		.hint = MONEY_HINT },
	{ 0 },
};

const struct field payout_verdict_fields[] = {
	{ "status", FIELD_CHOICE, .choices = verdicts },
	{ "note", FIELD_LINES, .max = TEXT_MAX_CHARACTERS, .optional = true, .fresh = true,
		.hint = "The shop's owner sees it." },
	{ 0 },
};

static const struct member payout_members[] = {
	{ "payout_id", IS_ID },
	{ "shop_id", IS_ID },
	{ "shop_name", IS_TEXT },
	{ "amount_cents", IS_INTEGER },
	{ "status", IS_TEXT },
	{ "note", IS_TEXT, .nullable = true },
	{ "requested_at", IS_TIME },
	{ "decided_at", IS_TIME, .nullable = true },
	{ 0 },
};

const struct answer_schema payout_schema = { "Payout", payout_members };

static const struct member payouts_members[] = {
	{ "payouts", IS_LIST, .of = &payout_schema },
	{ "next", IS_TEXT, .nullable = true },
	{ 0 },
};

const struct answer_schema payouts_schema = { "Payouts", payouts_members };

enum err
answer_with_terms(struct request *req, struct answer *ans)
{
	const struct payment_terms *terms = payment_terms();
	char days[16], tiers[64], fee_bps[16];
	const struct db_param added[] = {
		{ .name = "payout_days", .text = days },
		{ .name = "tier_cents", .text = tiers },
		{ .name = "fee_bps", .text = fee_bps },
	};

	if (terms == NULL)
		return answer_statement(req, ans);
	g_snprintf(days, sizeof days, "%d", terms->payout_days);
	g_snprintf(fee_bps, sizeof fee_bps, "%d", terms->fee_bps);
	g_snprintf(tiers, sizeof tiers, "{%d,%d,%d}", terms->tier_cents[0], terms->tier_cents[1],
		terms->tier_cents[2]);
	return answer_statement_with(req, ans, added, G_N_ELEMENTS(added));
}
