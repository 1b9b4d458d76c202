/* Accounts: name, e-mail, password, address. Passwords are hashed here, not in the database. */
#include "market/account.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/password.h"
#include "base/secret.h"
#include "base/terminal.h"
#include "db/grant.h"
#include "http/field.h"
#include "market/answer.h"
#include "market/market.h"
#include "market/session.h"
#include "market/throttle.h"

enum { PASSWORD_LINE_SIZE = 600 };

const struct field new_account_fields[] = {
	{ "name", FIELD_TEXT, .min = 1, .max = NAME_MAX_CHARACTERS },
	{ "email", FIELD_EMAIL, .label = "E-mail" },
	{ "password", FIELD_PASSWORD, .min = PASSWORD_MIN_CHARACTERS,
		.max = PASSWORD_MAX_CHARACTERS, .new_password = true,
		.hint = "At least 8 characters." },
	{ 0 },
};

const struct field new_password_fields[] = {
	{ "password", FIELD_PASSWORD, .min = 1, .max = PASSWORD_MAX_CHARACTERS,
		.label = "Present password" },
	{ "new_password", FIELD_PASSWORD, .min = PASSWORD_MIN_CHARACTERS,
		.max = PASSWORD_MAX_CHARACTERS, .new_password = true,
		.hint = "At least 8 characters. All other sessions end." },
	{ 0 },
};

const struct field new_email_fields[] = {
	{ "password", FIELD_PASSWORD, .min = 1, .max = PASSWORD_MAX_CHARACTERS,
		.label = "Present password" },
	{ "new_email", FIELD_EMAIL, .label = "New e-mail" },
	{ 0 },
};

const struct field deletion_fields[] = {
	{ "password", FIELD_PASSWORD, .min = 1, .max = PASSWORD_MAX_CHARACTERS, .label = "Password",
		.hint = "Your name, e-mail and addresses are deleted, and your shop is closed. "
			"There is no way back." },
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

const struct field sharing_fields[] = {
	{ "purchases", FIELD_BOOL, .label = "Show friends what I buy",
		.hint = "Otherwise a purchase is shown only once three friends bought the same." },
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

static const struct member sharing_members[] = {
	{ "purchases", IS_BOOL },
	{ 0 },
};

const struct answer_schema sharing_schema = { "Sharing", sharing_members };

static const struct member account_members[] = {
	{ "account_id", IS_ID },
	{ "name", IS_TEXT },
	{ "email", IS_TEXT },
	{ "email_confirmed", IS_BOOL },
	{ "role", IS_TEXT },
	{ "shop_id", IS_ID, .nullable = true },
	{ "address", IS_OBJECT, .of = &address_schema, .nullable = true },
	{ "sharing", IS_OBJECT, .of = &sharing_schema },
	{ "created_at", IS_TIME },
	{ 0 },
};

const struct answer_schema account_schema = { "Account", account_members };

/*
 * What a form that is sent again must have in common with the first besides its e-mail, which the
 * database compares: its key and its password.
 */
static const char *
sign_up_digest(const struct request *req, char out[static DIGEST_SIZE])
{
	const char *key = request_key(req);
	g_autofree char *text =
		key == NULL ? NULL : g_strjoin("\n", key, request_text(req, "password"), NULL);

	if (text == NULL)
		return NULL;
	secret_digest(text, strlen(text), out);
	secret_wipe(text, strlen(text));
	return out;
}

/* Whether the account was made some minutes ago with the request's e-mail and name. */
static bool
is_new(const struct request *req)
{
	struct db_result row = { 0 };
	bool found = answer_row(req, SQL_new_account, NULL, 0, &row) == ERR_NONE &&
		g_strcmp0(row.answer, "true") == 0;

	db_result_clear(&row);
	return found;
}

/*
 * A form of a browser without a key, as that of signup.html is, whose e-mail is taken: if it is
 * sent again, its password is that of the new account, and it signs in, under the throttle of
 * signing in. Without a key its digest could be tried against a list of passwords.
 */
static enum err
sign_up_again(struct request *req, struct answer *ans)
{
	if (request_key(req) != NULL || !request_is_of_browser(req) || !is_new(req))
		return ERR_EMAIL_TAKEN;
	return session_sign_in(req, ans) == ERR_NONE ? ERR_NONE : ERR_EMAIL_TAKEN;
}

static enum err
sign_up(struct request *req, struct answer *ans)
{
	char digest[DIGEST_SIZE];
	g_autofree char *hash = NULL;
	g_autofree char *account_id = NULL;
	enum err e = password_hash(request_text(req, "password"), &hash);
	struct db_param params[4] = {
		{ .name = "password_hash", .text = hash },
		{ .name = "sign_up_digest", .text = sign_up_digest(req, digest) },
	};

	if (e == ERR_NONE)
		e = session_begin(req, ans, SQL_create_account, params, 2);
	if (e == ERR_EMAIL_TAKEN)
		return sign_up_again(req, ans);
	if (e != ERR_NONE)
		return e;
	account_id = json_scan_number(ans->body->str, "account_id");
	throttle_know(req, account_id);
	return ERR_NONE;
}

enum err
create_account(struct request *req, struct answer *ans)
{
	return answer_deferred(req, ans, password_queue(), sign_up);
}

/* What the request's key was answered before; ERR_NOT_FOUND: nothing, or it has no key. */
static enum err
replay(const struct request *req, struct answer *ans)
{
	return request_key(req) == NULL ? ERR_NOT_FOUND
					: answer_call(req, ans, SQL_kept_answer, NULL, 0);
}

/*
 * Carries out a change that needs the present password, once for each key. A request that is
 * repeated after it was carried out has the former password: so the key is looked up first, and
 * again if the password is wrong, since the first one may have been in progress.
 */
static enum err
change_once(struct request *req, struct answer *ans,
	enum err (*change)(struct request *req, struct answer *ans))
{
	enum err kept = replay(req, ans);
	enum err e;

	if (kept != ERR_NOT_FOUND)
		return kept;
	e = change(req, ans);
	return e == ERR_WRONG_PASSWORD && replay(req, ans) == ERR_NONE ? ERR_NONE : e;
}

/*
 * Checks the present password of the session's account. `hash` is its hash, freed by the caller:
 * the change is refused if the stored hash is another one by then.
 */
static enum err
check_present_password(const struct request *req, struct answer *ans, char **hash)
{
	struct db_result row = { 0 };
	enum err e = throttle_check_password(req, ans, SQL_session_password, &row);

	if (e == ERR_NONE)
		*hash = g_strdup(db_result_get(&row, "password_hash"));
	db_result_clear(&row);
	return e;
}

static enum err
write_password(struct request *req, struct answer *ans)
{
	g_autofree char *hash = NULL;
	g_autofree char *new_hash = NULL;
	enum err e = check_present_password(req, ans, &hash);

	if (e == ERR_NONE)
		e = password_hash(request_text(req, "new_password"), &new_hash);
	if (e != ERR_NONE)
		return e;
	const struct db_param params[] = {
		{ .name = "password_hash", .text = hash },
		{ .name = "new_password_hash", .text = new_hash },
	};
	return answer_call(req, ans, SQL_change_password, params, G_N_ELEMENTS(params));
}

static enum err
change_password_now(struct request *req, struct answer *ans)
{
	return change_once(req, ans, write_password);
}

enum err
change_password(struct request *req, struct answer *ans)
{
	return answer_deferred(req, ans, password_queue(), change_password_now);
}

static enum err
write_email(struct request *req, struct answer *ans)
{
	g_autofree char *hash = NULL;
	enum err e = check_present_password(req, ans, &hash);
	const struct db_param param = { .name = "password_hash", .text = hash };

	return e == ERR_NONE ? answer_call(req, ans, SQL_change_email, &param, 1) : e;
}

static enum err
change_email_now(struct request *req, struct answer *ans)
{
	return change_once(req, ans, write_email);
}

enum err
change_email(struct request *req, struct answer *ans)
{
	return answer_deferred(req, ans, password_queue(), change_email_now);
}

static enum err
delete_account_now(struct request *req, struct answer *ans)
{
	g_autofree char *hash = NULL;
	enum err e = check_present_password(req, ans, &hash);
	const struct db_param param = { .name = "password_hash", .text = hash };

	if (e == ERR_NONE)
		e = answer_call(req, ans, SQL_delete_account, &param, 1);
	ans->forget_cookie = e == ERR_NONE;
	return e;
}

enum err
delete_account(struct request *req, struct answer *ans)
{
	return answer_deferred(req, ans, password_queue(), delete_account_now);
}

/* Asks twice on a terminal. False, with the reason printed, if it may not be a password. */
static bool
ask_new_password(char out[static PASSWORD_LINE_SIZE])
{
	char again[PASSWORD_LINE_SIZE] = "";
	struct value value = { 0 };
	const char *fault = NULL;

	if (!terminal_ask_secret("New password: ", out, PASSWORD_LINE_SIZE))
		fault = "No password was given.";
	else if (terminal_is_there() &&
		(!terminal_ask_secret("Once more: ", again, sizeof again) ||
			strcmp(out, again) != 0))
		fault = "These two are not the same.";
	else
		fault = field_check(field_find(new_password_fields, "new_password"), out, &value);
	value_clear(&value);
	secret_wipe(again, sizeof again);
	if (fault != NULL)
		fprintf(stderr, "shoetopia: %s\n", fault);
	return fault == NULL;
}

int
account_set_password(const char *email)
{
	char password[PASSWORD_LINE_SIZE];
	g_autofree char *hash = NULL;
	bool given = ask_new_password(password);

	if (given && password_hash(password, &hash) != ERR_NONE)
		fprintf(stderr, "shoetopia: cannot hash the password now; try again\n");
	secret_wipe(password, sizeof password);
	return hash == NULL ? 1 : grant_password(email, hash);
}
