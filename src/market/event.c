/* Release events: a shop announces one, with a capacity; accounts book places. */
#include "market/event.h"

#include "market/booking.h"
#include "market/market.h"

enum { CAPACITY_MAX = 1000000 };

const struct field new_event_fields[] = {
	{ "title", FIELD_TEXT, .min = 1, .max = NAME_MAX_CHARACTERS },
	{ "starts_at", FIELD_TIME, .label = "Starts at (UTC)",
		.hint = "From now on, until the year 2200." },
	{ "capacity", FIELD_INTEGER, .min = 1, .max = CAPACITY_MAX, .label = "Places" },
	{ 0 },
};

const struct field event_change_fields[] = {
	{ "title", FIELD_TEXT, .min = 1, .max = NAME_MAX_CHARACTERS, .optional = true },
	{ "starts_at", FIELD_TIME, .optional = true, .label = "Starts at (UTC)" },
	{ "capacity", FIELD_INTEGER, .min = 1, .max = CAPACITY_MAX, .optional = true,
		.label = "Places", .hint = "More of them let the line move up." },
	{ 0 },
};

const struct field event_filter_fields[] = {
	{ "shop_id", FIELD_INTEGER, .min = 1, .max = INT64_C(1) << 53, .optional = true,
		.api_only = true },
	PAGING,
	{ 0 },
};

static const struct member event_members[] = {
	{ "event_id", IS_ID },
	{ "shop_id", IS_ID },
	{ "shop_name", IS_TEXT },
	{ "title", IS_TEXT },
	{ "starts_at", IS_TIME },
	{ "capacity", IS_INTEGER },
	{ "booked", IS_INTEGER },
	{ "waiting", IS_INTEGER },
	{ "version", IS_INTEGER },
	{ "status", IS_TEXT }, /* planned or called_off */
	{ "called_off_at", IS_TIME, .nullable = true },
	{ "open", IS_BOOL }, /* planned, and has not begun: places are booked and given back */
	{ "booking", IS_OBJECT, .of = &booking_schema, .nullable = true }, /* the caller's */
	{ "was_booked", IS_BOOL }, /* the caller was in it when it was called off */
	{ 0 },
};

const struct answer_schema event_schema = { "Event", event_members };

static const struct member events_members[] = {
	{ "events", IS_LIST, .of = &event_schema },
	{ "next", IS_TEXT, .nullable = true },
	{ 0 },
};

const struct answer_schema events_schema = { "Events", events_members };
