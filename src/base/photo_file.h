/*
 * Turns a picture that was sent into the files that are kept, by the program shoetopia-photo.
 */
#ifndef SHOETOPIA_BASE_PHOTO_FILE_H
#define SHOETOPIA_BASE_PHOTO_FILE_H

#include <glib.h>
#include <stdbool.h>

enum {
	PHOTO_FILES = 6, /* three sizes, each as WebP and as JPEG */
	PHOTO_BYTES_MAX = 8 * 1024 * 1024,
};

struct photo_file {
	const char *name; /* "page.webp"; static */
	unsigned width, height;
	const char *at; /* in the output that it was read from */
	size_t length;
};

enum photo_result {
	PHOTO_MADE,
	PHOTO_REFUSED, /* it is no picture that we take */
	PHOTO_BUSY,    /* it did not start or end in time, for lack of processors or the like */
	PHOTO_FAILED,  /* the program is not there, or cannot confine itself; logged */
};

/*
 * Runs the program on `body`, whose media type is `type` (NULL: unknown). PHOTO_MADE: `files` are
 * in `out`, in a fixed order. PHOTO_REFUSED: `sentence`, static, says why.
 */
enum photo_result photo_make(const GString *body, const char *type, GString *out,
	struct photo_file files[static PHOTO_FILES], const char **sentence);

/* Reads what the program wrote. False if that is not exactly what it has to write. */
bool photo_read(const GString *out, struct photo_file files[static PHOTO_FILES]);

/* The sentence for the word of a refusal ("refused broken"); NULL for any other text. */
const char *photo_refusal(const GString *out);

#endif
