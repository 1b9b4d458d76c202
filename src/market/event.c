/* Release events: places for which a crowd comes. */
#include "market/market.h"

enum { CAPACITY_MAX = 1000000 };

const struct field new_event_fields[] = {
	{ "title", TEXT, .min = 1, .max = NAME_MAX_CHARACTERS },
	{ "starts_at", TIME, .label = "Starts at (UTC)" },
	{ "capacity", WHOLE, .min = 1, .max = CAPACITY_MAX, .label = "Places" },
	{ 0 },
};

const struct field event_change_fields[] = {
	{ "title", TEXT, .min = 1, .max = NAME_MAX_CHARACTERS, .optional = true },
	{ "starts_at", TIME, .optional = true, .label = "Starts at (UTC)" },
	{ "capacity", WHOLE, .min = 1, .max = CAPACITY_MAX, .optional = true, .label = "Places", .hint = "More of them let the line move up." },
	{ 0 },
};

const struct shape booking_shape = {
	"Booking", (const struct member[]){
	{ "status", IS_TEXT },
	{ "position", IS_WHOLE, .sometimes = true }, /* in the waiting line, from 1 */
	{ 0 },
} };

const struct shape event_shape = {
	"Event", (const struct member[]){
	{ "event_id", IS_ID },
	{ "shop_id", IS_ID },
	{ "shop_name", IS_TEXT },
	{ "title", IS_TEXT },
	{ "starts_at", IS_TIME },
	{ "capacity", IS_WHOLE },
	{ "booked", IS_WHOLE },
	{ "waiting", IS_WHOLE },
	{ "version", IS_WHOLE },
	{ "booking", IS_OBJECT, .of = &booking_shape, .nullable = true }, /* of whoever asks */
	{ 0 },
} };

const struct shape events_shape = {
	"Events", (const struct member[]){
	{ "events", IS_LIST, .of = &event_shape },
	{ "next", IS_TEXT, .nullable = true },
	{ 0 },
} };
