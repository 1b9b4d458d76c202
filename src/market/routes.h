/* The site: every route of the market. */
#ifndef SHOETOPIA_MARKET_ROUTES_H
#define SHOETOPIA_MARKET_ROUTES_H

#include "http/http.h"

extern const struct site market_site;

#endif
