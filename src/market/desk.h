/* The desk of a shop: what needs its owner's attention, as counts and short lists. */
#ifndef SHOETOPIA_MARKET_DESK_H
#define SHOETOPIA_MARKET_DESK_H

#include "http/http.h"

extern const struct answer_schema desk_schema;

#endif
