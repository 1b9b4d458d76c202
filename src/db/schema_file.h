/*
 * The files of schema/ that the program carries in itself; the table is made by embed.awk at build time.
 *
 * Sorted by folder, then by name: functions, what migrate itself needs, migrations. Static and constant.
 */
#ifndef SHOETOPIA_DB_SCHEMA_FILE_H
#define SHOETOPIA_DB_SCHEMA_FILE_H

#include <stddef.h>

enum schema_kind {
	SCHEMA_FUNCTIONS, /* schema/functions: what schema api is made of, anew with each version of the program */
	SCHEMA_MIGRATE,    /* schema/migrate: what --migrate itself needs */
	SCHEMA_MIGRATIONS, /* schema/migrations: the tables, step by step, each once */
};

struct schema_file {
	enum schema_kind kind;
	int version;      /* of a migration, from 1; else 0 */
	const char *name; /* without its folder and ".sql" */
	const char *text;
};

extern const struct schema_file schema_files[];
extern const size_t n_schema_files;

#endif
