/*
 * The throttle of attempts to sign in. The counters are in the database; an attempt is counted as a
 * failure before its password is checked, and taken back if the password is right.
 */
#ifndef SHOETOPIA_MARKET_THROTTLE_H
#define SHOETOPIA_MARKET_THROTTLE_H

#include "db/db.h"
#include "http/handler.h"

enum { NETWORK_SIZE = 46 }; /* bytes of the text of an address, with its NUL */

/*
 * What an address is counted as: itself for IPv4, its /64 for IPv6. False for one of this machine,
 * which has no counter, and for what is no address.
 */
bool throttle_network(const char *address, char out[static NETWORK_SIZE]);

/*
 * Checks the password of an attempt. Statement `id` counts it and gives the account and its hash in
 * `row`, which the caller frees. ERR_NONE: the password is right, and the attempt is no longer
 * counted. ERR_WRONG_PASSWORD, also where there is no account; ERR_TOO_MANY_REQUESTS without a
 * check, with the time to wait in `ans`; ERR_BUSY; or a refusal of the statement.
 */
enum err throttle_check_password(
	const struct request *req, struct answer *ans, enum sql_id id, struct db_result *row);

/* The account has a session from this request's address: its attempts from there get a counter. */
void throttle_know(const struct request *req, const char *account_id);

/*
 * Deletes some old counters, in one of about a hundred calls, and in each while there are many: a
 * flood of made-up e-mails makes one for each. For the background task.
 */
void throttle_purge(void);

#endif
