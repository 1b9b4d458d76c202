/* `--grant-admin`, `--set-password`: what an operator gives to an account. */
#ifndef SHOETOPIA_DB_GRANT_H
#define SHOETOPIA_DB_GRANT_H

/*
 * Makes the account with this e-mail an admin. Connects as the owner's role. Returns an exit
 * status: 1 if there is no such account.
 */
int grant_admin(const char *email);

/*
 * Sets the account's password, by its hash, and ends its sessions. Connects as the owner's role.
 * Returns an exit status: 1 if there is no such account.
 */
int grant_password(const char *email, const char *hash);

#endif
