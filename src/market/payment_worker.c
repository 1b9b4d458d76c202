#include "market/payment_worker.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "market/outbox_worker.h"
#include "market/payment_provider.h"

enum {
	/* The provider keeps keys for at least a day: one that is older may begin anew. */
	KEY_SECONDS_MAX = 23 * 3600,
	CLOCKS_DIFFER_SECONDS = 600, /* between our database and the provider, at most */
	DUE_MAX = 50,                /* orders of each sort in one look */
	LEASE_MS = 10000,
};

/* ---- what is reported to the database ---- */

/* Applies an object of the provider; false: the database did not take it, so later again. */
static bool
report_object(const char *object, const char *outbox_id)
{
	const struct db_param params[] = {
		{ .name = "object", .text = object },
		{ .name = "outbox_id", .text = outbox_id },
	};
	struct db_result result = { 0 };
	enum err e =
		db_call(outbox_db(), SQL_payment_object, params, G_N_ELEMENTS(params), &result);

	db_result_clear(&result);
	return e == ERR_NONE;
}

static bool
report_event(const char *order_id, const char *event, const char *outbox_id)
{
	g_autofree char *detail = outbox_id == NULL
		? g_strdup("{}")
		: g_strdup_printf("{\"outbox_id\":%s}", outbox_id);
	const struct db_param params[] = {
		{ .name = "order_id", .text = order_id },
		{ .name = "event", .text = event },
		{ .name = "detail", .text = detail },
	};
	struct db_result result = { 0 };
	enum err e =
		db_call(outbox_db(), SQL_payment_report, params, G_N_ELEMENTS(params), &result);

	db_result_clear(&result);
	return e == ERR_NONE;
}

/* The outcome of a row about which something was reported. */
static enum outbox_outcome
reported(bool taken, GString *why)
{
	if (taken)
		return OUTBOX_DONE;
	g_string_assign(why, "the database did not take the outcome");
	return OUTBOX_RETRY;
}

/* ---- finding what an attempt without an answer has made ---- */

/* Looks in a list for the object that a row has made: it has the numbers that we gave it. */
struct search {
	const char *order_id;
	const char *number;
	char *found; /* JSON text, or NULL */
};

static bool
look_at(void *with, const struct json *object)
{
	struct search *search = with;
	const struct json *metadata = json_get(object, "metadata");

	if (g_strcmp0(json_text(json_get(metadata, "order_id")), search->order_id) != 0 ||
		g_strcmp0(json_text(json_get(metadata, "number")), search->number) != 0)
		return true;
	search->found = json_dump(object);
	return false;
}

/* The number of a row, behind the slash of its subject "order/number". */
static const char *
number_of(const struct outbox_row *row)
{
	const char *slash = strchr(row->subject, '/');

	return slash == NULL ? "" : slash + 1;
}

/*
 * Lists what there is, after an attempt that may have had its effect. Takes what the row has made;
 * if there is nothing, the outcome is `nothing`.
 */
static enum outbox_outcome
find_made(const struct outbox_row *row, const char *path, const char *query,
	enum outbox_outcome nothing, GString *why)
{
	struct search search = { .order_id = row->order_id, .number = number_of(row) };
	g_autofree char *sentence = NULL;
	enum outbox_outcome outcome = nothing;

	if (provider_list(path, query, look_at, &search, &sentence) != PROVIDER_DONE) {
		g_string_append_printf(why, "%swhat there is cannot be listed: %s",
			why->len > 0 ? "; " : "", sentence);
		return OUTBOX_RETRY;
	}
	if (search.found != NULL)
		outcome = reported(report_object(search.found, row->outbox_id), why);
	g_free(search.found);
	return outcome;
}

/* ---- a page to pay on ---- */

static enum outbox_outcome
find_session(const struct outbox_row *row, enum outbox_outcome nothing, GString *why)
{
	g_autofree char *query = g_strdup_printf("created[gte]=%" G_GINT64_FORMAT,
		g_get_real_time() / G_USEC_PER_SEC - row->age_seconds - CLOCKS_DIFFER_SECONDS);

	return find_made(row, "checkout/sessions", query, nothing, why);
}

static enum outbox_outcome
make_session(const struct outbox_row *row, GString *why)
{
	struct provider_answer answer = { 0 };
	enum outbox_outcome outcome = OUTBOX_RETRY;

	if (row->key_seconds > KEY_SECONDS_MAX) {
		outcome = find_session(row, OUTBOX_FLAG, why);
		return outcome != OUTBOX_FLAG
			? outcome
			: reported(report_event(row->order_id, "refused", row->outbox_id), why);
	}
	switch (provider_post("checkout/sessions", row->body, row->key, &answer)) {
	case PROVIDER_DONE:
		outcome = reported(report_object(answer.body, row->outbox_id), why);
		break;
	case PROVIDER_REFUSED:
		log_line(LOG_WARN, "no page to pay for order %s is made: it was refused",
			row->order_id);
		outcome = reported(report_event(row->order_id, "refused", row->outbox_id), why);
		break;
	case PROVIDER_FAILED:
		g_string_assign(why, answer.why);
		outcome = find_session(row, OUTBOX_NEXT_KEY, why);
		break;
	case PROVIDER_UNKNOWN:
		g_string_assign(why, answer.why);
		break;
	}
	provider_answer_clear(&answer);
	return outcome;
}

/* ---- closing it ---- */

/* The session that the row is to close; free with json_free(). NULL: it could not be read. */
static struct json *
read_page_of(const struct outbox_row *row)
{
	const struct db_param params[] = {
		{ .name = "order_id", .text = row->order_id },
		{ .name = "number", .text = number_of(row) },
	};
	struct db_result result = { 0 };
	struct json *page = NULL;
	enum json_fault fault;
	const char *why;

	if (db_call(outbox_db(), SQL_page_to_expire, params, G_N_ELEMENTS(params), &result) ==
			ERR_NONE &&
		result.answer != NULL)
		page = json_parse(result.answer, strlen(result.answer), &fault, &why);
	db_result_clear(&result);
	return page;
}

/* Whether a session object says how the page ended. */
static bool
has_ended(const char *object)
{
	enum json_fault fault;
	const char *why;
	JSON_AUTO struct json *session = json_parse(object, strlen(object), &fault, &why);

	return g_strcmp0(json_text(json_get(session, "status")), "expired") == 0 ||
		g_strcmp0(json_text(json_get(session, "payment_status")), "paid") == 0;
}

/* A refused expire decides nothing: the session itself says whether it was paid. */
static enum outbox_outcome
fetch_session(const struct outbox_row *row, const char *session, GString *why)
{
	g_autofree char *path = g_strconcat("checkout/sessions/", session, NULL);
	struct provider_answer answer = { 0 };
	enum outbox_outcome outcome = OUTBOX_RETRY;

	if (provider_get(path, &answer) != PROVIDER_DONE)
		g_string_assign(why, answer.why);
	else if (!has_ended(answer.body))
		g_string_assign(why, "the page is neither paid nor closed yet");
	else
		outcome = reported(report_object(answer.body, row->outbox_id), why);
	provider_answer_clear(&answer);
	return outcome;
}

static enum outbox_outcome
expire_known(const struct outbox_row *row, const char *session, GString *why)
{
	g_autofree char *path = g_strconcat("checkout/sessions/", session, "/expire", NULL);
	struct provider_answer answer = { 0 };
	enum provider_end end = provider_post(path, "", NULL, &answer);
	enum outbox_outcome outcome = OUTBOX_RETRY;

	if (end == PROVIDER_DONE && has_ended(answer.body))
		outcome = reported(report_object(answer.body, row->outbox_id), why);
	else if (end == PROVIDER_DONE || end == PROVIDER_REFUSED)
		outcome = fetch_session(row, session, why);
	else
		g_string_assign(why, answer.why);
	provider_answer_clear(&answer);
	return outcome;
}

/*
 * Closing first learns the session. While the row that makes it has no outcome, that row is
 * repeated with its key and body: so this one waits.
 */
static enum outbox_outcome
expire_session(const struct outbox_row *row, GString *why)
{
	JSON_AUTO struct json *page = read_page_of(row);
	const char *state = json_text(json_get(page, "state"));
	const char *session = json_text(json_get(page, "session"));

	if (page == NULL) {
		g_string_assign(why, "the database did not answer");
		return OUTBOX_RETRY;
	}
	if (state == NULL || (strcmp(state, "creating") != 0 && strcmp(state, "open") != 0))
		return OUTBOX_DONE;
	if (session != NULL)
		return expire_known(row, session, why);
	g_string_assign(why, "whether there is a page is not known yet");
	return OUTBOX_RETRY;
}

/* ---- giving back ---- */

/* What the row's body, a form that begins with it, names as its payment. Free with g_free(). */
static char *
payment_intent_of(const struct outbox_row *row)
{
	static const char name[] = "payment_intent=";
	const char *value = g_str_has_prefix(row->body, name) ? row->body + strlen(name) : "";

	return g_strndup(value, strcspn(value, "&"));
}

static enum outbox_outcome
find_refund(const struct outbox_row *row, enum outbox_outcome nothing, GString *why)
{
	g_autofree char *intent = payment_intent_of(row);
	g_autofree char *query = g_strconcat("payment_intent=", intent, NULL);

	return find_made(row, "refunds", query, nothing, why);
}

/* With an old key the list decides alone; the next attempt has a new one. */
static enum outbox_outcome
make_refund(const struct outbox_row *row, GString *why)
{
	struct provider_answer answer = { 0 };
	enum outbox_outcome outcome = OUTBOX_RETRY;

	if (row->key_seconds > KEY_SECONDS_MAX)
		return find_refund(row, OUTBOX_NEXT_KEY, why);
	switch (provider_post("refunds", row->body, row->key, &answer)) {
	case PROVIDER_DONE:
		outcome = reported(report_object(answer.body, row->outbox_id), why);
		break;
	case PROVIDER_REFUSED:
		log_line(LOG_WARN, "a refund of order %s was refused", row->order_id);
		g_string_assign(why, answer.why);
		outcome = find_refund(row, OUTBOX_FLAG, why);
		if (outcome == OUTBOX_FLAG)
			outcome = reported(
				report_event(row->order_id, "refund_refused", row->outbox_id), why);
		break;
	case PROVIDER_FAILED:
		g_string_assign(why, answer.why);
		outcome = find_refund(row, OUTBOX_NEXT_KEY, why);
		break;
	case PROVIDER_UNKNOWN:
		g_string_assign(why, answer.why);
		break;
	}
	provider_answer_clear(&answer);
	return outcome;
}

/* ---- deadlines, and what webhooks did not bring ---- */

/* An order to ask the provider about: {order_id, status, session, payment_intents}. */
static bool
report_each(void *with, const struct json *object)
{
	g_autofree char *text = json_dump(object);

	(void)with;
	report_object(text, NULL);
	return true;
}

static void
ask_about(void *arg)
{
	JSON_AUTO struct json *order = arg;
	const char *status = json_text(json_get(order, "status"));
	const char *session = json_text(json_get(order, "session"));
	bool awaits = g_strcmp0(status, "open") == 0 || g_strcmp0(status, "closing") == 0;

	if (awaits && session != NULL) {
		g_autofree char *path = g_strconcat("checkout/sessions/", session, NULL);
		struct provider_answer answer = { 0 };

		if (provider_get(path, &answer) == PROVIDER_DONE)
			report_object(answer.body, NULL);
		provider_answer_clear(&answer);
	}
	for (const struct json *intent = json_first_element(json_get(order, "payment_intents"));
		intent != NULL; intent = json_next_element(intent)) {
		g_autofree char *query = g_strconcat("payment_intent=", json_text(intent), NULL);
		g_autofree char *why = NULL;

		provider_list("refunds", query, report_each, NULL, &why);
	}
}

/* A copy, for a job. NULL if there is no such object. */
static struct json *
copy_of(const struct json *value)
{
	g_autofree char *text = json_dump(value);
	enum json_fault fault;
	const char *why;

	return json_parse(text, strlen(text), &fault, &why);
}

static void
look_for_due(void)
{
	char limit[16];
	struct db_param param = { .name = "limit", .text = limit };
	struct db_result result = { 0 };
	JSON_AUTO struct json *due = NULL;
	enum json_fault fault;
	const char *why;

	snprintf(limit, sizeof limit, "%d", DUE_MAX);
	if (db_call(outbox_db(), SQL_payments_due, &param, 1, &result) == ERR_NONE &&
		result.answer != NULL)
		due = json_parse(result.answer, strlen(result.answer), &fault, &why);
	db_result_clear(&result);
	for (const struct json *id = json_first_element(json_get(due, "deadlines")); id != NULL;
		id = json_next_element(id)) {
		g_autofree char *order_id = json_plain(id);

		report_event(order_id, "deadline", NULL);
	}
	for (const struct json *order = json_first_element(json_get(due, "ask")); order != NULL;
		order = json_next_element(order)) {
		struct json *copy = copy_of(order);

		if (copy != NULL && !outbox_submit(ask_about, copy))
			json_free(copy); /* it is asked about later */
	}
}

void
payment_worker_add(void)
{
	static const struct outbox_kind session = { "session", 8, LEASE_MS, make_session };
	static const struct outbox_kind expire = { "expire", 8, LEASE_MS, expire_session };
	static const struct outbox_kind refund = { "refund", 4, LEASE_MS, make_refund };

	outbox_add_kind(&session);
	outbox_add_kind(&expire);
	outbox_add_kind(&refund);
	outbox_add_step(look_for_due);
}
