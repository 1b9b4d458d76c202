/*
 * What an operator does with the schema from the command line: bring it up to date, prove the statements, look at the invariants.
 *
 * Each opens a connection of its own (libpq's environment; --migrate, --audit and --grant-admin want the owner's role), writes to
 * standard output what it does, and to standard error what went wrong, in sentences. Each returns an exit status: 0 is good.
 */
#ifndef SHOETOPIA_DB_ADMIN_H
#define SHOETOPIA_DB_ADMIN_H

/*
 * Applies the migrations that the database has not yet, then replaces the functions if they differ from this program's. Takes an
 * advisory lock first: two at once are safe, and the second finds nothing to do. Refuses a schema that is newer than the program.
 */
int admin_migrate(void);

/*
 * Prepares every statement of the registry as the role it is run with, and asks whether that role may run it; tells which one PostgreSQL
 * refuses. Nothing is run. Those of an operator's commands are only prepared, unless the role is the owner's.
 */
int admin_check(void);

/* Prints every invariant with its count of violations; 1 if any is violated. */
int admin_audit(void);

/* Makes the account with this e-mail an admin; 1 if there is none. */
int admin_grant(const char *email);

/*
 * For a program that starts: 0 if the schema in the database is the one that this program was built with, and the server keeps what it
 * acknowledges (synchronous_commit is not off; without fsync or full_page_writes there is a warning). 1 if not, after it said what to do; 2 if
 * the database does not answer now, which passes.
 */
int admin_schema_is_ours(void);

#endif
