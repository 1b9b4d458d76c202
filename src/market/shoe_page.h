/* The pages of a shoe and of a listing, with what search engines and link previews read. */
#ifndef SHOETOPIA_MARKET_SHOE_PAGE_H
#define SHOETOPIA_MARKET_SHOE_PAGE_H

#include "http/handler.h"

extern const struct field shoe_page_fields[];

/* Handlers of /shoes/{shoe_id} and /listings/{listing_id}, beside /api. */
enum err show_shoe_page(struct request *req, struct answer *ans);
enum err show_listing_page(struct request *req, struct answer *ans);

#endif
