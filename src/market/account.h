/* Accounts: the fields of their requests, the schemas of their answers, and their handlers. */
#ifndef SHOETOPIA_MARKET_ACCOUNT_H
#define SHOETOPIA_MARKET_ACCOUNT_H

#include "http/http.h"

extern const struct field new_account_fields[], new_password_fields[], new_email_fields[],
	deletion_fields[], address_fields[], sharing_fields[];
extern const struct answer_schema account_schema, address_schema, sharing_schema;

/*
 * POST /accounts: hashes the password, which is slow on purpose and limited to a few at a time,
 * then claims the e-mail. 409 email_taken; 503 busy. Like all handlers that hash it answers on a
 * thread of password_queue().
 */
enum err create_account(struct request *req, struct answer *ans);

/* PUT /account/password: ends every other session of the account. 401 wrong_password; 429. */
enum err change_password(struct request *req, struct answer *ans);

/* PUT /account/email: 401 wrong_password; 409 email_taken; 429. */
enum err change_email(struct request *req, struct answer *ans);

/*
 * DELETE /account: person and address are gone, orders and ledgers stay. 401 wrong_password; 409
 * invalid_state while something is unpaid, unshipped or owed; 429.
 */
enum err delete_account(struct request *req, struct answer *ans);

/*
 * --set-password: asks for a new password on the terminal, and sets it. All sessions of the account
 * end. Returns an exit status.
 */
int account_set_password(const char *email);

#endif
