/* Bookings: an account's place at a release event, or its position on the waiting list. */
#include "market/booking.h"

static const struct member booking_members[] = {
	{ "status", IS_TEXT },
	{ "position", IS_INTEGER, .optional = true }, /* on the waiting list, from 1 */
	{ "open", IS_BOOL, .optional = true },        /* false once the event has begun */
	{ 0 },
};

const struct answer_schema booking_schema = { "Booking", booking_members };
