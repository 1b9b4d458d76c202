/*
 * Payments of orders: what an order says of its payment, and the terms of the marketplace. With
 * payments off (the default) orders are placed unpaid. schema/functions/payment.sql has the states.
 */
#ifndef SHOETOPIA_MARKET_PAYMENT_H
#define SHOETOPIA_MARKET_PAYMENT_H

#include "http/http.h"

struct payment_terms {
	int seconds;       /* in which an order has to be paid */
	int min_cents;     /* the least that the provider charges */
	int fee_bps;       /* the marketplace's fee, in hundredths of a percent */
	int payout_days;   /* from delivery until a shop can be paid out */
	int tier_cents[3]; /* what the promotion tiers 1, 2 and 3 cost */
};

/* Turns payments on. `terms` must stay. Call it before the first request. */
void payment_set_terms(const struct payment_terms *terms);

/* The terms; NULL: payments are off. */
const struct payment_terms *payment_terms(void);

/* Those that a checkout needs, as it takes them (schema/functions/checkout.sql); NULL: off. */
const char *payment_terms_json(void);

/*
 * Tells who types a price what the fee is: "The marketplace keeps 5% of it as its fee." NULL:
 * there is none. Kept for the life of the process.
 */
const char *payment_fee_note(void);

/* The same for who asks for a promotion tier: what the tiers cost; NULL: nothing. */
const char *payment_tier_note(void);

/* The member `payment` of an order. */
extern const struct answer_schema payment_schema;

#endif
