#include "market/outbox.h"

#include "market/market.h"

static const char *const actions[] = { "retry", NULL };

const struct field outbox_filter_fields[] = {
	{ "attention", FIELD_BOOL, .default_value = "false", .label = "Only what was given up" },
	PAGING,
	{ 0 },
};

const struct field outbox_change_fields[] = {
	{ "action", FIELD_CHOICE, .choices = actions, .default_value = "retry", .api_only = true },
	{ 0 },
};

/* attempts: with the present key; keys: how many it has had. error: of the last attempt. */
static const struct member row_members[] = {
	{ "outbox_id", IS_ID },
	{ "kind", IS_TEXT },
	{ "subject", IS_TEXT },
	{ "order_id", IS_ID, .nullable = true },
	{ "account_id", IS_ID, .nullable = true },
	{ "status", IS_TEXT },
	{ "attempts", IS_INTEGER },
	{ "keys", IS_INTEGER },
	{ "error", IS_TEXT, .nullable = true },
	{ "created_at", IS_TIME },
	{ "next_at", IS_TIME, .nullable = true },
	{ "flagged_at", IS_TIME, .nullable = true },
	{ 0 },
};

const struct answer_schema outbox_row_schema = { "OutboxRow", row_members };

static const struct member outbox_members[] = {
	{ "outbox", IS_LIST, .of = &outbox_row_schema },
	{ "next", IS_TEXT, .nullable = true },
	{ 0 },
};

const struct answer_schema outbox_schema = { "Outbox", outbox_members };
