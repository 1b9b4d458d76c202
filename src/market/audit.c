/* The audit: every invariant of the database with its count of violations. */
#include "market/audit.h"

static const struct member check_members[] = {
	{ "name", IS_TEXT },
	{ "violations", IS_INTEGER },
	{ 0 },
};

static const struct answer_schema check_schema = { "Check", check_members };

static const struct member audit_members[] = {
	{ "checks", IS_LIST, .of = &check_schema },
	{ "violations", IS_INTEGER },
	{ 0 },
};

const struct answer_schema audit_schema = { "Audit", audit_members };
