/* Accounts and their sessions. C does here what a database should not: it hashes passwords, and makes tokens, which never leave for the database. */
#include <string.h>

#include "base/password.h"
#include "base/secret.h"
#include "market/answer.h"
#include "market/market.h"

#define PASSWORD_NEW FIELD_PASSWORD, .min = 8, .max = 128
#define PASSWORD_OLD FIELD_PASSWORD, .min = 1, .max = 128

const struct field new_account_fields[] = {
	{ "name", FIELD_TEXT, .min = 1, .max = NAME_MAX_CHARACTERS },
	{ "email", FIELD_EMAIL, .label = "E-mail" },
	{ "password", PASSWORD_NEW, .hint = "At least 8 characters." },
	{ 0 },
};

const struct field new_session_fields[] = {
	{ "email", FIELD_EMAIL, .label = "E-mail" },
	{ "password", PASSWORD_OLD },
	{ 0 },
};

const struct field new_password_fields[] = {
	{ "password", PASSWORD_OLD, .label = "Present password" },
	{ "new_password", PASSWORD_NEW, .hint = "At least 8 characters. All other sessions end." },
	{ 0 },
};

const struct field new_email_fields[] = {
	{ "password", PASSWORD_OLD, .label = "Present password" },
	{ "new_email", FIELD_EMAIL, .label = "New e-mail" },
	{ 0 },
};

const struct field address_fields[] = {
	{ "name", FIELD_TEXT, .min = 1, .max = NAME_MAX_CHARACTERS },
	{ "line1", FIELD_TEXT, .min = 1, .max = 120, .label = "Address" },
	{ "line2", FIELD_TEXT, .max = 120, .optional = true, .label = "Address, second line" },
	{ "city", FIELD_TEXT, .min = 1, .max = NAME_MAX_CHARACTERS },
	{ "region", FIELD_TEXT, .max = NAME_MAX_CHARACTERS, .optional = true,
		.label = "State or region" },
	{ "postcode", FIELD_TEXT, .min = 1, .max = 20 },
	{ "country", FIELD_COUNTRY, .hint = "Two letters, such as US or DE." },
	{ 0 },
};

static const struct member address_members[] = {
	{ "name", IS_TEXT },
	{ "line1", IS_TEXT },
	{ "line2", IS_TEXT, .nullable = true },
	{ "city", IS_TEXT },
	{ "region", IS_TEXT, .nullable = true },
	{ "postcode", IS_TEXT },
	{ "country", IS_TEXT },
	{ 0 },
};

const struct answer_schema address_schema = { "Address", address_members };

static const struct member account_members[] = {
	{ "account_id", IS_ID },
	{ "name", IS_TEXT },
	{ "email", IS_TEXT },
	{ "role", IS_TEXT },
	{ "shop_id", IS_ID, .nullable = true },
	{ "address", IS_OBJECT, .of = &address_schema, .nullable = true },
	{ "created_at", IS_TIME },
	{ 0 },
};

const struct answer_schema account_schema = { "Account", account_members };

static const struct member account_brief_members[] = {
	{ "account_id", IS_ID },
	{ "name", IS_TEXT },
	{ "email", IS_TEXT },
	{ 0 },
};

static const struct answer_schema account_brief_schema = { "AccountBrief", account_brief_members };

static const struct member session_members[] = {
	{ "account", IS_OBJECT, .of = &account_brief_schema },
	{ "token", IS_TEXT },
	{ 0 },
};

const struct answer_schema session_schema = { "Session", session_members };

/* Calls the statement that begins a session under a new token, and adds the token to the answer and as the cookie. */
static enum err
begin_session(const struct request *req, struct answer *ans, enum sql_id id,
	struct db_param *params, size_t n)
{
	char token[TOKEN_SIZE];
	char digest[DIGEST_SIZE];
	enum err e;

	secret_token(token);
	secret_digest(token, strlen(token), digest);
	params[n] = (struct db_param){ .name = "new_session", .text = digest };
	e = answer_statement(req, ans, id, params, n + 1);
	if (e == ERR_NONE) {
		g_string_truncate(ans->body, ans->body->len - 1);
		g_string_append_printf(ans->body, ",\"token\":\"%s\"}", token);
		ans->token = g_strdup(token);
	}
	secret_wipe(token, sizeof token);
	return e;
}

/* POST /accounts: hashes the password (slow on purpose, few at a time), then claims the e-mail. 409 email_taken; 503 busy. */
enum err
create_account(const struct request *req, struct answer *ans)
{
	g_autofree char *hash = NULL;
	enum err e = password_hash(request_text(req, "password"), &hash);
	struct db_param params[2] = { { .name = "password_hash", .text = hash } };

	return e == ERR_NONE ? begin_session(req, ans, SQL_create_account, params, 1) : e;
}

/* POST /sessions: 401 wrong_password, the same and as slow whether or not the e-mail is known. */
enum err
create_session(const struct request *req, struct answer *ans)
{
	struct db_result row = { 0 };
	enum err e = answer_row(req, SQL_sign_in, NULL, 0, &row);

	if (e == ERR_NONE || e == ERR_NOT_FOUND)
		e = password_check(
			db_result_get(&row, "password_hash"), request_text(req, "password"));
	if (e == ERR_NONE) {
		struct db_param params[3] = {
			{ .name = "account_id", .text = db_result_get(&row, "account_id") },
			{ .name = "password_hash", .text = db_result_get(&row, "password_hash") },
		};

		e = begin_session(req, ans, SQL_create_session, params, 2);
	}
	db_result_clear(&row);
	return e;
}

/* DELETE /sessions/current */
enum err
end_session(const struct request *req, struct answer *ans)
{
	ans->forget_cookie = true;
	return answer_statement(req, ans, SQL_end_session, NULL, 0);
}

/* Checks the present password of the session's account; gives its hash, so that the change can insist on it. */
static enum err
check_present_password(const struct request *req, char **hash)
{
	struct db_result row = { 0 };
	enum err e = answer_row(req, SQL_session_password, NULL, 0, &row);

	if (e == ERR_NONE)
		e = password_check(
			db_result_get(&row, "password_hash"), request_text(req, "password"));
	if (e == ERR_NONE)
		*hash = g_strdup(db_result_get(&row, "password_hash"));
	db_result_clear(&row);
	return e;
}

/* PUT /account/password: every other session of the account ends. */
enum err
change_password(const struct request *req, struct answer *ans)
{
	g_autofree char *hash = NULL;
	g_autofree char *new_hash = NULL;
	enum err e = check_present_password(req, &hash);

	if (e == ERR_NONE)
		e = password_hash(request_text(req, "new_password"), &new_hash);
	if (e != ERR_NONE)
		return e;
	const struct db_param params[] = {
		{ .name = "password_hash", .text = hash },
		{ .name = "new_password_hash", .text = new_hash },
	};
	return answer_statement(req, ans, SQL_change_password, params, G_N_ELEMENTS(params));
}

/* PUT /account/email: 409 email_taken. */
enum err
change_email(const struct request *req, struct answer *ans)
{
	g_autofree char *hash = NULL;
	enum err e = check_present_password(req, &hash);
	const struct db_param param = { .name = "password_hash", .text = hash };

	return e == ERR_NONE ? answer_statement(req, ans, SQL_change_email, &param, 1) : e;
}
