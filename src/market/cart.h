/* The cart of an account. */
#ifndef SHOETOPIA_MARKET_CART_H
#define SHOETOPIA_MARKET_CART_H

#include "http/http.h"

extern const struct field cart_fields[], cart_item_fields[], new_cart_item_fields[];
extern const struct answer_schema cart_schema;

#endif
