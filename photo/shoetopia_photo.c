/*
 * shoetopia-photo [TYPE]: decodes one picture from standard input and writes it in a few sizes.
 *
 * The marketplace runs it for each photo that is sent, since decoders are where hostile files do
 * harm: it can do nothing but compute (confine.h). What it writes is made anew from pixels; nothing
 * else of the file is kept. TYPE is the media type that the file was sent with; none: any of ours.
 *
 * Standard output is "photo\n", for each file "NAME WIDTH HEIGHT LENGTH\n" and its bytes, then
 * "end\n"; or "refused WORD\n", a word of fault_word().
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "photo/confine.h"
#include "photo/jpeg.h"
#include "photo/picture.h"
#include "photo/png.h"
#include "photo/webp.h"

enum { FILE_MAX = 8 * 1024 * 1024 };

static const struct {
	const char *type;
	bool (*is_one)(struct bytes file);
	enum fault (*decode)(struct bytes file, struct picture *out, unsigned *orientation);
} formats[] = {
	{ "image/jpeg", jpeg_is_one, jpeg_decode },
	{ "image/png", png_is_one, png_decode },
	{ "image/webp", webp_is_one, webp_decode },
};

/* From the largest: each is made from the one before. */
static const struct {
	const char *name;
	unsigned side;
} sizes[] = { { "zoom", SIDE_MAX }, { "page", 1080 }, { "list", 480 } };

static const struct {
	const char *name;
	bool (*encode)(const struct picture *p, uint8_t **out, size_t *length);
} encoders[] = { { "webp", webp_encode }, { "jpg", jpeg_encode } };

static bool
write_all(const void *data, size_t length)
{
	const uint8_t *at = data;

	while (length > 0) {
		ssize_t n = write(STDOUT_FILENO, at, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += n;
		length -= (size_t)n;
	}
	return true;
}

/* All of standard input, FILE_MAX bytes and one more at most. */
static bool
read_all(uint8_t *file, size_t *length)
{
	size_t all = 0;
	ssize_t n;

	do {
		n = read(STDIN_FILENO, file + all, FILE_MAX + 1 - all);
		if (n > 0)
			all += (size_t)n;
	} while ((n > 0 && all <= FILE_MAX) || (n < 0 && errno == EINTR));
	*length = all;
	return n == 0;
}

static enum fault
decode(struct bytes file, const char *type, struct picture *out)
{
	unsigned orientation = 1;
	struct picture whole;
	enum fault fault;
	size_t i = 0;

	while (i < sizeof formats / sizeof *formats && !formats[i].is_one(file))
		i++;
	if (i == sizeof formats / sizeof *formats)
		return FAULT_FORMAT;
	if (type != NULL && strcmp(type, formats[i].type) != 0)
		return FAULT_TYPE;
	fault = formats[i].decode(file, &whole, &orientation);
	if (fault != FAULT_NONE)
		return fault;
	fault = picture_shrink(&whole, SIDE_MAX, out);
	picture_clear(&whole);
	return fault == FAULT_NONE ? picture_turn(out, orientation) : fault;
}

/* The files of one size; where the next size is the same, they are written again. */
struct encoded {
	uint8_t *file[sizeof encoders / sizeof *encoders];
	size_t length[sizeof encoders / sizeof *encoders];
};

static bool
size_encode(const struct picture *p, struct encoded *e)
{
	for (size_t i = 0; i < sizeof encoders / sizeof *encoders; i++) {
		free(e->file[i]);
		e->file[i] = NULL;
		if (!encoders[i].encode(p, &e->file[i], &e->length[i]))
			return false;
	}
	return true;
}

static bool
size_write(const char *name, const struct picture *p, const struct encoded *e)
{
	for (size_t i = 0; i < sizeof encoders / sizeof *encoders; i++) {
		char head[80];
		int n = snprintf(head, sizeof head, "%s.%s %u %u %zu\n", name, encoders[i].name,
			p->width, p->height, e->length[i]);

		if (!write_all(head, (size_t)n) || !write_all(e->file[i], e->length[i]))
			return false;
	}
	return true;
}

static bool
sizes_write(struct picture *p)
{
	struct encoded e = { { NULL }, { 0 } };

	if (!write_all("photo\n", 6))
		return false;
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		struct picture smaller;
		bool is_same;

		if (picture_shrink(p, sizes[i].side, &smaller) != FAULT_NONE)
			return false;
		is_same = i > 0 && smaller.width == p->width && smaller.height == p->height;
		picture_clear(p);
		*p = smaller;
		if (!is_same && !size_encode(p, &e))
			return false;
		if (!size_write(sizes[i].name, p, &e))
			return false;
	}
	return write_all("end\n", 4);
}

static bool
refusal_write(enum fault fault)
{
	const char *word = fault_word(fault);

	return write_all("refused ", 8) && write_all(word, strlen(word)) && write_all("\n", 1);
}

int
main(int argc, char *argv[])
{
	static uint8_t file[FILE_MAX + 1];
	size_t length = 0;
	struct picture p;
	enum fault fault;
	bool is_written;

	if (!confine())
		return 2;
	if (!read_all(file, &length))
		return EXIT_FAILURE;
	fault = decode((struct bytes){ file, length }, argc > 1 ? argv[1] : NULL, &p);
	is_written = fault != FAULT_NONE ? refusal_write(fault) : sizes_write(&p);
	return is_written ? EXIT_SUCCESS : EXIT_FAILURE;
}
