/* JPEG, by libjpeg-turbo. */
#ifndef SHOETOPIA_PHOTO_JPEG_H
#define SHOETOPIA_PHOTO_JPEG_H

#include "photo/picture.h"

bool jpeg_is_one(struct bytes file);

/*
 * Decodes a file, perhaps to a half, a quarter or an eighth of its size, but never below SIDE_MAX.
 * Sets `orientation` as EXIF has it. Cameras put a second picture, or a film, behind the first one:
 * these are ignored; anything else there is FAULT_MORE.
 */
enum fault jpeg_decode(struct bytes file, struct picture *out, unsigned *orientation);

/* Encodes a picture. Free `out` with free(). False: there is not enough memory. */
bool jpeg_encode(const struct picture *p, uint8_t **out, size_t *length);

#endif
