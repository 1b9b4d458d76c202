/* Listings and their stock. */
#ifndef SHOETOPIA_MARKET_LISTING_H
#define SHOETOPIA_MARKET_LISTING_H

#include "http/http.h"

extern const struct field new_listing_fields[], listing_change_fields[],
	shop_listing_filter_fields[], stock_fields[];
extern const struct answer_schema listing_schema, stock_schema, shop_listings_schema;

#endif
