#include "market/size.h"

#include <glib.h>
#include <string.h>

const char *const size_unit_names[] = { "us", "eu", "uk", "cm", NULL };

enum size_unit
size_unit_of(const char *name)
{
	for (int unit = SIZE_US; name != NULL && unit < SIZE_UNITS; unit++)
		if (strcmp(size_unit_names[unit], name) == 0)
			return (enum size_unit)unit;
	return SIZE_US;
}

const char *
size_in(enum size_unit unit, const char *audience, const char *us)
{
	size_t own = strcmp(audience, "women") == 0 ? 1 : 0;

	for (size_t i = 0; unit != SIZE_US && i < n_size_rows; i++)
		if (strcmp(size_rows[i][own], us) == 0)
			return size_rows[i][unit + 1];
	return us;
}

char *
size_words(enum size_unit unit, const char *audience, const char *us)
{
	static const char *const before[] = { "US ", "EU ", "UK ", "" };

	return g_strconcat(
		before[unit], size_in(unit, audience, us), unit == SIZE_CM ? " cm" : "", NULL);
}
