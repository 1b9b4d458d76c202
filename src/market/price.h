/* What shoes sold for. */
#ifndef SHOETOPIA_MARKET_PRICE_H
#define SHOETOPIA_MARKET_PRICE_H

#include "http/http.h"

extern const struct answer_schema prices_schema;

#endif
