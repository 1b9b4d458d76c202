/*
 * Where a request meets the database: a checked request becomes the call of one named statement,
 * and the row becomes the answer.
 */
#ifndef SHOETOPIA_MARKET_ANSWER_H
#define SHOETOPIA_MARKET_ANSWER_H

#include "base/work_queue.h"
#include "db/db.h"
#include "http/handler.h"

/* Sets the database that all calls go to. Call it once, before the first request. */
void answer_set_db(struct db *db);

/* The database of answer_set_db(). */
struct db *answer_db(void);

/*
 * The standard handler: calls the route's statement with the request's ids, checked fields,
 * session, key and digest, and makes the answer from the row. A call of a batched statement is
 * submitted where request_can_detach(): it then returns ERR_PENDING, or ERR_BUSY, and does not
 * block.
 */
enum err answer_statement(struct request *req, struct answer *ans);

/* The same with parameters that a handler adds. They are not needed after it returned. */
enum err answer_statement_with(
	struct request *req, struct answer *ans, const struct db_param *added, size_t n_added);

/*
 * Answers the request by work() on a thread of `queue`, where it may block, and returns
 * ERR_PENDING: meanwhile the request holds no thread. If the queue is full the client gets 503
 * busy, after a quarter of a second; a job that has waited for 5 s gets it too. Over plain CGI this
 * thread calls work().
 */
enum err answer_deferred(struct request *req, struct answer *ans, struct work_queue *queue,
	enum err (*work)(struct request *req, struct answer *ans));

/* Ends the thread that sends such refusals; no request may be in progress. */
void answer_queue_free(void);

/*
 * Calls statement `id` and waits for it, for a handler that has more to do with the answer
 * afterwards. ERR_FAULT, and nothing is called, if the statement does not allow whom the route
 * allows (rights.h).
 */
enum err answer_call(const struct request *req, struct answer *ans, enum sql_id id,
	const struct db_param *added, size_t n_added);

/*
 * The same, but gives the row to the handler instead of the client. Free `row` with
 * db_result_clear().
 */
enum err answer_row(const struct request *req, enum sql_id id, const struct db_param *added,
	size_t n_added, struct db_result *row);

/*
 * The account of the request's session as a JSON object, for the head of a page; NULL: no session,
 * or it could not be read. Free with g_free().
 */
char *answer_viewer(const struct request *req);

#endif
