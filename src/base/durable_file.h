/* Files that are there as a whole, or not at all, also after a crash. */
#ifndef SHOETOPIA_BASE_DURABLE_FILE_H
#define SHOETOPIA_BASE_DURABLE_FILE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Writes a file of this name into a folder, in place of one that is there: under a temporary name
 * first, synced, then renamed. Mode 0640. False, with errno set, if it could not be.
 */
bool durable_file_write(const char *folder, const char *name, const void *data, size_t length);

#endif
