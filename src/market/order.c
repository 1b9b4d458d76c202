/* Orders: what an account bought, one shipment for each shop. */
#include "market/order.h"

#include "market/account.h"
#include "market/payment.h"

static const struct member order_line_members[] = {
	{ "listing_id", IS_ID },
	{ "brand", IS_TEXT },
	{ "style", IS_TEXT },
	{ "color", IS_TEXT },
	{ "size", IS_NUMBER },
	{ "quantity", IS_INTEGER },
	{ "discounted", IS_INTEGER },
	{ "price_cents", IS_INTEGER },
	{ "total_cents", IS_INTEGER },
	{ 0 },
};

const struct answer_schema order_line_schema = { "OrderLine", order_line_members };

static const struct member order_shipment_members[] = {
	{ "shipment_id", IS_ID },
	{ "shop_id", IS_ID },
	{ "shop_name", IS_TEXT },
	{ "contact_email", IS_TEXT, .nullable = true },
	{ "status", IS_TEXT },
	{ "shipped_at", IS_TIME, .nullable = true },
	{ "delivered_at", IS_TIME, .nullable = true },
	{ "tracking", IS_TEXT, .nullable = true },
	{ "shipping_cents", IS_INTEGER },
	{ "pickup_address", IS_TEXT, .nullable = true },
	{ "pickup_hours", IS_TEXT, .nullable = true },
	{ "lines", IS_LIST, .of = &order_line_schema },
	{ 0 },
};

static const struct answer_schema order_shipment_schema = { "OrderShipment",
	order_shipment_members };

static const struct member order_members[] = {
	{ "order_id", IS_ID },
	{ "status", IS_TEXT },
	{ "total_cents", IS_INTEGER },
	{ "discount_cents", IS_INTEGER },
	{ "delivery", IS_TEXT },
	{ "address", IS_OBJECT, .of = &address_schema, .nullable = true },
	{ "created_at", IS_TIME },
	{ "cancelled_at", IS_TIME, .nullable = true },
	{ "payment", IS_OBJECT, .of = &payment_schema, .nullable = true },
	{ "shipments", IS_LIST, .of = &order_shipment_schema },
	{ 0 },
};

const struct answer_schema order_schema = { "Order", order_members };

static const struct member orders_members[] = {
	{ "orders", IS_LIST, .of = &order_schema },
	{ "next", IS_TEXT, .nullable = true },
	{ 0 },
};

const struct answer_schema orders_schema = { "Orders", orders_members };
