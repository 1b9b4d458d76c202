/* `--audit`: checks the invariants of the data. */
#ifndef SHOETOPIA_DB_AUDIT_H
#define SHOETOPIA_DB_AUDIT_H

/*
 * Print every invariant with the number of its violations, and what was checked. Connect as the
 * owner's role. Return an exit status: 1 if an invariant is violated.
 *
 * audit_run() checks a small marketplace anew. Of a large one it checks what is new, and prints
 * also what the background steps have found: schema/functions/audit_step.sql. audit_run_with()
 * takes the argument "--full", and checks everything anew.
 */
int audit_run(void);
int audit_run_with(const char *argument);

#endif
