/* The outbox as admins see it: calls of other servers that wait, were done, or were given up. */
#ifndef SHOETOPIA_MARKET_OUTBOX_H
#define SHOETOPIA_MARKET_OUTBOX_H

#include "http/http.h"

extern const struct field outbox_filter_fields[];
extern const struct field outbox_change_fields[];
extern const struct answer_schema outbox_row_schema;
extern const struct answer_schema outbox_schema;

#endif
