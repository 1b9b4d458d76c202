#include "market/answer.h"

#include <glib.h>

static struct db *database;

void
answer_set_db(struct db *db)
{
	database = db;
}

struct db *
answer_db(void)
{
	return database;
}

enum {
	PARAMS_MAX = 8 + IDS_MAX + FIELDS_MAX
}; /* what the request is, what a handler adds, and its values */

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

/* All that the request holds, and what the handler adds. */
static void
collect_all(struct params *params, const struct request *req, const struct db_param *added,
	size_t n_added)
{
	params->n = 0;
	collect_if(params, "session", request_session(req));
	collect_if(params, "who", who_name(request_route(req)->who));
	collect_if(params, "key", request_key(req));
	collect_if(params, "digest", request_digest(req));
	collect_if(params, "versions", request_versions(req));
	for (size_t i = 0; i < n_added; i++)
		collect(params, added[i].name, added[i].text, added[i].json);
	request_each(req, collect, params);
}

static void
make_answer(struct db_result *row, enum err e, struct answer *ans)
{
	if (e == ERR_NONE && row->answer != NULL)
		g_string_assign(ans->body, row->answer);
	ans->replayed = row->replayed;
	ans->extra = g_steal_pointer(&row->extra);
}

enum err
answer_row(const struct request *req, enum sql_id id, const struct db_param *added, size_t n_added,
	struct db_result *row)
{
	struct params params;

	collect_all(&params, req, added, n_added);
	return db_call(database, id, params.list, params.n, row);
}

enum err
answer_statement(const struct request *req, struct answer *ans, enum sql_id id,
	const struct db_param *added, size_t n_added)
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
	return answer_statement(req, ans, (enum sql_id)request_route(req)->statement, NULL, 0);
}

/* A call that travels with others is answered in the thread that brings them all back. */
struct started {
	struct request *req;
	struct answer *ans;
	struct db_result row;
};

static void
give(void *arg, enum err e)
{
	struct started *s = arg;

	make_answer(&s->row, e, s->ans);
	db_result_clear(&s->row);
	answer_give(s->req, e);
	g_free(s);
}

bool
answer_start(struct request *req, struct answer *ans)
{
	enum sql_id id = (enum sql_id)request_route(req)->statement;
	struct params params;
	struct started *s;

	enum err e;

	if (!db_is_batched(id) || !request_may_leave(req))
		return false;
	s = g_new0(struct started, 1);
	s->req = req;
	s->ans = ans;
	collect_all(&params, req, NULL, 0);
	e = db_submit(database, id, params.list, params.n, &s->row, give, s);
	if (e != ERR_PENDING)
		give(s, e);
	return true;
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
