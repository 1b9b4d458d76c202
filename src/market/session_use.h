/*
 * When sessions were last used, so that an account can recognise one that is not its own.
 *
 * A request only notes its session in a table of this process. The background task writes what was
 * noted, and the database keeps a session's time for five minutes before it takes a new one: so no
 * request writes, and a session costs one write in five minutes, however many programs there are.
 * The time that is shown may therefore be six minutes old. Calls of batched statements note
 * nothing, so that thousands of buyers of one sale cause no writes at all.
 */
#ifndef SHOETOPIA_MARKET_SESSION_USE_H
#define SHOETOPIA_MARKET_SESSION_USE_H

#include "db/db.h"

/*
 * Notes a use of the session with this digest, at most once a minute. Never blocks for long;
 * thread-safe. A use is not noted if another session of the table needs its slot: the next one is.
 */
void session_use_note(const char *digest);

/* Writes what was noted. If the database does not answer, the next uses are noted again. */
void session_use_flush(struct db *db);

#endif
