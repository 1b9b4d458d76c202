/* The audit: every invariant of the database with its count of violations. */
#include "market/audit.h"

#include "market/answer.h"

static const struct member check_members[] = {
	{ "name", IS_TEXT },
	{ "violations", IS_INTEGER },
	{ "checked_at", IS_TIME, .nullable = true },
	{ "swept_at", IS_TIME, .nullable = true },
	{ 0 },
};

static const struct answer_schema check_schema = { "Check", check_members };

static const struct member audit_members[] = {
	{ "checks", IS_LIST, .of = &check_schema },
	{ "violations", IS_INTEGER },
	{ "checked_at", IS_TIME, .nullable = true },
	{ "swept_at", IS_TIME, .nullable = true },
	{ 0 },
};

const struct answer_schema audit_schema = { "Audit", audit_members };

void
audit_step(void)
{
	struct db_result row = { 0 };

	db_call(answer_db(), SQL_audit_step, NULL, 0, &row);
	db_result_clear(&row);
}
