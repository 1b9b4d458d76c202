/* Photos of listings: taken, ordered, deleted, and served by their content. */
#ifndef SHOETOPIA_MARKET_PHOTO_H
#define SHOETOPIA_MARKET_PHOTO_H

#include "http/handler.h"

enum { PHOTOS_MAX = 8 }; /* of a listing */

extern const struct file_body photo_body;
extern const struct field photo_order_fields[];

/* A photo of a listing, in its list `photos`. */
extern const struct answer_schema photo_schema;

/* The picture of a shoe: a photo of one of its offers, without the photo's number. */
extern const struct answer_schema picture_schema;

/* Decodes the picture that was sent, in another process, and keeps it: one at a time. */
enum err add_photo(struct request *req, struct answer *ans);

/* Answers a file of a picture, JPEG or WebP. */
enum err get_photo(struct request *req, struct answer *ans);

/*
 * --load-photos FOLDER: keeps the pictures that shoetopia-photo has made already, for the demo
 * data, and prints the name, hash, width and height of each FOLDER/NAME.photo as COPY of PostgreSQL
 * reads them.
 */
int photo_load(const char *folder);

/* Ends the thread; no request may be in progress. */
void photo_queue_free(void);

#endif
