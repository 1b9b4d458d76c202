/* Recommendations by what friends wish for or bought. */
#ifndef SHOETOPIA_MARKET_RECOMMENDATION_H
#define SHOETOPIA_MARKET_RECOMMENDATION_H

#include "http/http.h"

extern const struct answer_schema recommendations_schema;

#endif
