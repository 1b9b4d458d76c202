/* Payments of orders. */
#include "market/payment.h"

static const struct payment_terms *terms;

static const struct member payment_members[] = {
	{ "status", IS_TEXT },
	{ "due_at", IS_TIME },
	{ "amount_cents", IS_INTEGER },
	{ "refunded_cents", IS_INTEGER },
	{ "url", IS_TEXT, .nullable = true },
	{ 0 },
};

const struct answer_schema payment_schema = { "Payment", payment_members };

static char fee_note[64]; /* empty: there is no fee */

void
payment_set_terms(const struct payment_terms *new_terms)
{
	char percent[G_ASCII_DTOSTR_BUF_SIZE];

	terms = new_terms;
	g_ascii_formatd(percent, sizeof percent, "%g", new_terms->fee_bps / 100.0);
	if (new_terms->fee_bps > 0)
		g_snprintf(fee_note, sizeof fee_note,
			"The marketplace keeps %s%% of it as its fee.", percent);
}

const char *
payment_fee_note(void)
{
	return *fee_note != '\0' ? fee_note : NULL;
}

const struct payment_terms *
payment_terms(void)
{
	return terms;
}
