/*
 * Where the web meets the database: a checked request becomes the call of one named statement, and its row becomes the answer.
 */
#ifndef SHOETOPIA_MARKET_ANSWER_H
#define SHOETOPIA_MARKET_ANSWER_H

#include "db/db.h"
#include "http/http.h"

/* Says which database to ask. Call it once, before the first request. */
void answer_set_db(struct db *db);

/* The database of answer_set_db(). */
struct db *answer_db(void);

/*
 * Calls a statement with all that the request holds (its ids, its checked fields, session, who, key, digest) and what the handler adds, and
 * makes the answer of it. Returns the refusal, if it is one.
 */
enum err answer_statement(const struct request *req, struct answer *ans, enum sql_id id,
	const struct db_param *added, size_t n_added);

/* The same, but gives the row to the handler instead of the client. Clear `row` with db_result_clear(). */
enum err answer_row(const struct request *req, enum sql_id id, const struct db_param *added,
	size_t n_added, struct db_result *row);

/* Answers a route that names its statement in the table. */
enum err answer_route(const struct request *req, struct answer *ans);

/* Begins to answer such a route, if its statement is batched and another thread may give the answer; as the site's `start`. */
bool answer_start(struct request *req, struct answer *ans);

/* The account of the request's session as JSON, for the head of a page; NULL: nobody, or nobody knows now. Free with g_free(). */
char *answer_viewer(const struct request *req);

#endif
