/* Verification of a shop by an admin. */
#ifndef SHOETOPIA_MARKET_VERIFICATION_H
#define SHOETOPIA_MARKET_VERIFICATION_H

#include "http/http.h"

extern const struct field verdict_fields[];
extern const struct answer_schema verification_schema;

/* The shops that wait for an admin's decision. */
extern const struct answer_schema waiting_shops_schema;

#endif
