/* Checkout: its answer is an order, see order.h. */
#ifndef SHOETOPIA_MARKET_CHECKOUT_H
#define SHOETOPIA_MARKET_CHECKOUT_H

#include "http/http.h"

extern const struct field new_order_fields[];
extern const char *const deliveries[]; /* ends with NULL */

/* POST /checkout: adds the terms of payment to what the request says, where payments are on. */
enum err checkout(struct request *req, struct answer *ans);

#endif
