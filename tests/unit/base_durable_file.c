/* Files that are there as a whole: written, replaced, and nothing is left of a failed attempt. */
#include "base/durable_file.h"

#include <errno.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "unit.h"

static char folder[] = "/tmp/shoetopia-file-test.XXXXXX";

static unsigned
count_files(void)
{
	GDir *dir = g_dir_open(folder, 0, NULL);
	unsigned n = 0;

	while (g_dir_read_name(dir) != NULL)
		n++;
	g_dir_close(dir);
	return n;
}

static void
test_a_file_is_replaced(void **state)
{
	static const char *const texts[] = { "a long first text", "second", "" };
	g_autofree char *path = g_build_filename(folder, "1.eml", NULL);

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autofree char *found = NULL;

		assert_true(durable_file_write(folder, "1.eml", texts[i], strlen(texts[i])));
		assert_true(g_file_get_contents(path, &found, NULL, NULL));
		assert_string_equal(found, texts[i]);
		assert_int_equal(count_files(), 1);
	}
	g_unlink(path);
}

static void
test_a_failure_leaves_nothing(void **state)
{
	g_autofree char *path = g_build_filename(folder, "taken", NULL);

	(void)state;
	assert_false(durable_file_write("/tmp/no such folder", "1.eml", "x", 1));
	assert_int_equal(errno, ENOENT);
	g_mkdir(path, 0700);
	assert_false(durable_file_write(folder, "taken", "x", 1));
	assert_int_equal(errno, EISDIR);
	assert_int_equal(count_files(), 1);
	g_rmdir(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_file_is_replaced),
		cmocka_unit_test(test_a_failure_leaves_nothing),
	};
	int failed;

	if (g_mkdtemp(folder) == NULL)
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	g_rmdir(folder);
	return failed;
}
