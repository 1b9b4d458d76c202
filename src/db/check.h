/* `--check`: asks PostgreSQL whether every statement of the registry is valid. */
#ifndef SHOETOPIA_DB_CHECK_H
#define SHOETOPIA_DB_CHECK_H

/*
 * Prepares every statement as the connected role, and checks that this role may run it; prints each
 * that PostgreSQL refuses. Runs none. The statements of an operator's commands are only prepared,
 * unless the role is the owner. Returns an exit status.
 */
int check_statements(void);

#endif
