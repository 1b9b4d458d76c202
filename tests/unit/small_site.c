#include "small_site.h"

#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "unit.h"

static const char *const colors[] = { "black", "grey", NULL };

static const struct field find_fields[] = {
	{ "q", FIELD_TEXT, .min = 1, .max = 80, .optional = true, .hint = "Words & more." },
	{ "color", FIELD_CHOICE, .choices = colors, .optional = true, .repeated = true },
	{ "limit", FIELD_INTEGER, .min = 1, .max = 100, .default_value = "20", .api_only = true },
	{ 0 },
};

static const struct field thing_fields[] = {
	{ "name", FIELD_TEXT, .min = 1, .max = 80 },
	{ "color", FIELD_CHOICE, .choices = colors, .optional = true },
	{ "size", FIELD_HALF_STEPS, .min = 1, .max = 20, .optional = true },
	{ "verified", FIELD_BOOL, .optional = true },
	{ "comment", FIELD_LINES, .max = 500, .optional = true },
	{ "ends_at", FIELD_TIME, .optional = true },
	{ 0 },
};

static const struct field whom_fields[] = {
	{ "email", FIELD_EMAIL, .or_field = "account_id" },
	{ "account_id", FIELD_INTEGER, .min = 1, .max = 1000, .optional = true,
		.hidden_from_row = true },
	{ "words", FIELD_TEXT, .max = 80, .optional = true },
	{ 0 },
};

static const struct field sign_up_fields[] = {
	{ "name", FIELD_TEXT, .min = 1, .max = 80 },
	{ "email", FIELD_EMAIL, .label = "E-mail <really>" },
	{ "password", FIELD_PASSWORD, .min = 8, .max = 128 },
	{ 0 },
};

static const struct field note_fields[] = {
	{ "name", FIELD_TEXT, .min = 1, .max = 80, .optional = true },
	{ "ends_at", FIELD_TIME, .optional = true },
	{ 0 },
};

static const struct field item_fields[] = {
	{ "thing_id", FIELD_INTEGER, .min = 1, .max = 1000 },
	{ "quantity", FIELD_INTEGER, .min = 1, .max = 9 },
	{ 0 },
};

static const struct field buy_fields[] = {
	{ "items", FIELD_ITEMS, .of = item_fields, .optional = true, .at_least = 1, .at_most = 5 },
	{ "expected_total_cents", FIELD_INTEGER, .min = 0, .max = 1000, .optional = true },
	{ 0 },
};

static const struct answer_schema thing_schema = { "Thing",
	(const struct member[]){
		{ "thing_id", IS_ID },
		{ "name", IS_TEXT },
		{ 0 },
	} };

struct seen seen;
struct wish wish;

static void
note_field(void *to, const char *name, const char *text, const char *json)
{
	GString *all = to;

	assert_true((json != NULL) == (strcmp(name, "hash") != 0 && strcmp(name, "size") != 0));
	g_string_append_printf(all, "%s%s=%s", all->len > 0 ? "|" : "", name, text);
}

static void
note_text(char out[static 80], const char *text)
{
	g_strlcpy(out, text == NULL ? "" : text, 80);
}

static enum err
answer_thing(struct request *req, struct answer *ans)
{
	g_autoptr(GString) all = g_string_new(NULL);

	request_each(req, note_field, all);
	seen.calls++;
	g_strlcpy(seen.name, request_route(req)->name, sizeof seen.name);
	g_strlcpy(seen.fields, all->str, sizeof seen.fields);
	note_text(seen.session, request_session(req));
	note_text(seen.key, request_key(req));
	note_text(seen.digest, request_digest(req));
	note_text(seen.request, log_request());
	note_text(seen.versions, request_versions(req));
	if (request_route(req)->status != 204)
		g_string_assign(ans->body,
			wish.body != NULL ? wish.body : "{\"thing_id\":7,\"name\":\"Heel\"}");
	ans->type = wish.type;
	ans->by_database = wish.by_database;
	ans->replayed = wish.replayed;
	ans->extra = g_strdup(wish.extra);
	ans->token = g_strdup(wish.token);
	ans->elsewhere = g_strdup(wish.elsewhere);
	ans->forget_cookie = wish.forget_cookie;
	return wish.err;
}

/* Says which bytes it got, and the header with the signature. */
static enum err
answer_raw(struct request *req, struct answer *ans)
{
	const GString *body = request_body(req);
	const char *signature = request_header(req, "HTTP_SIGNATURE");

	seen.calls++;
	g_string_printf(ans->body, "{\"length\":%zu,\"first\":%d,\"signature\":\"%s\"}", body->len,
		body->len > 0 ? body->str[0] : -1, signature != NULL ? signature : "");
	return wish.err;
}

static const char *const file_types[] = { "image/png", "image/jpeg", NULL };
static const struct file_body file = { .types = file_types,
	.size_max = FILE_MAX,
	.field = "photo",
	.label = "Photo",
	.hint = "Small.",
	.too_large = "A photo may have up to 100 KiB." };

/* Says which file it got, and how it was sent. */
static enum err
answer_file(struct request *req, struct answer *ans)
{
	const GString *body = request_body(req);
	const char *type = request_file_type(req);

	seen.calls++;
	note_text(seen.key, request_key(req));
	note_text(seen.digest, request_digest(req));
	g_string_printf(ans->body, "{\"thing_id\":7,\"length\":%zu,\"last\":%d,\"type\":\"%s\"}",
		body->len, body->len > 0 ? body->str[body->len - 1] : -1, type != NULL ? type : "");
	return wish.err;
}

static const struct route routes[] = {
	{ POST, "/files", MEMBER, NULL, 201, answer_file, 0, .name = "file", .summary = "Send it",
		.answer_schema = &thing_schema, .file = &file, .redirect = "/things/{thing_id}",
		.shown_on = { "/mine" } },
	{ GET, "/files/{hash}/{size}", ANYONE, NULL, 200, answer_thing, 1, .name = "sent",
		.summary = "What was sent", .answer_schema = &thing_schema, .cache = FOR_EVER },
	{ POST, "/raw", ANYONE, NULL, 200, answer_raw, 0, .name = "raw", .summary = "Take it",
		.answer_schema = &thing_schema, .raw_body = true },
	{ GET, "/things", ANYONE, find_fields, 200, answer_thing, 1, .name = "find",
		.summary = "Find things", .answer_schema = &thing_schema,
		.cache = PUBLIC_IF_ANONYMOUS, .menu = "Things" },
	{ POST, "/things", MEMBER, thing_fields, 201, answer_thing, 1, .name = "make",
		.summary = "Make a thing", .answer_schema = &thing_schema,
		.redirect = "/things/{thing_id}", .shown_on = { "/things" } },
	{ GET, "/things/{thing_id}", ANYONE, NULL, 200, answer_thing, 1, .name = "thing",
		.summary = "A <thing>", .answer_schema = &thing_schema,
		.named_by = "brand name size", .cache = PUBLIC_IF_ANONYMOUS },
	{ PATCH, "/things/{thing_id}", MEMBER, thing_fields, 200, answer_thing, 1, .name = "change",
		.summary = "Change it", .answer_schema = &thing_schema,
		.redirect = "/things/{thing_id}", .shown_on = { "/things/{thing_id}" } },
	{ DELETE, "/things/{thing_id}", MEMBER, NULL, 204, answer_thing, 1, .name = "drop",
		.summary = "Drop it", .redirect = "/things",
		.shown_on = { "/things/{thing_id}", "/things" }, .hidden_if = "kept" },
	{ GET, "/notes/{thing_id}", ANYONE, NULL, 200, answer_thing, 1, .name = "note",
		.summary = "A note", .answer_schema = &thing_schema, .versioned = true },
	{ PATCH, "/notes/{thing_id}", MEMBER, note_fields, 200, answer_thing, 1, .name = "edit",
		.summary = "Edit it", .answer_schema = &thing_schema, .versioned = true,
		.redirect = "/notes/{thing_id}", .shown_on = { "/notes/{thing_id}" } },
	{ DELETE, "/notes/{thing_id}/mark", MEMBER, NULL, 204, answer_thing, 1, .name = "unmark",
		.summary = "Unmark it", .redirect = "/notes/{thing_id}",
		.shown_on = { "/notes/{thing_id}" }, .hidden_unless = "mark open" },
	{ GET, "/notes/{thing_id}/mark", MEMBER, NULL, 200, answer_thing, 1, .name = "mark",
		.summary = "The mark", .answer_schema = &thing_schema,
		.hidden_unless = "mark open" },
	{ GET, "/things/{thing_id}/parts", ANYONE, NULL, 200, answer_thing, 1, .name = "parts",
		.summary = "Parts", .answer_schema = &thing_schema },
	{ POST, "/accounts", ANYONE, sign_up_fields, 201, answer_thing, 1, .name = "sign_up",
		.summary = "Sign up", .answer_schema = &thing_schema, .redirect = "/mine",
		.shown_on = { "401" } },
	{ POST, "/buy", MEMBER, buy_fields, 201, answer_thing, 1, .name = "buy", .summary = "Buy",
		.answer_schema = &thing_schema, .key = KEY_MUST, .redirect = "/things/{thing_id}",
		.shown_on = { "/things/{thing_id}" }, .hidden_if = "sold" },
	{ GET, "/people", MEMBER, NULL, 200, answer_thing, 1, .name = "people", .summary = "People",
		.answer_schema = &thing_schema },
	{ POST, "/people", MEMBER, whom_fields, 201, answer_thing, 1, .name = "ask",
		.summary = "Ask them", .answer_schema = &thing_schema, .redirect = "/people",
		.shown_on = { "/people" }, .hidden_if = "asked_at" },
	{ GET, "/mine", MEMBER, NULL, 200, answer_thing, 1, .name = "mine", .summary = "Mine",
		.answer_schema = &thing_schema, .menu = "Mine" },
	{ GET, "/sale", ANYONE, NULL, 200, answer_thing, 1, .name = "sale", .summary = "Sale",
		.answer_schema = &thing_schema, .cache = PUBLIC },
	{ POST, "/shops/{shop_id}/things", OWNER, NULL, 201, answer_thing, 1, .name = "own",
		.summary = "Add", .answer_schema = &thing_schema,
		.shown_on = { "/things/{thing_id}" } },
	{ GET, "/admin", ADMIN, NULL, 200, answer_thing, 1, .name = "admin", .summary = "Admin",
		.answer_schema = &thing_schema, .menu = "Admin" },
	{ GET, "/metrics", OPERATOR, NULL, 200, answer_thing, 1, .name = "metrics",
		.summary = "Metrics", .answer_schema = &thing_schema },
};

static char *
viewer(const struct request *req)
{
	return request_session(req) == NULL
		? NULL
		: g_strdup(wish.viewer != NULL
				  ? wish.viewer
				  : "{\"name\":\"Ann\",\"role\":\"member\",\"shop_id\":3}");
}

const struct site small_site = {
	.routes = routes, .n_routes = G_N_ELEMENTS(routes), .viewer = viewer
};

/* ---- requests ---- */

int
small_site_reset(void **state)
{
	(void)state;
	memset(&seen, 0, sizeof seen);
	memset(&wish, 0, sizeof wish);
	return 0;
}

static struct talk *
serve(struct talk *talk)
{
	const char *fault = talk_serve(talk, &small_site);

	if (fault != NULL)
		fail_msg("the response %s:\n%s", fault, talk->out->str);
	return talk;
}

struct talk *
ask(const char *text)
{
	return serve(talk_new(text, strlen(text)));
}

struct talk *
ask_bytes(const char *head, const char *body, size_t length)
{
	g_autoptr(GString) whole = g_string_new(head);

	g_string_append_c(whole, '\n');
	g_string_append_len(whole, body, (gssize)length);
	return serve(talk_new(whole->str, whole->len));
}

const char *
talk_code(const struct talk *talk)
{
	static char code[64];
	enum json_fault fault;
	const char *why;
	JSON_AUTO struct json *problem = json_parse(talk->page, talk->page_length, &fault, &why);
	const char *text = json_text(json_get(problem, "code"));

	g_strlcpy(code, text == NULL ? "" : text, sizeof code);
	return code;
}

void
assert_answer(const char *text, int status, const char *code)
{
	struct talk *talk = ask(text);

	if (talk->status != status || strcmp(talk_code(talk), code) != 0)
		fail_msg("%.300s\nis answered %d %s, not %d %s", text, talk->status,
			talk_code(talk), status, code);
	assert_int_equal(talk->taken, talk->length);
	talk_free(talk);
}

void
assert_header(const struct talk *talk, const char *name, const char *value)
{
	const char *have = talk_header(talk, name);

	if (value == NULL && have != NULL)
		fail_msg("%s is \"%s\"", name, have);
	else if (value != NULL && (have == NULL || strcmp(have, value) != 0))
		fail_msg(
			"%s is \"%s\", not \"%s\"", name, have == NULL ? "(missing)" : have, value);
}

bool
talk_holds(const struct talk *talk, const char *text)
{
	return g_strstr_len(talk->page, (gssize)talk->page_length, text) != NULL;
}
