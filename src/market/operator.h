/* What operators ask of a running program. */
#ifndef SHOETOPIA_MARKET_OPERATOR_H
#define SHOETOPIA_MARKET_OPERATOR_H

#include "http/http.h"

extern const struct answer_schema health_schema;

extern const struct field health_fields[];

/*
 * GET /health: 200 if a write could be made, or with for=reading if public reads can be answered;
 * else 503, after a second at most.
 */
enum err get_health(struct request *req, struct answer *ans);

/* GET /openapi.json */
enum err get_openapi(struct request *req, struct answer *ans);

/* GET /docs: the same as a page for people. */
enum err show_docs(struct request *req, struct answer *ans);

#endif
