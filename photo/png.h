/* PNG, by libpng. */
#ifndef SHOETOPIA_PHOTO_PNG_H
#define SHOETOPIA_PHOTO_PNG_H

#include "photo/picture.h"

bool png_is_one(struct bytes file);

/* Decodes a file; what is transparent becomes white. Sets `orientation` as EXIF has it. */
enum fault png_decode(struct bytes file, struct picture *out, unsigned *orientation);

#endif
