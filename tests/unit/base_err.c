/* The list of errors is complete and unambiguous, and has the codes of the HTTP contract. */
#include <string.h>

#include "base/err.h"
#include "unit.h"

/* The codes of the contract ("Every answer"), each with its status. */
static const struct {
	const char *code;
	int status;
} contract[] = {
	{ "invalid", 422 },
	{ "not_json", 400 },
	{ "unauthenticated", 401 },
	{ "wrong_password", 401 },
	{ "forbidden", 403 },
	{ "cross_origin", 403 },
	{ "not_found", 404 },
	{ "method_not_allowed", 405 },
	{ "email_taken", 409 },
	{ "name_taken", 409 },
	{ "shop_exists", 409 },
	{ "sale_active", 409 },
	{ "out_of_stock", 409 },
	{ "cart_empty", 409 },
	{ "already_reserved", 409 },
	{ "slot_taken", 409 },
	{ "already_booked", 409 },
	{ "stale", 412 },
	{ "too_large", 413 },
	{ "unsupported_type", 415 },
	{ "price_changed", 409 },
	{ "out_of_funds", 409 },
	{ "invalid_state", 409 },
	{ "bad_signature", 400 },
	{ "key_missing", 400 },
	{ "key_reused", 422 },
	{ "version_missing", 428 },
	{ "too_many_requests", 429 },
	{ "busy", 503 },
};

static void
test_contract(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof contract / sizeof contract[0]; i++) {
		enum err e = err_by_code(contract[i].code);

		assert_string_equal(err_info(e)->code, contract[i].code);
		assert_int_equal(err_info(e)->status, contract[i].status);
	}
	/* and besides those only success, our own failure, and the 400 that is "invalid", too */
	assert_int_equal(ERR_COUNT, sizeof contract / sizeof contract[0] + 3);
	assert_string_equal(err_info(ERR_BAD_HEADER)->code, "invalid");
	assert_int_equal(err_info(ERR_BAD_HEADER)->status, 400);
}

static void
test_list_is_complete(void **state)
{
	(void)state;
	for (int i = 0; i < ERR_COUNT; i++) {
		const struct err_info *info = err_info((enum err)i);

		assert_non_null(info->code);
		assert_true(strlen(info->title) > 0);
		assert_true(strlen(info->sentence) > 0);
		assert_true(i == ERR_NONE ? info->status == 200
					  : info->status >= 400 && info->status < 600);
		assert_true((info->status >= 500) == (i == ERR_BUSY || i == ERR_FAULT));
		assert_int_equal(
			strspn(info->code, "abcdefghijklmnopqrstuvwxyz_"), strlen(info->code));
		if (i == ERR_BAD_HEADER)
			continue;
		for (int j = 0; j < i; j++)
			assert_string_not_equal(err_info((enum err)j)->code, info->code);
		assert_int_equal(err_by_code(info->code), i);
	}
}

static void
test_unknown_is_our_fault(void **state)
{
	(void)state;
	assert_int_equal(err_by_code("no_such_code"), ERR_FAULT);
	assert_int_equal(err_by_code(""), ERR_FAULT);
	assert_int_equal(err_by_code("INVALID"), ERR_FAULT);
	assert_int_equal(err_info(ERR_COUNT)->status, 500);
	assert_int_equal(err_info((enum err) - 1)->status, 500);
}

static void
test_sqlstates(void **state)
{
	static const struct {
		const char *sqlstate;
		enum err err;
	} table[] = {
		{ "40001", ERR_BUSY },
		{ "40P01", ERR_BUSY },
		{ "55P03", ERR_BUSY },
		{ "57014", ERR_BUSY },
		{ "25P03", ERR_BUSY },
		{ "57P01", ERR_BUSY },
		{ "57P03", ERR_BUSY },
		{ "08006", ERR_BUSY },
		{ "08P01", ERR_BUSY },
		{ "53300", ERR_BUSY },
		{ "53100", ERR_BUSY },
		{ "25006", ERR_BUSY },
		{ "ST001", ERR_BUSY },
		{ "57P02", ERR_BUSY },
		{ "53200", ERR_BUSY },
		{ "58000", ERR_BUSY },
		{ "58030", ERR_BUSY },
		{ "58P01", ERR_BUSY },
		{ "XX000", ERR_BUSY },
		{ "XX001", ERR_BUSY },
		{ "XX002", ERR_BUSY },
		{ NULL, ERR_BUSY },
		/* what only a mistake of ours can cause */
		{ "23505", ERR_FAULT },
		{ "42P01", ERR_FAULT },
		{ "22003", ERR_FAULT },
		{ "42501", ERR_FAULT },
		{ "40000", ERR_FAULT },
		{ "55006", ERR_FAULT },
		{ "57000", ERR_FAULT },
		{ "25001", ERR_FAULT },
		{ "25P02", ERR_FAULT },
		{ "XX999", ERR_FAULT },
		{ "", ERR_FAULT },
		{ "5", ERR_FAULT },
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (err_by_sqlstate(table[i].sqlstate) != table[i].err)
			fail_msg("SQLSTATE %s becomes %s",
				table[i].sqlstate == NULL ? "(none)" : table[i].sqlstate,
				err_info(err_by_sqlstate(table[i].sqlstate))->code);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_contract),
		cmocka_unit_test(test_list_is_complete),
		cmocka_unit_test(test_unknown_is_our_fault),
		cmocka_unit_test(test_sqlstates),
	};

	return cmocka_run_group_tests_name("base_err", tests, NULL, NULL);
}
