#include "market/answer.h"

#include <glib.h>

static struct db *database;

void
answer_from(struct db *db)
{
	database = db;
}

struct db *
answer_db(void)
{
	return database;
}

enum { PARAMS_MAX = 8 + IDS_MAX + FIELDS_MAX }; /* what the request is, what a handler adds, and its values */

struct params {
	struct db_param list[PARAMS_MAX];
	size_t n;
};

static void
collect(void *to, const char *name, const char *text, const char *json)
{
	struct params *params = to;

	g_assert(params->n < PARAMS_MAX);
	params->list[params->n++] = (struct db_param){ .name = name, .text = text, .json = json };
}

static void
collect_if(struct params *params, const char *name, const char *text)
{
	if (text != NULL)
		collect(params, name, text, NULL);
}

/* A call that travelled with others is answered in the thread that brings them all back, where that can be. */
struct answering {
	const struct request *req;
	struct answer *ans;
	struct db_result row;
};

static void
make_answer(struct db_result *row, enum err e, struct answer *ans)
{
	if (e == ERR_NONE && row->answer != NULL)
		g_string_assign(ans->body, row->answer);
	ans->replayed = row->replayed;
	ans->extra = g_steal_pointer(&row->extra);
}

static void
answer_at_once(void *arg, enum err e)
{
	struct answering *a = arg;

	make_answer(&a->row, e, a->ans);
	answer_send(a->req, e, a->ans);
}

enum err
answer_row(const struct request *req, enum sql_id id, const struct db_param *added, size_t n_added, struct db_result *row)
{
	struct params params;

	params.n = 0;
	collect_if(&params, "session", request_session(req));
	collect_if(&params, "who", who_name(request_route(req)->who));
	collect_if(&params, "key", request_key(req));
	collect_if(&params, "digest", request_digest(req));
	collect_if(&params, "versions", request_versions(req));
	for (size_t i = 0; i < n_added; i++)
		collect(&params, added[i].name, added[i].text, added[i].json);
	request_each(req, collect, &params);
	return db_call(database, id, params.list, params.n, row);
}

enum err
answer_statement(const struct request *req, struct answer *ans, enum sql_id id, const struct db_param *added, size_t n_added)
{
	struct db_result row = { 0 };
	enum err e = answer_row(req, id, added, n_added, &row);

	make_answer(&row, e, ans);
	db_result_clear(&row);
	return e;
}

enum err
answer_route(const struct request *req, struct answer *ans)
{
	struct answering a = { .req = req, .ans = ans };
	const struct db_completion completion = { answer_at_once, &a, request_next_fd(req) };
	enum err e;

	if (completion.wake_fd >= 0)
		a.row.completion = &completion;
	e = answer_row(req, (enum sql_id)request_route(req)->statement, NULL, 0, &a.row);
	if (!a.row.completed)
		make_answer(&a.row, e, ans);
	db_result_clear(&a.row);
	return e;
}

char *
answer_viewer(const struct request *req)
{
	const struct db_param session = { .name = "session", .text = request_session(req) };
	struct db_result row = { 0 };
	char *viewer = NULL;

	if (session.text != NULL && db_call(database, SQL_viewer, &session, 1, &row) == ERR_NONE)
		viewer = g_strdup(row.answer);
	db_result_clear(&row);
	return viewer;
}
