#include "db/result.h"

#include <glib.h>
#include <string.h>

const char *
db_result_get(const struct db_result *result, const char *name)
{
	for (size_t i = 0; result->names != NULL && result->names[i] != NULL; i++)
		if (strcmp(result->names[i], name) == 0)
			return result->values[i];
	return NULL;
}

void
db_result_clear(struct db_result *result)
{
	for (size_t i = 0; result->names != NULL && result->names[i] != NULL; i++) {
		g_free(result->names[i]);
		g_free(result->values[i]);
	}
	g_free(result->names);
	g_free(result->values);
	g_free(result->answer);
	g_free(result->extra);
	*result = (struct db_result){ 0 };
}
