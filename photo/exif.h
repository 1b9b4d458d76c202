/* Reads the one thing that is kept of EXIF. */
#ifndef SHOETOPIA_PHOTO_EXIF_H
#define SHOETOPIA_PHOTO_EXIF_H

#include "photo/picture.h"

/* The Orientation of a TIFF block of EXIF, 1 to 8; 1 if it has none or is malformed. */
unsigned exif_orientation(struct bytes tiff);

#endif
