/* base/photo_file: what is no fault of the picture is not said to be one. */
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/photo_file.h"
#include "unit.h"

/* What a program in place of the decoder comes to. */
static enum photo_result
make_by(const char *program, const char **sentence)
{
	g_autoptr(GString) body = g_string_new("a picture");
	g_autoptr(GString) out = g_string_new(NULL);
	struct photo_file files[PHOTO_FILES];

	assert_int_equal(setenv("SHOETOPIA_PHOTO_PROGRAM", program, 1), 0);
	return photo_make(body, "image/png", out, files, sentence);
}

static void
test_results(void **state)
{
	const char *sentence = NULL;

	(void)state;
	assert_int_equal(make_by("/nonexistent", &sentence), PHOTO_FAILED);
	assert_int_equal(make_by("/bin/ls", &sentence), PHOTO_FAILED); /* status 2: no such file */
	assert_null(sentence);
	assert_int_equal(make_by("/bin/false", &sentence), PHOTO_REFUSED);
	assert_non_null(sentence);
}

static void
test_lack_of_descriptors(void **state)
{
	struct rlimit before, none;
	const char *sentence = NULL;
	enum photo_result result;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = (struct rlimit){ .rlim_cur = 0, .rlim_max = before.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	result = make_by("/bin/cat", &sentence);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(result, PHOTO_BUSY);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_results),
		cmocka_unit_test(test_lack_of_descriptors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
