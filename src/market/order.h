/* Orders. */
#ifndef SHOETOPIA_MARKET_ORDER_H
#define SHOETOPIA_MARKET_ORDER_H

#include "http/http.h"

extern const struct answer_schema order_schema, orders_schema;

/* One listing of an order, in a shipment. */
extern const struct answer_schema order_line_schema;

#endif
