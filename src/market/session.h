/* Sessions: signing in and out, and where an account is signed in. */
#ifndef SHOETOPIA_MARKET_SESSION_H
#define SHOETOPIA_MARKET_SESSION_H

#include "db/db.h"
#include "http/http.h"

extern const struct field new_session_fields[];
extern const struct answer_schema session_schema, sessions_schema;

/*
 * Calls statement `id`, which starts a session, with `params`, the digest of a new token and the
 * client's address, and adds the token to the answer and as the cookie. `params` has space for
 * n + 2.
 */
enum err session_begin(const struct request *req, struct answer *ans, enum sql_id id,
	struct db_param *params, size_t n);

/* Signs in with the fields email and password, counted as an attempt: see throttle.h. */
enum err session_sign_in(struct request *req, struct answer *ans);

/*
 * POST /sessions: 401 wrong_password, after the same time whether or not the e-mail is known; 429
 * after too many failures; 503 busy. It answers on a thread of password_queue().
 */
enum err create_session(struct request *req, struct answer *ans);

/* DELETE /sessions/{session_id}: also clears the cookie if it is the request's own session. */
enum err end_account_session(struct request *req, struct answer *ans);

/* DELETE /sessions/current: also clears the cookie. */
enum err end_session(struct request *req, struct answer *ans);

#endif
