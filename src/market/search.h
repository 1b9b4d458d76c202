/* Search in the catalogue. */
#ifndef SHOETOPIA_MARKET_SEARCH_H
#define SHOETOPIA_MARKET_SEARCH_H

#include "http/http.h"

extern const struct field listing_filter_fields[], compare_fields[];
extern const struct answer_schema found_schema, compared_schema;

/* A shoe with its cheapest offer for each size. */
extern const struct answer_schema shoe_schema;

#endif
