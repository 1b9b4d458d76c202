/* Reservations: a pair of a listing that is held for an account until it expires. */
#include "market/reservation.h"

#include <stdatomic.h>

#include "market/answer.h"

static int hold_seconds = HOLD_SECONDS;
static int holds_max = HOLDS_MAX;
static atomic_ulong released;

const struct field new_reservation_fields[] = {
	{ "listing_ids", FIELD_INTEGER, .min = 1, .max = INT64_C(1) << 53, .repeated = true,
		.at_least = 1, .at_most = 100, .label = "Listing (number)",
		.hidden_from_page = "listing_id" },
	{ 0 },
};

static const struct member held_members[] = {
	{ "reservation_id", IS_ID },
	{ "listing_id", IS_ID },
	{ "expires_at", IS_TIME },
	{ 0 },
};

static const struct answer_schema held_schema = { "Held", held_members };

static const struct member not_held_members[] = {
	{ "listing_id", IS_ID },
	{ "code", IS_TEXT },
	{ 0 },
};

static const struct answer_schema not_held_schema = { "NotHeld", not_held_members };

static const struct member reserved_members[] = {
	{ "reserved", IS_LIST, .of = &held_schema },
	{ "refused", IS_LIST, .of = &not_held_schema },
	{ 0 },
};

const struct answer_schema reserved_schema = { "Reserved", reserved_members };

/* As the account that holds the pair sees it. */
static const struct member reservation_members[] = {
	{ "reservation_id", IS_ID },
	{ "listing_id", IS_ID },
	{ "shop_id", IS_ID },
	{ "shop_name", IS_TEXT },
	{ "brand", IS_TEXT },
	{ "style", IS_TEXT },
	{ "color", IS_TEXT },
	{ "size", IS_NUMBER },
	{ "price_cents", IS_INTEGER },
	{ "sale_price_cents", IS_INTEGER, .nullable = true },
	{ "expires_at", IS_TIME },
	{ 0 },
};

static const struct answer_schema reservation_schema = { "Reservation", reservation_members };

static const struct member reservations_members[] = {
	{ "reservations", IS_LIST, .of = &reservation_schema },
	{ "next", IS_TEXT, .nullable = true },
	{ 0 },
};

const struct answer_schema reservations_schema = { "Reservations", reservations_members };

void
reservation_set_hold_seconds(int seconds)
{
	hold_seconds = seconds;
}

void
reservation_set_holds_max(int pairs)
{
	holds_max = pairs;
}

enum err
create_reservation(struct request *req, struct answer *ans)
{
	g_autofree char *seconds = g_strdup_printf("%d", hold_seconds);
	g_autofree char *pairs = g_strdup_printf("%d", holds_max);
	const struct db_param added[] = {
		{ .name = "hold_seconds", .text = seconds, .json = seconds },
		{ .name = "holds_max", .text = pairs, .json = pairs },
	};

	return answer_statement_with(req, ans, added, 2);
}

unsigned long
reservation_released(void)
{
	return atomic_load(&released);
}

bool
release_expired(void)
{
	struct db_result row = { 0 };
	bool done = db_call(answer_db(), SQL_release_expired, NULL, 0, &row) == ERR_NONE;
	guint64 n = done && row.answer != NULL ? g_ascii_strtoull(row.answer, NULL, 10) : 0;

	db_result_clear(&row);
	atomic_fetch_add(&released, n);
	return n > 0;
}
