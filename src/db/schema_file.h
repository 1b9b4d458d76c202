/*
 * The SQL files of schema/ that the program contains; embed.awk generates the table at build time.
 *
 * Sorted by folder, then by name: functions, migrate, migrations. Static and constant.
 */
#ifndef SHOETOPIA_DB_SCHEMA_FILE_H
#define SHOETOPIA_DB_SCHEMA_FILE_H

#include <stddef.h>

enum schema_kind {
	SCHEMA_FUNCTIONS,  /* schema/functions: creates schema api, for this program's version */
	SCHEMA_MIGRATE,    /* schema/migrate: what --migrate itself needs */
	SCHEMA_MIGRATIONS, /* schema/migrations: changes to the tables, each applied once */
};

struct schema_file {
	enum schema_kind kind;
	int version;      /* of a migration, from 1; else 0 */
	const char *name; /* without folder and ".sql" */
	const char *text;
};

extern const struct schema_file schema_files[];
extern const size_t n_schema_files;

/*
 * All files of a kind in order, NULL-terminated; g_free the array. It is big enough for files of
 * all kinds and 2 more.
 */
const struct schema_file **schema_files_of(enum schema_kind kind);

/* The file of schema/migrate with this name. Ends the process if there is none. */
const struct schema_file *schema_migrate_file(const char *name);

/* Version of the newest migration. */
int schema_newest(void);

/* SHA-256 in hex of a migration's text; g_free it. */
char *schema_file_digest(const struct schema_file *file);

/* SHA-256 in hex over the names and texts of all functions, and functions.sql; g_free it. */
char *schema_functions_digest(void);

#endif
