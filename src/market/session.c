/* Sessions. The program checks passwords and makes tokens; the database gets digests only. */
#include "market/session.h"

#include <string.h>

#include "base/password.h"
#include "base/secret.h"
#include "market/answer.h"
#include "market/market.h"
#include "market/throttle.h"

const struct field new_session_fields[] = {
	{ "email", FIELD_EMAIL, .label = "E-mail" },
	{ "password", FIELD_PASSWORD, .min = 1, .max = PASSWORD_MAX_CHARACTERS },
	{ 0 },
};

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

/* current: the session of this request. address: NULL if the web server did not report one. */
static const struct member listed_session_members[] = {
	{ "session_id", IS_ID },
	{ "created_at", IS_TIME },
	{ "last_used_at", IS_TIME },
	{ "address", IS_TEXT, .nullable = true },
	{ "current", IS_BOOL },
	{ 0 },
};

static const struct answer_schema listed_session_schema = { "ListedSession",
	listed_session_members };

static const struct member sessions_members[] = {
	{ "sessions", IS_LIST, .of = &listed_session_schema },
	{ "next", IS_TEXT, .nullable = true },
	{ 0 },
};

const struct answer_schema sessions_schema = { "Sessions", sessions_members };

enum err
session_begin(const struct request *req, struct answer *ans, enum sql_id id,
	struct db_param *params, size_t n)
{
	char token[TOKEN_SIZE];
	char digest[DIGEST_SIZE];
	enum err e;

	secret_token(token);
	secret_digest(token, strlen(token), digest);
	params[n] = (struct db_param){ .name = "new_session", .text = digest };
	params[n + 1] = (struct db_param){ .name = "address", .text = request_address(req) };
	e = answer_call(req, ans, id, params, n + 2);
	if (e == ERR_NONE) {
		g_string_truncate(ans->body, ans->body->len - 1);
		g_string_append_printf(ans->body, ",\"token\":\"%s\"}", token);
		ans->token = g_strdup(token);
	}
	secret_wipe(token, sizeof token);
	return e;
}

enum err
session_sign_in(struct request *req, struct answer *ans)
{
	struct db_result row = { 0 };
	enum err e = throttle_check_password(req, ans, SQL_sign_in, &row);

	if (e == ERR_NONE) {
		struct db_param params[4] = {
			{ .name = "account_id", .text = db_result_get(&row, "account_id") },
			{ .name = "password_hash", .text = db_result_get(&row, "password_hash") },
		};

		e = session_begin(req, ans, SQL_create_session, params, 2);
	}
	db_result_clear(&row);
	return e;
}

enum err
create_session(struct request *req, struct answer *ans)
{
	return answer_deferred(req, ans, password_queue(), session_sign_in);
}

enum err
end_account_session(struct request *req, struct answer *ans)
{
	enum err e = answer_statement(req, ans);

	ans->forget_cookie = e == ERR_NONE && strcmp(ans->body->str, "true") == 0;
	return e;
}

enum err
end_session(struct request *req, struct answer *ans)
{
	ans->forget_cookie = true;
	return answer_statement(req, ans);
}
