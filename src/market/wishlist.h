/* Wishlists. */
#ifndef SHOETOPIA_MARKET_WISHLIST_H
#define SHOETOPIA_MARKET_WISHLIST_H

#include "http/http.h"

extern const struct field wishlist_fields[];
extern const struct answer_schema wishlist_schema;

#endif
