/* Release events: places for which a crowd comes. */
#include "market/market.h"

static const struct shape event_shape = {
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
	{ 0 },
} };

const struct shape events_shape = {
	"Events", (const struct member[]){
	{ "events", IS_LIST, .of = &event_shape },
	{ "next", IS_TEXT, .nullable = true },
	{ 0 },
} };
