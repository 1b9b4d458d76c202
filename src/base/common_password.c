#include "base/common_password.h"

#include <glib.h>
#include <string.h>

/* Binary search by bytes: `low` and `high` are where entries begin, or the end of the list. */
bool
password_is_common(const char *password)
{
	g_autofree char *lower = g_ascii_strdown(password, -1);
	size_t low = 0;
	size_t high = common_passwords_size;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order;

		while (middle > low && common_passwords[middle - 1] != '\0')
			middle--;
		order = strcmp(lower, common_passwords + middle);
		if (order == 0)
			return true;
		if (order < 0)
			high = middle;
		else
			low = middle + strlen(common_passwords + middle) + 1;
	}
	return false;
}
