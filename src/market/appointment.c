/* Appointments: slots at a shop's stations for fitting and authentication, and their bookings. */
#include "market/appointment.h"

#include "market/market.h"

const struct field new_slot_fields[] = {
	{ "station", FIELD_TEXT, .min = 1, .max = NAME_MAX_CHARACTERS,
		.hint = "Such as a chair or a desk. Its slots never overlap." },
	{ "starts_at", FIELD_TIME, .label = "Starts at (UTC)",
		.hint = "From now on, until the year 2100." },
	{ "ends_at", FIELD_TIME, .label = "Ends at (UTC)",
		.hint = "After it starts, at most 24 hours." },
	{ 0 },
};

const struct field slot_filter_fields[] = {
	{ "from", FIELD_TIME, .optional = true, .label = "From (UTC)",
		.hint = "Slots that begin then or later; from now on, if left out." },
	{ "to", FIELD_TIME, .optional = true, .label = "To (UTC)",
		.hint = "Slots that begin before that." },
	PAGING,
	{ 0 },
};

static const struct member slot_members[] = {
	{ "slot_id", IS_ID },
	{ "shop_id", IS_ID },
	{ "shop_name", IS_TEXT },
	{ "station", IS_TEXT },
	{ "starts_at", IS_TIME },
	{ "ends_at", IS_TIME },
	{ "taken", IS_BOOL },
	{ "mine", IS_BOOL },
	{ "booked_by", IS_TEXT, .nullable = true }, /* the shop's owner only */
	{ 0 },
};

const struct answer_schema slot_schema = { "Slot", slot_members };

static const struct member slots_members[] = {
	{ "slots", IS_LIST, .of = &slot_schema },
	{ "next", IS_TEXT, .nullable = true },
	{ 0 },
};

const struct answer_schema slots_schema = { "Slots", slots_members };

static const struct member booked_slot_members[] = {
	{ "appointment_id", IS_ID },
	{ "slot_id", IS_ID },
	{ 0 },
};

const struct answer_schema booked_slot_schema = { "BookedSlot", booked_slot_members };

static const struct member appointment_members[] = {
	{ "appointment_id", IS_ID },
	{ "slot_id", IS_ID },
	{ "shop_id", IS_ID },
	{ "shop_name", IS_TEXT },
	{ "station", IS_TEXT },
	{ "starts_at", IS_TIME },
	{ "ends_at", IS_TIME },
	{ "booked_at", IS_TIME },
	{ 0 },
};

static const struct answer_schema appointment_schema = { "Appointment", appointment_members };

static const struct member appointments_members[] = {
	{ "appointments", IS_LIST, .of = &appointment_schema },
	{ "next", IS_TEXT, .nullable = true },
	{ 0 },
};

const struct answer_schema appointments_schema = { "Appointments", appointments_members };
