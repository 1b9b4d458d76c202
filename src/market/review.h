/* Reviews of a shop by its buyers. */
#ifndef SHOETOPIA_MARKET_REVIEW_H
#define SHOETOPIA_MARKET_REVIEW_H

#include "http/http.h"

extern const struct field review_fields[];
extern const struct answer_schema review_schema, reviews_schema;

#endif
