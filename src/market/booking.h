/* Bookings of places at a release event. */
#ifndef SHOETOPIA_MARKET_BOOKING_H
#define SHOETOPIA_MARKET_BOOKING_H

#include "http/http.h"

extern const struct answer_schema booking_schema;

#endif
