/* The audit of the database. */
#ifndef SHOETOPIA_MARKET_AUDIT_H
#define SHOETOPIA_MARKET_AUDIT_H

#include "http/http.h"

extern const struct answer_schema audit_schema;

/* Does one step of the incremental audit, if one is due. */
void audit_step(void);

#endif
