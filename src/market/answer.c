#include "market/answer.h"

#include <glib.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/log.h"
#include "db/statement.h"
#include "http/gate.h"
#include "market/rights.h"
#include "market/session_use.h"

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
	/* what the request is, what a handler adds, and its values */
	PARAMS_MAX = 8 + IDS_MAX + FIELDS_MAX,
	WAIT_MS = 5000, /* of a job, until a thread takes it */
	/*
	 * Refusals of a full queue are sent later: a crowd that asks again at once would otherwise
	 * keep the program busy with refusals alone. Each holds a connection meanwhile, so few do:
	 * with all jobs that wait they are fewer than the connections of the process.
	 */
	REFUSAL_MS = 250,
	REFUSALS_MAX = 160,
};

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

/* The parameters of a call: what the request holds, and what the handler adds. */
static void
collect_all(struct params *params, const struct request *req, const struct db_param *added,
	size_t n_added)
{
	params->n = 0;
	collect_if(params, "session", request_session(req));
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
	g_autofree char *seconds = NULL;

	if (e == ERR_NONE && row->answer != NULL)
		g_string_assign(ans->body, row->answer);
	ans->by_database = true;
	ans->replayed = row->replayed;
	ans->extra = g_steal_pointer(&row->extra);
	if (e == ERR_TOO_MANY_REQUESTS && ans->extra != NULL)
		seconds = json_scan_number(ans->extra, "retry_after_seconds");
	if (seconds != NULL)
		ans->retry_after_seconds = atoi(seconds);
}

enum err
answer_row(const struct request *req, enum sql_id id, const struct db_param *added, size_t n_added,
	struct db_result *row)
{
	const char *session = request_session(req);
	struct params params;
	enum err e;

	if (!rights_agree(request_route(req), id)) {
		log_line(LOG_FAULT, "%s calls statement %s, whose functions allow: %s",
			request_route(req)->name, statements[id].name, statements[id].who);
		return ERR_FAULT;
	}
	collect_all(&params, req, added, n_added);
	e = db_call(database, id, params.list, params.n, row);
	if (session != NULL && e != ERR_UNAUTHENTICATED && !db_is_batched(id))
		session_use_note(session);
	return e;
}

enum err
answer_call(const struct request *req, struct answer *ans, enum sql_id id,
	const struct db_param *added, size_t n_added)
{
	struct db_result row = { 0 };
	enum err e = answer_row(req, id, added, n_added, &row);

	make_answer(&row, e, ans);
	db_result_clear(&row);
	return e;
}

/* A call that was submitted; freed when it completes. */
struct pending {
	struct request *req;
	struct answer *ans;
	struct db_result row;
};

/* The batch worker calls this with the outcome of a pending call. */
static void
answer_complete(void *arg, enum err e)
{
	struct pending *p = arg;

	make_answer(&p->row, e, p->ans);
	db_result_clear(&p->row);
	gate_complete(p->req, e);
	g_free(p);
}

static enum err
submit(struct request *req, struct answer *ans, enum sql_id id, const struct db_param *added,
	size_t n_added)
{
	struct pending *p = g_new0(struct pending, 1);
	struct params params;
	enum err e;

	p->req = req;
	p->ans = ans;
	collect_all(&params, req, added, n_added);
	request_detach(req);
	e = db_submit(database, id, params.list, params.n, &p->row, answer_complete, p);
	if (e != ERR_PENDING) /* then answer_complete() is never called */
		g_free(p);
	return e;
}

enum err
answer_statement_with(
	struct request *req, struct answer *ans, const struct db_param *added, size_t n_added)
{
	enum sql_id id = (enum sql_id)request_route(req)->statement;

	return db_is_batched(id) && request_can_detach(req)
		? submit(req, ans, id, added, n_added)
		: answer_call(req, ans, id, added, n_added);
}

enum err
answer_statement(struct request *req, struct answer *ans)
{
	return answer_statement_with(req, ans, NULL, 0);
}

/* A request whose handler runs on a thread of a queue; freed when it completes. */
struct deferred {
	struct request *req;
	struct answer *ans;
	enum err (*work)(struct request *req, struct answer *ans);
	gint64 until; /* of the monotonic clock, in microseconds */
};

/* The refusals that are not sent yet, in the order in which they are due. */
static struct work_queue *refusals;
static pthread_once_t refusals_once = PTHREAD_ONCE_INIT;

static void
refusals_make(void)
{
	refusals = work_queue_new("refusals", 1, REFUSALS_MAX, 0);
}

void
answer_queue_free(void)
{
	work_queue_free(refusals);
	refusals = NULL;
}

static void
deferred_run(void *arg)
{
	struct deferred *d = arg;
	enum err e = g_get_monotonic_time() < d->until ? d->work(d->req, d->ans) : ERR_BUSY;

	gate_complete(d->req, e);
	g_free(d);
}

static void
deferred_refuse(void *arg)
{
	struct deferred *d = arg;
	gint64 rest = d->until - g_get_monotonic_time();

	if (rest > 0)
		g_usleep((gulong)rest);
	gate_complete(d->req, ERR_BUSY);
	g_free(d);
}

enum err
answer_deferred(struct request *req, struct answer *ans, struct work_queue *queue,
	enum err (*work)(struct request *req, struct answer *ans))
{
	struct deferred *d;

	if (!request_can_defer(req))
		return work(req, ans);
	d = g_new(struct deferred, 1);
	*d = (struct deferred){ req, ans, work, g_get_monotonic_time() + WAIT_MS * 1000LL };
	request_detach(req);
	if (work_queue_submit(queue, deferred_run, d))
		return ERR_PENDING;
	d->until = g_get_monotonic_time() + REFUSAL_MS * 1000LL;
	pthread_once(&refusals_once, refusals_make);
	if (work_queue_submit(refusals, deferred_refuse, d))
		return ERR_PENDING;
	g_free(d);
	return ERR_BUSY;
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
