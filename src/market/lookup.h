/* What admins look up: accounts, orders, shops and listings, by what people tell them. */
#ifndef SHOETOPIA_MARKET_LOOKUP_H
#define SHOETOPIA_MARKET_LOOKUP_H

#include "http/http.h"

extern const struct field lookup_fields[];
extern const struct answer_schema lookup_schema, admin_account_schema, admin_order_schema;

#endif
