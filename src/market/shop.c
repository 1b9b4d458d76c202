/* Shops: name, standing and promotion. */
#include "market/shop.h"

#include "market/market.h"
#include "market/payment.h"
#include "market/suspension.h"

const struct field new_shop_fields[] = {
	{ "name", FIELD_TEXT, .min = 1, .max = NAME_MAX_CHARACTERS },
	{ 0 },
};

const struct field profile_fields[] = {
	{ "about", FIELD_LINES, .max = TEXT_MAX_CHARACTERS, .optional = true },
	{ "pickup_address", FIELD_LINES, .max = TEXT_MAX_CHARACTERS, .optional = true,
		.label = "Pick-up address", .hint = "Leave it empty if nothing can be picked up." },
	{ "pickup_hours", FIELD_LINES, .max = TEXT_MAX_CHARACTERS, .optional = true,
		.label = "Pick-up hours" },
	{ "contact_email", FIELD_EMAIL, .optional = true, .label = "Contact e-mail",
		.hint = "Anyone can read it." },
	{ "shipping_cents", FIELD_MONEY, .max = SHIPPING_CENTS_MAX, .optional = true,
		.label = "Shipping ($)",
		.hint = "For all that is sent together. Leave it empty if you do not ship." },
	{ 0 },
};

const struct field promotion_fields[] = {
	{ "tier", FIELD_INTEGER, .min = 1, .max = 3, .hint = "1 to 3; it never goes down.",
		.note = payment_tier_note },
	{ 0 },
};

static const struct member shop_members[] = {
	{ "shop_id", IS_ID },
	{ "name", IS_TEXT },
	{ "verified", IS_BOOL },
	{ "promotion_tier", IS_INTEGER },
	{ "rating", IS_NUMBER, .nullable = true },
	{ "reviews", IS_INTEGER },
	{ "about", IS_TEXT, .nullable = true },
	{ "pickup_address", IS_TEXT, .nullable = true },
	{ "pickup_hours", IS_TEXT, .nullable = true },
	{ "contact_email", IS_TEXT, .nullable = true },
	{ "offers_pickup", IS_BOOL },
	{ "offers_shipping", IS_BOOL },
	{ "shipping_cents", IS_INTEGER, .nullable = true },
	{ "suspension", IS_OBJECT, .of = &suspension_schema, .optional = true },
	{ 0 },
};

const struct answer_schema shop_schema = { "Shop", shop_members };
