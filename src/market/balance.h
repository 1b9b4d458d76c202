/* The balance of a shop, with its ledger. */
#ifndef SHOETOPIA_MARKET_BALANCE_H
#define SHOETOPIA_MARKET_BALANCE_H

#include "http/http.h"

extern const struct field balance_fields[];
extern const struct answer_schema balance_schema;

#endif
