/*
 * Files of CSV of a shop: listings that come in, all lines of a file or none, and what is listed
 * and sold, which is sent part by part.
 */
#ifndef SHOETOPIA_MARKET_LISTING_FILE_H
#define SHOETOPIA_MARKET_LISTING_FILE_H

#include "http/handler.h"

extern const struct file_body import_file;
extern const struct answer_schema import_schema;

/* The handler. Its refusal names each line that is wrong, with its field. */
enum err import_listings(struct request *req, struct answer *ans);

/* The handlers. A file of any length takes the memory of one part of it. */
enum err export_listings(struct request *req, struct answer *ans);
enum err export_orders(struct request *req, struct answer *ans);

#endif
