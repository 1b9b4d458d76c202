/* Shops: the fields of their requests and the schema of their answers. */
#ifndef SHOETOPIA_MARKET_SHOP_H
#define SHOETOPIA_MARKET_SHOP_H

#include "http/http.h"

extern const struct field new_shop_fields[], profile_fields[], promotion_fields[];
extern const struct answer_schema shop_schema;

#endif
