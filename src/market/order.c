/* Orders, and the shipments that they are made of: one for each shop. */
#include "market/market.h"

static const char *const deliveries[] = { "pickup", "ship", NULL };
static const char *const shipment_states[] = { "pending", "shipped", "delivered", "cancelled", NULL };
static const char *const shipment_steps[] = { "shipped", "delivered", NULL };

static const struct field order_item_fields[] = {
	{ "listing_id", WHOLE, .min = 1, .max = INT64_C(1) << 53 },
	{ "quantity", WHOLE, .min = 1, .max = QUANTITY_MAX },
	{ 0 },
};

const struct field new_order_fields[] = {
	{ "items", ITEMS, .of = order_item_fields, .optional = true, .at_least = 1, .at_most = 100 },
	{ "expected_total_cents", WHOLE, .min = 0, .max = INT64_C(1) << 53, .optional = true, .hint = "Nothing is bought if it would cost more (cents)." },
	{ "delivery", CHOICE, .choices = deliveries, .otherwise = "pickup" },
	{ 0 },
};

const struct field shipment_filter_fields[] = {
	{ "status", CHOICE, .choices = shipment_states, .optional = true },
	PAGING,
	{ 0 },
};

const struct field shipment_change_fields[] = {
	{ "status", CHOICE, .choices = shipment_steps },
	{ "tracking", TEXT, .max = NAME_MAX_CHARACTERS, .optional = true },
	{ 0 },
};

static const struct shape order_line_shape = {
	"OrderLine", (const struct member[]){
	{ "listing_id", IS_ID },
	{ "brand", IS_TEXT },
	{ "style", IS_TEXT },
	{ "color", IS_TEXT },
	{ "size", IS_NUMBER },
	{ "quantity", IS_WHOLE },
	{ "discounted", IS_WHOLE },
	{ "price_cents", IS_WHOLE },
	{ "total_cents", IS_WHOLE },
	{ 0 },
} };

static const struct shape order_shipment_shape = {
	"OrderShipment", (const struct member[]){
	{ "shipment_id", IS_ID },
	{ "shop_id", IS_ID },
	{ "shop_name", IS_TEXT },
	{ "status", IS_TEXT },
	{ "tracking", IS_TEXT, .nullable = true },
	{ "lines", IS_LIST, .of = &order_line_shape },
	{ 0 },
} };

const struct shape order_shape = {
	"Order", (const struct member[]){
	{ "order_id", IS_ID },
	{ "status", IS_TEXT },
	{ "total_cents", IS_WHOLE },
	{ "discount_cents", IS_WHOLE },
	{ "delivery", IS_TEXT },
	{ "address", IS_OBJECT, .of = &address_shape, .nullable = true },
	{ "created_at", IS_TIME },
	{ "shipments", IS_LIST, .of = &order_shipment_shape },
	{ 0 },
} };

const struct shape orders_shape = {
	"Orders", (const struct member[]){
	{ "orders", IS_LIST, .of = &order_shape },
	{ "next", IS_TEXT, .nullable = true },
	{ 0 },
} };

/* As its shop sees it: with where to send it. */
const struct shape shipment_shape = {
	"Shipment", (const struct member[]){
	{ "shipment_id", IS_ID },
	{ "shop_id", IS_ID },
	{ "order_id", IS_ID },
	{ "status", IS_TEXT },
	{ "tracking", IS_TEXT, .nullable = true },
	{ "buyer", IS_TEXT },
	{ "delivery", IS_TEXT },
	{ "address", IS_OBJECT, .of = &address_shape, .nullable = true },
	{ "created_at", IS_TIME },
	{ "updated_at", IS_TIME },
	{ "lines", IS_LIST, .of = &order_line_shape },
	{ 0 },
} };

const struct shape shipments_shape = {
	"Shipments", (const struct member[]){
	{ "shipments", IS_LIST, .of = &shipment_shape },
	{ "next", IS_TEXT, .nullable = true },
	{ 0 },
} };
