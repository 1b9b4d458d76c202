/*
 * Links in mails: a token in one confirms the account's e-mail or sets a new password. A request
 * for one only asks for the mail; the worker makes the token when it sends it (mail.h).
 */
#ifndef SHOETOPIA_MARKET_TOKEN_H
#define SHOETOPIA_MARKET_TOKEN_H

#include "http/http.h"

extern const struct field link_fields[], confirmation_fields[], reset_request_fields[],
	reset_fields[];
extern const struct answer_schema link_schema, accepted_schema;

/*
 * GET /account/confirmation, GET /password-resets: the page that a link opens. It changes nothing:
 * it has the form that does, with the token of the link.
 */
enum err get_link(struct request *req, struct answer *ans);

/* POST /account/confirmation: 202. 409 invalid_state if confirmed, or where no mail is sent. */
enum err ask_confirmation(struct request *req, struct answer *ans);

/* PUT /account/confirmation: 204; 422. */
enum err confirm_email(struct request *req, struct answer *ans);

/*
 * POST /password-resets: 202, with the same work for an e-mail that no account has. 409
 * invalid_state where no mail is sent.
 */
enum err ask_password_reset(struct request *req, struct answer *ans);

/* PUT /password-resets: 204, and all sessions of the account end; 422. */
enum err reset_password(struct request *req, struct answer *ans);

#endif
