/* Search in the catalogue. */
#ifndef SHOETOPIA_MARKET_SEARCH_H
#define SHOETOPIA_MARKET_SEARCH_H

#include "http/http.h"

extern const struct field listing_filter_fields[], compare_fields[];
extern const struct answer_schema found_schema, compared_schema;

/* A shoe with its cheapest offer for each size. */
extern const struct answer_schema shoe_schema;

/*
 * GET /listings. With words to search for, or with facets, on a thread of the searches' queue: a
 * few run at a time in a process, and 503 busy beyond its bound.
 */
enum err find_listings(struct request *req, struct answer *ans);

/* GET /shops/{shop_id}/listings. With a filter, which may look into all of a shop, likewise. */
enum err find_shop_listings(struct request *req, struct answer *ans);

/* Counts facets again that were asked for and expire soon, so that no search waits for it. */
void search_tick(void);

/* Ends the queue's threads; no request may be in progress. */
void search_queue_free(void);

#endif
