/* The desk of a shop: what needs its owner's attention. */
#include "market/desk.h"

#include "market/verification.h"

static const struct member dispute_members[] = {
	{ "shipment_id", IS_ID },
	{ "order_id", IS_ID },
	{ "status", IS_TEXT },
	{ 0 },
};

static const struct answer_schema dispute_schema = { "Dispute", dispute_members };

static const struct member waiting_list_members[] = {
	{ "event_id", IS_ID },
	{ "title", IS_TEXT },
	{ "capacity", IS_INTEGER },
	{ "waiting", IS_INTEGER },
	{ "starts_at", IS_TIME },
	{ 0 },
};

static const struct answer_schema waiting_list_schema = { "WaitingList", waiting_list_members };

static const struct member desk_members[] = {
	{ "shop_id", IS_ID },
	{ "to_send", IS_INTEGER },
	{ "to_pick_up", IS_INTEGER },
	{ "low_stock", IS_INTEGER },
	{ "sold_out", IS_INTEGER },
	{ "suspended", IS_INTEGER },
	{ "has_listings", IS_BOOL },
	{ "has_had_sale", IS_BOOL },
	{ "visits", IS_INTEGER }, /* booked slots of the next 24 hours */
	{ "verification", IS_OBJECT, .of = &verification_schema },
	{ "disputes", IS_LIST, .of = &dispute_schema },
	{ "waiting_lists", IS_LIST, .of = &waiting_list_schema },
	{ 0 },
};

const struct answer_schema desk_schema = { "Desk", desk_members };
