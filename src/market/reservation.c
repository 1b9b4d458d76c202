/* Reservations: a pair of a listing that is held for somebody, for some minutes. */
#include "market/answer.h"
#include "market/market.h"

static int hold_seconds = HOLD_SECONDS;

const struct field new_reservation_fields[] = {
	{ "listing_ids", WHOLE, .min = 1, .max = INT64_C(1) << 53, .repeated = true, .at_least = 1, .at_most = 100, .label = "Listing (number)",
	  .page_id = "listing_id" },
	{ 0 },
};

static const struct shape held_shape = {
	"Held", (const struct member[]){
	{ "reservation_id", IS_ID },
	{ "listing_id", IS_ID },
	{ "expires_at", IS_TIME },
	{ 0 },
} };

static const struct shape not_held_shape = {
	"NotHeld", (const struct member[]){
	{ "listing_id", IS_ID },
	{ "code", IS_TEXT },
	{ 0 },
} };

const struct shape reserved_shape = {
	"Reserved", (const struct member[]){
	{ "reserved", IS_LIST, .of = &held_shape },
	{ "refused", IS_LIST, .of = &not_held_shape },
	{ 0 },
} };

/* As its holder wants to see it. */
static const struct shape reservation_shape = {
	"Reservation", (const struct member[]){
	{ "reservation_id", IS_ID },
	{ "listing_id", IS_ID },
	{ "shop_id", IS_ID },
	{ "shop_name", IS_TEXT },
	{ "brand", IS_TEXT },
	{ "style", IS_TEXT },
	{ "color", IS_TEXT },
	{ "size", IS_NUMBER },
	{ "price_cents", IS_WHOLE },
	{ "sale_price_cents", IS_WHOLE, .nullable = true },
	{ "expires_at", IS_TIME },
	{ 0 },
} };

const struct shape reservations_shape = {
	"Reservations", (const struct member[]){
	{ "reservations", IS_LIST, .of = &reservation_shape },
	{ "next", IS_TEXT, .nullable = true },
	{ 0 },
} };

void
reservation_lasts(int seconds)
{
	hold_seconds = seconds;
}

/* POST /reservations: how long a hold lasts is a setting of the program. */
enum err
create_reservation(const struct request *req, struct answer *ans)
{
	g_autofree char *seconds = g_strdup_printf("%d", hold_seconds);
	const struct db_param added = { .name = "hold_seconds", .text = seconds, .json = seconds };

	return answer_statement(req, ans, SQL_create_reservation, &added, 1);
}

bool
release_expired(void)
{
	struct db_result row = { 0 };
	bool some = db_call(answer_db(), SQL_release_expired, NULL, 0, &row) == ERR_NONE && g_strcmp0(row.answer, "0") != 0;

	db_result_clear(&row);
	return some;
}
