/*
 * A picture in memory, and what can be wrong with one that was sent.
 */
#ifndef SHOETOPIA_PHOTO_PICTURE_H
#define SHOETOPIA_PHOTO_PICTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	PIXELS_MAX = 40 * 1000 * 1000,
	SIDE_MAX = 2048, /* pixels of the longest side of the largest size; no decoder needs more */
};

enum fault {
	FAULT_NONE = 0,
	FAULT_FORMAT,   /* neither JPEG nor PNG nor WebP */
	FAULT_TYPE,     /* of another format than it was sent as */
	FAULT_BROKEN,   /* damaged or cut off */
	FAULT_PIXELS,   /* more than PIXELS_MAX */
	FAULT_ANIMATED, /* more than one picture */
	FAULT_MORE,     /* something else follows the picture in the file */
	FAULT_MEMORY,
};

/* The word for a fault that stands on standard output. */
const char *fault_word(enum fault fault);

/* Rows of red, green and blue bytes from the top left, without gaps. */
struct picture {
	unsigned width, height;
	uint8_t *rgb; /* free with picture_clear() */
};

/* The bytes of a file. */
struct bytes {
	const uint8_t *at;
	size_t length;
};

/* Makes an empty picture of this size. False: there is not enough memory. */
bool picture_new(unsigned width, unsigned height, struct picture *out);

void picture_clear(struct picture *p);

/* Whether a picture of this size may be decoded. */
bool picture_size_is_allowed(unsigned width, unsigned height);

/*
 * Shrinks a picture so that its longest side is at most `side` pixels, by the mean of the area of
 * each pixel; one that is not larger is copied.
 */
enum fault picture_shrink(const struct picture *from, unsigned side, struct picture *out);

/* Turns a picture as EXIF's Orientation says (1 to 8; anything else: not at all), in its place. */
enum fault picture_turn(struct picture *p, unsigned orientation);

#endif
