/* Payouts: a shop asks for what it has available, an admin pays it or refuses. */
#ifndef SHOETOPIA_MARKET_PAYOUT_H
#define SHOETOPIA_MARKET_PAYOUT_H

#include "http/http.h"

extern const struct field new_payout_fields[], payout_verdict_fields[];
extern const struct answer_schema payout_schema, payouts_schema;

/*
 * The handler of routes whose statement has to know after how many days a shop is paid out, what
 * promotion tiers cost and the fee: it adds both to what the request says, where payments are on.
 */
enum err answer_with_terms(struct request *req, struct answer *ans);

#endif
