/* The log of privileged acts: what admins and the operator did, and why. */
#ifndef SHOETOPIA_MARKET_ACT_H
#define SHOETOPIA_MARKET_ACT_H

#include "http/http.h"

extern const struct answer_schema acts_schema;

#endif
