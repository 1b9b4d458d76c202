/* Suspensions: an admin takes a shop or a listing off the market, and lets it in again. */
#ifndef SHOETOPIA_MARKET_SUSPENSION_H
#define SHOETOPIA_MARKET_SUSPENSION_H

#include "http/http.h"

extern const struct field suspension_fields[];

/* Of a shop or a listing, for its owner and admins: why it is suspended, and since when. */
extern const struct answer_schema suspension_schema;

extern const struct answer_schema shop_suspension_schema, listing_suspension_schema;

#endif
