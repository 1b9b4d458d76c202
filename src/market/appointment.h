/* Appointments and the slots that they take. */
#ifndef SHOETOPIA_MARKET_APPOINTMENT_H
#define SHOETOPIA_MARKET_APPOINTMENT_H

#include "http/http.h"

extern const struct field new_slot_fields[], slot_filter_fields[];
extern const struct answer_schema slot_schema, slots_schema, booked_slot_schema,
	appointments_schema;

#endif
