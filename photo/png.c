#include "photo/png.h"

#include <string.h>

#include <png.h>

#include "photo/exif.h"

enum {
	SIGNATURE_SIZE = 8,
	CHUNK_SIZE = 12, /* length, name and check sum */
};

static size_t
number_at(const uint8_t *at)
{
	return (size_t)at[0] << 24 | (size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3];
}

bool
png_is_one(struct bytes file)
{
	return file.length >= SIGNATURE_SIZE &&
		memcmp(file.at, "\x89PNG\r\n\x1a\n", SIGNATURE_SIZE) == 0;
}

/* Goes along the chunks to the last one. */
static enum fault
chunks_read(struct bytes file, unsigned *orientation)
{
	size_t at = SIGNATURE_SIZE;

	for (;;) {
		const uint8_t *chunk = file.at + at;
		size_t length;

		if (file.length - at < CHUNK_SIZE)
			return FAULT_BROKEN;
		length = number_at(chunk);
		if (length > file.length - at - CHUNK_SIZE)
			return FAULT_BROKEN;
		if (memcmp(chunk + 4, "acTL", 4) == 0)
			return FAULT_ANIMATED;
		if (memcmp(chunk + 4, "eXIf", 4) == 0)
			*orientation = exif_orientation((struct bytes){ chunk + 8, length });
		at += CHUNK_SIZE + length;
		if (memcmp(chunk + 4, "IEND", 4) == 0)
			return at == file.length ? FAULT_NONE : FAULT_MORE;
	}
}

/* The size by the first chunk, which libpng checks later. */
static bool
size_is_allowed(struct bytes file)
{
	const uint8_t *data = file.at + SIGNATURE_SIZE + 8;
	size_t width, height;

	if (file.length < SIGNATURE_SIZE + CHUNK_SIZE + 13 || memcmp(data - 4, "IHDR", 4) != 0)
		return true; /* broken */
	width = number_at(data);
	height = number_at(data + 4);
	return width <= PIXELS_MAX && height <= PIXELS_MAX &&
		picture_size_is_allowed((unsigned)width, (unsigned)height);
}

enum fault
png_decode(struct bytes file, struct picture *out, unsigned *orientation)
{
	static const png_color white = { 255, 255, 255 };
	png_image image = { .version = PNG_IMAGE_VERSION };
	struct picture p;
	enum fault fault;

	*orientation = 1;
	if (!size_is_allowed(file))
		return FAULT_PIXELS;
	fault = chunks_read(file, orientation);
	if (fault != FAULT_NONE)
		return fault;
	if (!png_image_begin_read_from_memory(&image, file.at, file.length))
		return FAULT_BROKEN;
	image.format = PNG_FORMAT_RGB;
	if (!picture_size_is_allowed(image.width, image.height))
		fault = FAULT_PIXELS;
	else if (!picture_new(image.width, image.height, &p))
		fault = FAULT_MEMORY;
	if (fault != FAULT_NONE) {
		png_image_free(&image);
		return fault;
	}
	/* a warning is damage that libpng can read past */
	if (!png_image_finish_read(&image, &white, p.rgb, 0, NULL) || PNG_IMAGE_FAILED(image)) {
		picture_clear(&p);
		return FAULT_BROKEN;
	}
	*out = p;
	return FAULT_NONE;
}
