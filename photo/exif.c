#include "photo/exif.h"

#include <string.h>

enum {
	HEADER_SIZE = 8,
	ENTRY_SIZE = 12,
	ENTRIES_MAX = 512,
	TAG_ORIENTATION = 0x0112,
	TYPE_SHORT = 3,
};

static unsigned
number_at(struct bytes tiff, size_t at, int size, bool is_little)
{
	unsigned number = 0;

	for (int i = 0; i < size; i++)
		number = number << 8 | tiff.at[at + (size_t)(is_little ? size - 1 - i : i)];
	return number;
}

unsigned
exif_orientation(struct bytes tiff)
{
	bool is_little = tiff.length >= HEADER_SIZE && memcmp(tiff.at, "II*\0", 4) == 0;
	size_t at, entries;

	if (tiff.length < HEADER_SIZE || (!is_little && memcmp(tiff.at, "MM\0*", 4) != 0))
		return 1;
	at = number_at(tiff, 4, 4, is_little);
	if (at > tiff.length - 2)
		return 1;
	entries = number_at(tiff, at, 2, is_little);
	at += 2;
	for (size_t i = 0; i < entries && i < ENTRIES_MAX; i++, at += ENTRY_SIZE) {
		unsigned value;

		if (tiff.length - at < ENTRY_SIZE)
			return 1;
		if (number_at(tiff, at, 2, is_little) != TAG_ORIENTATION ||
			number_at(tiff, at + 2, 2, is_little) != TYPE_SHORT)
			continue;
		value = number_at(tiff, at + 8, 2, is_little);
		return value >= 1 && value <= 8 ? value : 1;
	}
	return 1;
}
