/* The list of the most common passwords: its form, and that it is found in whatever case. */
#include <glib.h>
#include <string.h>

#include "base/common_password.h"
#include "unit.h"

enum { ENTRIES = 10000, LENGTH_MIN = 8 };

static void
test_list(void **state)
{
	const char *before = "";
	int n = 0;

	(void)state;
	for (size_t at = 0; at < common_passwords_size; at += strlen(common_passwords + at) + 1) {
		const char *entry = common_passwords + at;
		g_autofree char *upper = g_ascii_strup(entry, -1);

		assert_true(strcmp(before, entry) < 0);
		assert_true(strlen(entry) >= LENGTH_MIN);
		assert_true(password_is_common(entry));
		assert_true(password_is_common(upper));
		before = entry;
		n++;
	}
	assert_int_equal(n, ENTRIES);
}

static void
test_samples(void **state)
{
	static const char *const common[] = { "password1", "12345678", "qwertyuiop", "iloveyou",
		"sunshine1", "PassWord", "trustno1", "1q2w3e4r", "baseball", NULL };
	static const char *const others[] = { "", "a", "~~~~~~~~~~~~", "password1 ", " password1",
		"correct horse battery", "zzzzzzzzzzzzzzzzzzzz", "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9",
		NULL };

	(void)state;
	for (const char *const *p = common; *p != NULL; p++)
		assert_true(password_is_common(*p));
	for (const char *const *p = others; *p != NULL; p++)
		assert_false(password_is_common(*p));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_samples),
	};

	return cmocka_run_group_tests_name("base_common_password", tests, NULL, NULL);
}
