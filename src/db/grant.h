/* `--grant-admin`: gives an account the role of an admin. */
#ifndef SHOETOPIA_DB_GRANT_H
#define SHOETOPIA_DB_GRANT_H

/*
 * Makes the account with this e-mail an admin. Connects as the owner's role. Returns an exit
 * status: 1 if there is no such account.
 */
int grant_admin(const char *email);

#endif
