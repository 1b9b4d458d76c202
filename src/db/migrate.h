/* `--migrate`: brings the schema of the database up to date. */
#ifndef SHOETOPIA_DB_MIGRATE_H
#define SHOETOPIA_DB_MIGRATE_H

/*
 * Applies the migrations that the database does not have, then replaces the functions if they
 * differ from this program's. Connects as the owner's role. An advisory lock serialises two runs;
 * the second finds nothing to do. Refuses a schema that is newer than the program. Returns an exit
 * status.
 */
int migrate_run(void);

#endif
