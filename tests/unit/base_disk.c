/* The free space of a disk, around the limit. */
#include <stdint.h>
#include <sys/statvfs.h>

#include "base/disk.h"
#include "unit.h"

static void
test_limits(void **state)
{
	struct statvfs disk;
	long free_mib;

	(void)state;
	assert_int_equal(statvfs("/tmp", &disk), 0);
	free_mib = (long)((uint64_t)disk.f_bavail * disk.f_frsize >> 20);
	assert_false(disk_is_low("/tmp", 0, false));
	assert_false(disk_is_low("/tmp", free_mib / 2, false));
	assert_false(disk_is_low("/tmp", free_mib / 2, true));
	assert_true(disk_is_low("/tmp", free_mib * 2 + 1, false));
	assert_false(disk_is_low("/tmp", free_mib - free_mib / 20, false));
	assert_true(disk_is_low("/tmp", free_mib - free_mib / 20, true));
	assert_false(disk_is_low("/nowhere/at/all", 1, false));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
