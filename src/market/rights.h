/*
 * The rights of the route table against those of the statements.
 *
 * A row says who may call it. What a statement allows is fixed in its SQL functions, and the build
 * takes that word from there (struct statement). The two must be equal, and a statement of a row
 * above ANYONE must take the session: otherwise the row would promise what the database does not
 * check.
 */
#ifndef SHOETOPIA_MARKET_RIGHTS_H
#define SHOETOPIA_MARKET_RIGHTS_H

#include <stdbool.h>

#include "db/db.h"
#include "http/http.h"

/* Whether a handler of this route may call statement `id`: its functions allow whom the route
 * allows, no more and no fewer, and decide it by the session. Pure. */
bool rights_agree(const struct route *route, enum sql_id id);

/*
 * The first row whose statement does not agree with it, that takes a key which its statement does
 * not take, that is a write of admins whose statement adds no line to the log of privileged acts,
 * or that has a field by which a client could replace its session, in a sentence; NULL: there is
 * none. Free with g_free(). For start: a program with such a row must not serve.
 */
char *rights_fault(const struct site *site);

#endif
