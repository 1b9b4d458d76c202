/*
 * Who may call a row is what the functions of its statement allow: for the whole site; and rows
 * that promise what the database does not check are refused.
 */
#include <string.h>

#include "db/statement.h"
#include "market/answer.h"
#include "market/rights.h"
#include "market/routes.h"
#include "unit.h"

static void
test_site(void **state)
{
	g_autofree char *fault = rights_fault(&market_site);

	(void)state;
	if (fault != NULL)
		fail_msg("%s", fault);
}

/* What the build found in the functions, for one statement of each kind. */
static void
test_statements(void **state)
{
	static const struct {
		enum sql_id id;
		const char *who;
		bool takes_session;
	} expected[] = {
		{ SQL_health, "anyone", false },
		{ SQL_photo_file, "anyone", false },
		{ SQL_shop_listings, "anyone", true },
		{ SQL_account, "member", true },
		{ SQL_checkout, "member", true }, /* batched */
		{ SQL_create_listing, "owner", true },
		{ SQL_create_account, "anyone", false },
		{ SQL_change_event, "owner", true }, /* of the event's shop */
		{ SQL_verification, "owner", true },
		{ SQL_audit, "admin", true },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(expected); i++) {
		const struct statement *s = &statements[expected[i].id];

		assert_string_equal(s->who, expected[i].who);
		assert_int_equal(s->takes_session, expected[i].takes_session);
	}
}

/* The refusal of a site with this row alone; NULL: it is sound. */
static char *
fault_of(enum who who, enum sql_id statement)
{
	const struct route row = { GET, "/admin/members", who, .status = 200,
		.handler = answer_statement, .statement = (int)statement, .name = "members",
		.summary = "Members" };
	const struct site site = { .routes = &row, .n_routes = 1 };

	return rights_fault(&site);
}

static void
test_rows(void **state)
{
	static const struct {
		enum who who;
		enum sql_id statement;
		const char *fault; /* NULL: sound */
	} rows[] = {
		/* no caller to check */
		{ ANYONE, SQL_NONE, NULL },
		{ ANYONE, SQL_health, NULL },
		{ ANYONE, SQL_shop_listings, NULL },
		{ OPERATOR, SQL_NONE, NULL },
		{ OPERATOR, SQL_health, NULL },
		/* equal words */
		{ MEMBER, SQL_account, NULL },
		{ OWNER, SQL_shop_balance, NULL },
		{ ADMIN, SQL_audit, NULL },
		{ MEMBER, SQL_checkout, NULL },
		{ OWNER, SQL_create_listing, NULL },
		/* nothing checks the caller */
		{ ADMIN, SQL_health, "does not take the session" },
		{ MEMBER, SQL_photo_file, "does not take the session" },
		{ ADMIN, SQL_NONE, "names no statement" },
		{ MEMBER, SQL_NONE, "names no statement" },
		/* the functions allow others than the row */
		{ ADMIN, SQL_shop_listings, "whose functions allow: anyone" },
		{ ADMIN, SQL_account, "whose functions allow: member" },
		{ ADMIN, SQL_checkout, "whose functions allow: member" },
		{ MEMBER, SQL_create_listing, "whose functions allow: owner" },
		{ ANYONE, SQL_cart, "whose functions allow: member" },
		{ OPERATOR, SQL_audit, "whose functions allow: admin" },
		/* the program's role may not call it */
		{ ANYONE, SQL_audit_rows, "an operator's command" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *fault = fault_of(rows[i].who, rows[i].statement);

		if ((fault == NULL) != (rows[i].fault == NULL))
			fail_msg("row %zu: %s", i, fault != NULL ? fault : "not refused");
		if (fault == NULL)
			continue;
		assert_non_null(strstr(fault, rows[i].fault));
		assert_non_null(strstr(fault, "GET /admin/members"));
	}
}

/* A write of a session whose statement takes no key would happen twice. */
static void
test_keys(void **state)
{
	struct route row = { DELETE, "/sessions/current", MEMBER, .status = 204,
		.handler = answer_statement, .statement = SQL_end_session, .name = "end",
		.summary = "End" };
	const struct site site = { .routes = &row, .n_routes = 1 };
	g_autofree char *keyless = rights_fault(&site);
	g_autofree char *never = NULL;
	g_autofree char *framed = NULL;

	(void)state;
	assert_non_null(keyless);
	assert_non_null(strstr(keyless, "has statement end_session, which takes no key"));
	row.key = KEY_NEVER;
	never = rights_fault(&site);
	assert_null(never);
	row.key = KEY_MAY;
	row.statement = SQL_end_sale;
	row.who = OWNER;
	framed = rights_fault(&site);
	assert_null(framed);
}

/* A write that only admins may make adds a line to the log of privileged acts. */
static void
test_acts(void **state)
{
	struct route row = { PUT, "/shops/{shop_id}/verification", ADMIN, .status = 200,
		.handler = answer_statement, .statement = SQL_audit, .key = KEY_NEVER,
		.name = "decide", .summary = "Decide" };
	const struct site site = { .routes = &row, .n_routes = 1 };
	g_autofree char *unlogged = rights_fault(&site);
	g_autofree char *logged = NULL;

	(void)state;
	assert_non_null(unlogged);
	assert_non_null(strstr(unlogged, "has statement audit, which notes no act"));
	row.statement = SQL_decide_verification;
	logged = rights_fault(&site);
	assert_null(logged);
}

/* A field or id must not replace what the request itself says, such as the session. */
static void
test_reserved_names(void **state)
{
	static const struct field fields[] = { { "name", FIELD_TEXT }, { "session", FIELD_TEXT },
		{ 0 } };
	struct route row = { GET, "/cart/{key}", MEMBER, .status = 200, .statement = SQL_cart };
	const struct site site = { .routes = &row, .n_routes = 1 };
	g_autofree char *of_id = rights_fault(&site);
	g_autofree char *of_field = NULL;

	(void)state;
	assert_non_null(of_id);
	assert_non_null(strstr(of_id, "reserved name key"));
	row.path = "/cart/{keys}";
	assert_null(rights_fault(&site));
	row.fields = fields;
	of_field = rights_fault(&site);
	assert_non_null(of_field);
	assert_non_null(strstr(of_field,
		"GET /cart/{keys}, has a field or id with the reserved "
		"name session"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_site),
		cmocka_unit_test(test_statements),
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_acts),
		cmocka_unit_test(test_reserved_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
