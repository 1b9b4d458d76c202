/* How much free space a disk has. */
#ifndef SHOETOPIA_BASE_DISK_H
#define SHOETOPIA_BASE_DISK_H

#include <stdbool.h>

/*
 * Whether the file system of `folder` has less than `min_mib` MiB for users other than root, or,
 * if `was_low`, less than a tenth more: so that the answer does not alternate at the limit. False
 * if that cannot be found out.
 */
bool disk_is_low(const char *folder, long min_mib, bool was_low);

#endif
