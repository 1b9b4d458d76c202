/* Payments of orders. */
#include "market/payment.h"

static const struct payment_terms *terms;

static const struct member payment_members[] = {
	{ "status", IS_TEXT },
	{ "due_at", IS_TIME },
	{ "amount_cents", IS_INTEGER },
	{ "refunded_cents", IS_INTEGER },
	{ "url", IS_TEXT, .nullable = true },
	{ "paid_at", IS_TIME, .nullable = true },
	{ "refunded_at", IS_TIME, .nullable = true },
	{ 0 },
};

const struct answer_schema payment_schema = { "Payment", payment_members };

static char fee_note[64];   /* empty: there is no fee */
static char tier_note[192]; /* empty: payments are off */
static char terms_json[64];

void
payment_set_terms(const struct payment_terms *new_terms)
{
	char percent[G_ASCII_DTOSTR_BUF_SIZE];

	terms = new_terms;
	g_snprintf(terms_json, sizeof terms_json, "[%d,%d,%d]", terms->seconds, terms->min_cents,
		terms->fee_bps);
	g_ascii_formatd(percent, sizeof percent, "%g", new_terms->fee_bps / 100.0);
	g_snprintf(tier_note, sizeof tier_note,
		"The tiers cost $%.2f, $%.2f and $%.2f, less what you paid for lower ones; the "
		"shop pays with what it has available.",
		new_terms->tier_cents[0] / 100.0, new_terms->tier_cents[1] / 100.0,
		new_terms->tier_cents[2] / 100.0);
	if (new_terms->fee_bps > 0)
		g_snprintf(fee_note, sizeof fee_note,
			"The marketplace keeps %s%% of it as its fee.", percent);
}

const char *
payment_fee_note(void)
{
	return *fee_note != '\0' ? fee_note : NULL;
}

const char *
payment_tier_note(void)
{
	return *tier_note != '\0' ? tier_note : NULL;
}

const char *
payment_terms_json(void)
{
	return terms != NULL ? terms_json : NULL;
}

const struct payment_terms *
payment_terms(void)
{
	return terms;
}
