/* base/child: another program gets the bytes and its output comes back, within its limits. */
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/child.h"
#include "unit.h"

enum { OUT_MAX = 1000 * 1000, SECONDS = 20 };

static const char *const cat[] = { "/bin/cat", NULL };

static void
test_bytes_come_back(void **state)
{
	g_autofree char *in = g_strnfill(OUT_MAX, 'x'); /* more than a socket holds */
	g_autoptr(GString) out = g_string_new(NULL);
	g_autofree char *why = NULL;

	(void)state;
	assert_true(child_run(cat, in, OUT_MAX, OUT_MAX, SECONDS, out, &why));
	assert_string_equal(out->str, in);
	assert_null(why);
}

static void
test_limits_are_kept(void **state)
{
	static const char *const sleep[] = { "/bin/sleep", "60", NULL };
	static const char *const nothing[] = { "/nonexistent", NULL };
	static const char *const fails[] = { "/bin/false", NULL };
	static const struct {
		const char *const *argv;
		size_t out_max;
		int seconds;
		const char *why;
	} cases[] = {
		{ cat, 2, SECONDS, "wrote too much" },
		{ sleep, OUT_MAX, 1, "took too long" },
		{ nothing, OUT_MAX, SECONDS, "cannot be run" },
		{ fails, OUT_MAX, SECONDS, "ended with status 1" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		g_autoptr(GString) out = g_string_new(NULL);
		g_autofree char *why = NULL;

		assert_false(child_run(
			cases[i].argv, "abc", 3, cases[i].out_max, cases[i].seconds, out, &why));
		assert_non_null(strstr(why, cases[i].why));
	}
}

/* Descriptor 0 is the program's listening socket. */
static void
test_lack_of_descriptors_closes_none(void **state)
{
	g_autoptr(GString) out = g_string_new(NULL);
	g_autofree char *why = NULL;
	struct rlimit before, none;
	int next = open("/dev/null", O_RDONLY);
	bool is_run;

	(void)state;
	assert_true(next > 0);
	close(next);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	none.rlim_cur = (rlim_t)next;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	is_run = child_run(cat, "abc", 3, OUT_MAX, SECONDS, out, &why);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_false(is_run);
	assert_non_null(strstr(why, "cannot be run"));
	assert_true(fcntl(STDIN_FILENO, F_GETFD) >= 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes_come_back),
		cmocka_unit_test(test_limits_are_kept),
		cmocka_unit_test(test_lack_of_descriptors_closes_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
