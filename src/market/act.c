#include "market/act.h"

/* account_id: null for the operator, who acts by a command. subject: "shop 5 (Gum & Lace)". */
static const struct member act_members[] = {
	{ "act_id", IS_ID },
	{ "account_id", IS_ID, .nullable = true },
	{ "name", IS_TEXT },
	{ "act", IS_TEXT },
	{ "subject", IS_TEXT },
	{ "reason", IS_TEXT, .nullable = true },
	{ "created_at", IS_TIME },
	{ 0 },
};

static const struct answer_schema act_schema = { "Act", act_members };

static const struct member acts_members[] = {
	{ "acts", IS_LIST, .of = &act_schema },
	{ "next", IS_TEXT, .nullable = true },
	{ 0 },
};

const struct answer_schema acts_schema = { "Acts", acts_members };
