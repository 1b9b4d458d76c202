/* The worker of the outbox: what a handler sees of its row, and what is recorded of its outcome. */
#include <string.h>

#include "fake_db.h"
#include "market/outbox_worker.h"
#include "unit.h"

#define ROW_OF(kind)                                                                               \
	"[{\"outbox_id\":7,\"kind\":\"" kind "\",\"subject\":\"order 5 paid\",\"order_id\":5,"     \
	"\"account_id\":null,\"body\":\"a=\\\"1\\\"\",\"key\":\"k\",\"attempts\":3,"               \
	"\"lease\":\"l\",\"key_seconds\":null,\"age_seconds\":9}]"
#define ROW ROW_OF("mail")

static enum outbox_outcome outcome;
static int n_handled, n_steps;

static enum outbox_outcome
handle(const struct outbox_row *row, GString *why)
{
	fake.answer = "[]"; /* of the next take */
	n_handled++;
	assert_string_equal(row->outbox_id, "7");
	assert_string_equal(row->subject, "order 5 paid");
	assert_string_equal(row->order_id, "5");
	assert_null(row->account_id);
	assert_string_equal(row->body, "a=\"1\"");
	assert_string_equal(row->key, "k");
	assert_string_equal(row->lease, "l");
	assert_int_equal(row->attempts, 3);
	assert_int_equal(row->age_seconds, 9);
	assert_int_equal(row->key_seconds, -1);
	g_string_assign(why, "why");
	return outcome;
}

static void
step(void)
{
	n_steps++;
	if (n_steps == 2)
		fake.answer = "[]";
}

static const struct outbox_kind mail = { "mail", 3, 5000, handle };
/* its lease has run out when a row of it starts */
static const struct outbox_kind late = { "session", 3, -5000, handle };

/* Runs what is due: the row above, then nothing. */
static void
run_with(enum outbox_outcome with)
{
	fake_reset(NULL);
	fake.answer = ROW;
	outcome = with;
	n_handled = n_steps = 0;
	assert_int_equal(outbox_run_due(), 1);
	assert_int_equal(n_handled, 1);
	assert_int_equal(n_steps, 2);
}

static void
expect_param(size_t call, const char *name, const char *value)
{
	g_autofree char *text = fake_param(call, name);

	assert_string_equal(text, value);
}

static void
test_outcomes(void **state)
{
	static const struct {
		enum outbox_outcome outcome;
		enum sql_id id;
		const char *next_key;
	} cases[] = {
		{ OUTBOX_DONE, SQL_outbox_done, "false" },
		{ OUTBOX_RETRY, SQL_outbox_retry, "false" },
		{ OUTBOX_NEXT_KEY, SQL_outbox_retry, "true" },
		{ OUTBOX_FLAG, SQL_outbox_flag, "false" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		run_with(cases[i].outcome);
		assert_int_equal(fake.n_calls, 3);
		assert_int_equal(fake.calls[0].id, SQL_outbox_take);
		expect_param(0, "kinds", "{mail,session}");
		expect_param(0, "limits", "{1,1}");
		expect_param(0, "leases_ms", "{5000,-5000}");
		assert_int_equal(fake.calls[1].id, cases[i].id);
		expect_param(1, "outbox_id", "7");
		expect_param(1, "lease", "l");
		expect_param(1, "error", "why");
		expect_param(1, "next_key", cases[i].next_key);
	}
}

/* The handler's own statement has recorded it. */
static void
test_recorded(void **state)
{
	(void)state;
	run_with(OUTBOX_RECORDED);
	assert_int_equal(fake.n_calls, 2);
	assert_int_equal(fake.calls[1].id, SQL_outbox_take);
}

/* A row that starts too late is put back: another worker may have it. */
static void
test_late(void **state)
{
	(void)state;
	fake_reset(NULL);
	fake.answer = ROW_OF("session");
	n_handled = n_steps = 0;
	assert_int_equal(outbox_run_due(), 1);
	assert_int_equal(n_handled, 0);
	assert_int_equal(fake.calls[1].id, SQL_outbox_retry);
	expect_param(1, "next_key", "false");
}

/* Nothing is done, and nothing crashes, if the database does not answer or answers nonsense. */
static void
test_faults(void **state)
{
	static const char *const answers[] = { "[{\"kind\":\"other\"}]", "{}", "no JSON", "" };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(answers); i++) {
		fake_reset(NULL);
		fake.answer = answers[i];
		assert_int_equal(outbox_run_due(), 0);
	}
	fake_reset(NULL);
	fake.answer = ROW;
	fake.err[0] = ERR_BUSY;
	assert_int_equal(outbox_run_due(), 0);
}

/* Where no worker may run, none is started: the caller does what is due. */
static void
test_no_worker(void **state)
{
	(void)state;
	outbox_start();
	fake_reset(NULL);
	fake.answer = ROW;
	n_handled = 0;
	outcome = OUTBOX_DONE;
	outbox_await("5");
	assert_int_equal(n_handled, 1);
	outbox_stop();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_outcomes),
		cmocka_unit_test(test_recorded),
		cmocka_unit_test(test_late),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_no_worker),
	};

	outbox_add_kind(&mail);
	outbox_add_kind(&late);
	outbox_add_step(step);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
