/* What a search may go on to, while it is typed. */
#ifndef SHOETOPIA_MARKET_SUGGESTION_H
#define SHOETOPIA_MARKET_SUGGESTION_H

#include "http/http.h"

extern const struct field suggestion_filter_fields[];
extern const struct answer_schema search_suggestions_schema;

/* One step of the background task: counts some of them anew. */
void suggestion_step(void);

#endif
