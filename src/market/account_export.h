/* The schema of GET /account/export: all that is kept about an account. */
#ifndef SHOETOPIA_MARKET_ACCOUNT_EXPORT_H
#define SHOETOPIA_MARKET_ACCOUNT_EXPORT_H

#include "http/http.h"

extern const struct answer_schema export_schema;

#endif
