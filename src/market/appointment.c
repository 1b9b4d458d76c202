/* Appointments: slots at a shop's stations, for fitting and authentication, and who has them. */
#include "market/market.h"

const struct field new_slot_fields[] = {
	{ "station", TEXT, .min = 1, .max = NAME_MAX_CHARACTERS, .hint = "Such as a chair or a desk. Its slots never overlap." },
	{ "starts_at", TIME, .label = "Starts at (UTC)", .hint = "From now on, until the year 2100." },
	{ "ends_at", TIME, .label = "Ends at (UTC)", .hint = "After it starts, at most 24 hours." },
	{ 0 },
};

const struct field slot_filter_fields[] = {
	{ "from", TIME, .optional = true, .label = "From (UTC)", .hint = "Slots that begin then or later; from now on, if left out." },
	{ "to", TIME, .optional = true, .label = "To (UTC)", .hint = "Slots that begin before that." },
	PAGING,
	{ 0 },
};

const struct shape slot_shape = {
	"Slot", (const struct member[]){
	{ "slot_id", IS_ID },
	{ "shop_id", IS_ID },
	{ "shop_name", IS_TEXT },
	{ "station", IS_TEXT },
	{ "starts_at", IS_TIME },
	{ "ends_at", IS_TIME },
	{ "taken", IS_FLAG },
	{ "mine", IS_FLAG },
	{ "booked_by", IS_TEXT, .nullable = true }, /* for its shop alone */
	{ 0 },
} };

const struct shape slots_shape = {
	"Slots", (const struct member[]){
	{ "slots", IS_LIST, .of = &slot_shape },
	{ "next", IS_TEXT, .nullable = true },
	{ 0 },
} };

const struct shape booked_slot_shape = {
	"BookedSlot", (const struct member[]){
	{ "appointment_id", IS_ID },
	{ "slot_id", IS_ID },
	{ 0 },
} };

static const struct shape appointment_shape = {
	"Appointment", (const struct member[]){
	{ "appointment_id", IS_ID },
	{ "slot_id", IS_ID },
	{ "shop_id", IS_ID },
	{ "shop_name", IS_TEXT },
	{ "station", IS_TEXT },
	{ "starts_at", IS_TIME },
	{ "ends_at", IS_TIME },
	{ "booked_at", IS_TIME },
	{ 0 },
} };

const struct shape appointments_shape = {
	"Appointments", (const struct member[]){
	{ "appointments", IS_LIST, .of = &appointment_shape },
	{ "next", IS_TEXT, .nullable = true },
	{ 0 },
} };
