/* Flash sales. */
#ifndef SHOETOPIA_MARKET_SALE_H
#define SHOETOPIA_MARKET_SALE_H

#include "http/http.h"

extern const struct field new_sale_fields[];
extern const struct answer_schema sale_schema, sales_schema;

#endif
