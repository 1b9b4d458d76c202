/* What search engines read: /robots.txt, and /sitemap.xml with its parts. */
#ifndef SHOETOPIA_MARKET_SITEMAP_H
#define SHOETOPIA_MARKET_SITEMAP_H

#include "http/handler.h"

enum err get_robots(struct request *req, struct answer *ans);
enum err get_sitemap(struct request *req, struct answer *ans);

/* A part: the addresses of 10,000 ids at most. */
enum err get_sitemap_shoes(struct request *req, struct answer *ans);
enum err get_sitemap_shops(struct request *req, struct answer *ans);

/* Ends the thread of the parts; no request may be in progress. */
void sitemap_queue_free(void);

#endif
