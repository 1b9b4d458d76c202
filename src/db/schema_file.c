#include "db/schema_file.h"

#include <glib.h>
#include <string.h>

const struct schema_file **
schema_files_of(enum schema_kind kind)
{
	const struct schema_file **files = g_new0(const struct schema_file *, n_schema_files + 2);
	size_t n = 0;

	for (size_t i = 0; i < n_schema_files; i++)
		if (schema_files[i].kind == kind)
			files[n++] = &schema_files[i];
	return files;
}

const struct schema_file *
schema_migrate_file(const char *name)
{
	for (size_t i = 0; i < n_schema_files; i++)
		if (schema_files[i].kind == SCHEMA_MIGRATE &&
			strcmp(schema_files[i].name, name) == 0)
			return &schema_files[i];
	g_error("schema/migrate/%s.sql is not in this program", name);
}

int
schema_newest(void)
{
	int newest = 0;

	for (size_t i = 0; i < n_schema_files; i++)
		newest = MAX(newest, schema_files[i].version);
	return newest;
}

char *
schema_file_digest(const struct schema_file *file)
{
	return g_compute_checksum_for_string(G_CHECKSUM_SHA256, file->text, -1);
}

/* With its NUL, so that the end of one text cannot be taken for the beginning of the next. */
static void
add_text(GChecksum *sum, const char *text)
{
	g_checksum_update(sum, (const guchar *)text, (gssize)strlen(text) + 1);
}

char *
schema_functions_digest(void)
{
	g_autofree const struct schema_file **files = schema_files_of(SCHEMA_FUNCTIONS);
	g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);

	add_text(sum, schema_migrate_file("functions")->text);
	for (size_t i = 0; files[i] != NULL; i++) {
		add_text(sum, files[i]->name);
		add_text(sum, files[i]->text);
	}
	return g_strdup(g_checksum_get_string(sum));
}
