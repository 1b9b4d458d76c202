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

void
payment_set_terms(const struct payment_terms *new_terms)
{
	terms = new_terms;
}

const struct payment_terms *
payment_terms(void)
{
	return terms;
}
