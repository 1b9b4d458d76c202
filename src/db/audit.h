/* `--audit`: checks the invariants of the data. */
#ifndef SHOETOPIA_DB_AUDIT_H
#define SHOETOPIA_DB_AUDIT_H

/*
 * Prints every invariant with the number of its violations. Connects as the owner's role. Returns
 * an exit status: 1 if an invariant is violated.
 */
int audit_run(void);

#endif
