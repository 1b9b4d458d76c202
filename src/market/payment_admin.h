/* Payments as admins see them: with a flag where one needs attention, and what happened to each. */
#ifndef SHOETOPIA_MARKET_PAYMENT_ADMIN_H
#define SHOETOPIA_MARKET_PAYMENT_ADMIN_H

#include "http/http.h"

extern const struct field payment_filter_fields[];
extern const struct field payment_change_fields[];
extern const struct answer_schema admin_payment_schema;
extern const struct answer_schema admin_payments_schema;

#endif
