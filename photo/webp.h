/* WebP, by libwebp. */
#ifndef SHOETOPIA_PHOTO_WEBP_H
#define SHOETOPIA_PHOTO_WEBP_H

#include "photo/picture.h"

bool webp_is_one(struct bytes file);

/* Decodes a file; what is transparent becomes white. Sets `orientation` as EXIF has it. */
enum fault webp_decode(struct bytes file, struct picture *out, unsigned *orientation);

/* Encodes a picture. Free `out` with free(). False: there is not enough memory. */
bool webp_encode(const struct picture *p, uint8_t **out, size_t *length);

#endif
