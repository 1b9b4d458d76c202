#include "base/disk.h"

#include <stdint.h>
#include <sys/statvfs.h>

bool
disk_is_low(const char *folder, long min_mib, bool was_low)
{
	struct statvfs disk;
	uint64_t free_mib;

	if (statvfs(folder, &disk) != 0)
		return false;
	free_mib = (uint64_t)disk.f_bavail * disk.f_frsize >> 20;
	return free_mib < (uint64_t)(was_low ? min_mib + min_mib / 10 : min_mib);
}
