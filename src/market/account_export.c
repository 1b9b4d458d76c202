#include "market/account_export.h"

#include "market/account.h"
#include "market/order.h"
#include "market/shop.h"

static const struct member session_members[] = {
	{ "session_id", IS_ID },
	{ "created_at", IS_TIME },
	{ "last_used_at", IS_TIME },
	{ "expires_at", IS_TIME },
	{ "address", IS_TEXT, .nullable = true },
	{ 0 },
};

static const struct answer_schema session_schema = { "ExportedSession", session_members };

static const struct member network_members[] = {
	{ "network", IS_TEXT },
	{ "last_at", IS_TIME },
	{ 0 },
};

static const struct answer_schema network_schema = { "ExportedNetwork", network_members };

static const struct member cart_item_members[] = {
	{ "listing_id", IS_ID },
	{ "quantity", IS_INTEGER },
	{ "added_at", IS_TIME },
	{ 0 },
};

static const struct answer_schema cart_item_schema = { "ExportedCartItem", cart_item_members };

static const struct member reservation_members[] = {
	{ "reservation_id", IS_ID },
	{ "listing_id", IS_ID },
	{ "created_at", IS_TIME },
	{ "expires_at", IS_TIME },
	{ 0 },
};

static const struct answer_schema reservation_schema = { "ExportedReservation",
	reservation_members };

static const struct member booking_members[] = {
	{ "event_id", IS_ID },
	{ "status", IS_TEXT },
	{ "created_at", IS_TIME },
	{ 0 },
};

static const struct answer_schema booking_schema = { "ExportedBooking", booking_members };

static const struct member appointment_members[] = {
	{ "appointment_id", IS_ID },
	{ "slot_id", IS_ID },
	{ "booked_at", IS_TIME },
	{ 0 },
};

static const struct answer_schema appointment_schema = { "ExportedAppointment",
	appointment_members };

static const struct member review_members[] = {
	{ "shop_id", IS_ID },
	{ "rating", IS_INTEGER },
	{ "comment", IS_TEXT, .nullable = true },
	{ "created_at", IS_TIME },
	{ "updated_at", IS_TIME },
	{ 0 },
};

static const struct answer_schema review_schema = { "ExportedReview", review_members };

static const struct member wish_members[] = {
	{ "shoe_id", IS_ID },
	{ "added_at", IS_TIME },
	{ 0 },
};

static const struct answer_schema wish_schema = { "ExportedWish", wish_members };

/* account_id: null where only the e-mail that was typed may be seen. */
static const struct member friend_members[] = {
	{ "account_id", IS_ID, .nullable = true },
	{ "email", IS_TEXT, .nullable = true },
	{ "asked_at", IS_TIME, .nullable = true },
	{ "was_asked_at", IS_TIME, .nullable = true },
	{ 0 },
};

static const struct answer_schema friend_schema = { "ExportedFriend", friend_members };

static const struct member mail_members[] = {
	{ "kind", IS_TEXT },
	{ "created_at", IS_TIME },
	{ "sent_at", IS_TIME, .nullable = true },
	{ 0 },
};

static const struct answer_schema mail_schema = { "ExportedMail", mail_members };

static const struct member export_members[] = {
	{ "account", IS_OBJECT, .of = &account_schema },
	{ "shop", IS_OBJECT, .of = &shop_schema, .nullable = true },
	{ "sessions", IS_LIST, .of = &session_schema },
	{ "networks", IS_LIST, .of = &network_schema },
	{ "orders", IS_LIST, .of = &order_schema },
	{ "cart", IS_LIST, .of = &cart_item_schema },
	{ "reservations", IS_LIST, .of = &reservation_schema },
	{ "bookings", IS_LIST, .of = &booking_schema },
	{ "appointments", IS_LIST, .of = &appointment_schema },
	{ "reviews", IS_LIST, .of = &review_schema },
	{ "wishes", IS_LIST, .of = &wish_schema },
	{ "friends", IS_LIST, .of = &friend_schema },
	{ "mails", IS_LIST, .of = &mail_schema },
	{ 0 },
};

const struct answer_schema export_schema = { "AccountExport", export_members };
