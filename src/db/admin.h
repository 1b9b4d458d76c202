/*
 * What an operator does with the schema from the command line: bring it up to date, prove the statements, look at the invariants.
 *
 * Each opens a connection of its own (libpq's environment; --migrate and --audit want the owner's role), writes to standard output what it does, and to standard error what
 * went wrong, in sentences. Each returns an exit status: 0 is good.
 */
#ifndef SHOETOPIA_DB_ADMIN_H
#define SHOETOPIA_DB_ADMIN_H

/*
 * Applies the migrations that the database has not yet, then replaces the functions if they differ from this program's. Takes an
 * advisory lock first: two at once are safe, and the second finds nothing to do. Refuses a schema that is newer than the program.
 */
int admin_migrate(void);

/* Prepares every statement of the registry as the role it is run with; tells which one PostgreSQL refuses. */
int admin_check(void);

/* Prints every invariant with its count of violations; 1 if any is violated. */
int admin_audit(void);

/* Makes the account with this e-mail an admin; 1 if there is none. */
int admin_grant(const char *email);

/* 0 if the schema in the database is the one that this program was built with; else says on standard error what to do. */
int admin_schema_is_ours(void);

#endif
