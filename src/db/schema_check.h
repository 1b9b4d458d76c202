/* The check at start: whether this program fits the database that it finds. */
#ifndef SHOETOPIA_DB_SCHEMA_CHECK_H
#define SHOETOPIA_DB_SCHEMA_CHECK_H

/*
 * 0: the schema is the one that this program was built with, and commits are durable
 * (synchronous_commit is on or remote_apply; without fsync or full_page_writes it prints a
 * warning).
 * 1: not so; prints what to do. 2: the database does not answer now, which is temporary.
 */
int schema_check(void);

#endif
