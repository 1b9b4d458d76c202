/*
 * What the head of a shoe's or a listing's page says to search engines and to those who share it:
 * title, description, Open Graph, schema.org as JSON-LD, canonical address.
 */
#ifndef SHOETOPIA_MARKET_SHOE_HEAD_H
#define SHOETOPIA_MARKET_SHOE_HEAD_H

#include "base/json.h"

/*
 * Of a shoe as its page has it (api.shoe_page). `url` is the address of the site; `photo` may be
 * NULL. Free both results with g_free(); the head is markup.
 */
char *shoe_head_title(const struct json *shoe);
char *shoe_head_markup(const struct json *shoe, const struct json *photo, const char *url);

/* The same of a listing. Its canonical address is that of its shoe. */
char *listing_head_title(const struct json *listing);
char *listing_head_markup(const struct json *listing, const char *url);

#endif
