/* Shipments of an order, as the shop that sends them sees them. */
#ifndef SHOETOPIA_MARKET_SHIPMENT_H
#define SHOETOPIA_MARKET_SHIPMENT_H

#include "http/http.h"

extern const struct field shipment_filter_fields[], shipment_change_fields[],
	shipment_refund_fields[];
extern const struct wording delivery_wordings[];
extern const struct answer_schema shipment_schema, shipments_schema;

#endif
