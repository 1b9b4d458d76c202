#include "market/token.h"

#include <string.h>

#include "base/json.h"
#include "base/password.h"
#include "base/secret.h"
#include "market/answer.h"
#include "market/mail.h"
#include "market/market.h"
#include "market/throttle.h"

#define TOKEN_FIELD                                                                                \
	{                                                                                          \
		"token", FIELD_TEXT, .min = 1, .max = 100, .hidden_from_page = "token"             \
	}

const struct field link_fields[] = {
	{ "token", FIELD_TEXT, .max = 100, .optional = true, .api_only = true },
	{ "asked", FIELD_BOOL, .optional = true, .api_only = true },
	{ 0 },
};

const struct field confirmation_fields[] = { TOKEN_FIELD, { 0 } };

const struct field reset_request_fields[] = {
	{ "email", FIELD_EMAIL, .label = "E-mail" },
	{ 0 },
};

const struct field reset_fields[] = {
	TOKEN_FIELD,
	{ "new_password", FIELD_PASSWORD, .min = PASSWORD_MIN_CHARACTERS,
		.max = PASSWORD_MAX_CHARACTERS, .new_password = true,
		.hint = "At least 8 characters. You are signed out everywhere." },
	{ 0 },
};

/* token: that of the link; null without one. */
static const struct member link_members[] = {
	{ "notice", IS_TEXT },
	{ "token", IS_TEXT, .nullable = true },
	{ 0 },
};

const struct answer_schema link_schema = { "Link", link_members };

static const struct member accepted_members[] = {
	{ "status", IS_TEXT },
	{ 0 },
};

const struct answer_schema accepted_schema = { "Accepted", accepted_members };

/* What a link's page says, by the path of its route. */
static const struct notices {
	const char *path, *token, *asked, *nothing;
} notices[] = {
	{ "/account/confirmation", "Press the button, and your e-mail is confirmed.",
		"A mail with a link is on its way to you, if not more than three were asked for "
		"within an hour.",
		"Open the link in the mail that you got, or ask for a new one on the page of your "
		"account." },
	{ "/password-resets", "Choose a new password. You are signed out everywhere.",
		"If there is an account with this e-mail, a mail with a link is on its way to it, "
		"if not more than three were asked for within an hour.",
		"Enter your e-mail, and we send you a link by which you set a new password. It is "
		"good for an hour." },
};

static const struct notices *
notices_of(const struct route *route)
{
	size_t i = 0;

	while (i < G_N_ELEMENTS(notices) - 1 && strcmp(notices[i].path, route->path) != 0)
		i++;
	return &notices[i];
}

enum err
get_link(struct request *req, struct answer *ans)
{
	const struct notices *texts = notices_of(request_route(req));
	const char *token = request_text(req, "token");
	bool has_token = token != NULL && *token != '\0';
	bool asked = g_strcmp0(request_text(req, "asked"), "true") == 0;

	g_string_assign(ans->body, "{\"notice\":");
	json_append_quoted(ans->body,
		has_token       ? texts->token
			: asked ? texts->asked
				: texts->nothing);
	g_string_append(ans->body, ",\"token\":");
	if (has_token)
		json_append_quoted(ans->body, token);
	else
		g_string_append(ans->body, "null");
	g_string_append_c(ans->body, '}');
	return ERR_NONE;
}

/* Where a form leads: the page that says what was asked for. */
static enum err
show_asked(const struct request *req, struct answer *ans, enum err e)
{
	if (e == ERR_NONE)
		ans->page = g_strconcat(request_route(req)->path, "?asked=true", NULL);
	return e;
}

/* The statement refuses where no mail is sent, so that no caller waits for one. */
static struct db_param
param_of_sending(void)
{
	return (struct db_param){ .name = "sends", .text = mail_is_on() ? "true" : "false" };
}

enum err
ask_confirmation(struct request *req, struct answer *ans)
{
	const struct db_param sends = param_of_sending();

	return show_asked(req, ans, answer_statement_with(req, ans, &sends, 1));
}

enum err
ask_password_reset(struct request *req, struct answer *ans)
{
	char buffer[NETWORK_SIZE];
	const struct db_param params[] = {
		{ .name = "network",
			.text = throttle_network(request_address(req), buffer) ? buffer : NULL },
		param_of_sending(),
	};

	return show_asked(req, ans, answer_statement_with(req, ans, params, 2));
}

static void
digest_of_token(const struct request *req, char out[static DIGEST_SIZE])
{
	const char *token = request_text(req, "token");

	secret_digest(token, strlen(token), out);
}

enum err
confirm_email(struct request *req, struct answer *ans)
{
	char digest[DIGEST_SIZE];
	const struct db_param param = { .name = "token_digest", .text = digest };

	digest_of_token(req, digest);
	return answer_statement_with(req, ans, &param, 1);
}

/* What the token is used with, so that a form sent twice is known. */
static void
digest_of_use(const struct request *req, char out[static DIGEST_SIZE])
{
	g_autofree char *text = g_strjoin(
		"\n", request_text(req, "token"), request_text(req, "new_password"), NULL);

	secret_digest(text, strlen(text), out);
	secret_wipe(text, strlen(text));
}

static enum err
reset_password_now(struct request *req, struct answer *ans)
{
	char token[DIGEST_SIZE];
	char use[DIGEST_SIZE];
	g_autofree char *hash = NULL;
	struct db_param params[] = {
		{ .name = "token_digest", .text = token },
		{ .name = "use", .text = use },
		{ .name = "new_password_hash" },
	};
	enum err e;

	digest_of_token(req, token);
	digest_of_use(req, use);
	e = answer_call(req, ans, SQL_check_reset, params, 2);
	if (e == ERR_NONE)
		e = password_hash(request_text(req, "new_password"), &hash);
	if (e != ERR_NONE)
		return e;
	params[2].text = hash;
	return answer_call(req, ans, SQL_reset_password, params, G_N_ELEMENTS(params));
}

enum err
reset_password(struct request *req, struct answer *ans)
{
	return answer_deferred(req, ans, password_queue(), reset_password_now);
}
