#include "photo/webp.h"

#include <stdlib.h>
#include <string.h>

#include <webp/decode.h>
#include <webp/encode.h>

#include "photo/exif.h"

enum {
	QUALITY = 80,
	METHOD = 4, /* of 0, quick, to 6, small */
	RIFF_SIZE = 12,
	CHUNK_SIZE = 8,
};

static size_t
number_at(const uint8_t *at)
{
	return at[0] | (size_t)at[1] << 8 | (size_t)at[2] << 16 | (size_t)at[3] << 24;
}

bool
webp_is_one(struct bytes file)
{
	return file.length >= RIFF_SIZE && memcmp(file.at, "RIFF", 4) == 0 &&
		memcmp(file.at + 8, "WEBP", 4) == 0;
}

/* Goes along the chunks to the end. */
static enum fault
chunks_read(struct bytes file, unsigned *orientation)
{
	size_t size = number_at(file.at + 4) + 8;
	size_t at = RIFF_SIZE;

	if (size > file.length)
		return FAULT_BROKEN;
	if (size < file.length)
		return FAULT_MORE;
	while (at < size) {
		size_t length;

		if (size - at < CHUNK_SIZE)
			return FAULT_BROKEN;
		length = number_at(file.at + at + 4);
		if (length > size - at - CHUNK_SIZE)
			return FAULT_BROKEN;
		if (memcmp(file.at + at, "EXIF", 4) == 0)
			*orientation = exif_orientation(
				(struct bytes){ file.at + at + CHUNK_SIZE, length });
		at += CHUNK_SIZE + length + length % 2;
	}
	return FAULT_NONE;
}

/* Puts pixels with an alpha value on white. */
static void
flatten(const uint8_t *rgba, struct picture *p)
{
	size_t n = (size_t)p->width * p->height;

	for (size_t i = 0; i < n; i++)
		for (size_t c = 0; c < 3; c++)
			p->rgb[i * 3 + c] = (uint8_t)((rgba[i * 4 + c] * rgba[i * 4 + 3] +
							      255 * (255 - rgba[i * 4 + 3])) /
				255);
}

static bool
pixels_read(struct bytes file, bool has_alpha, struct picture *p)
{
	size_t n = (size_t)p->width * p->height;
	int width = (int)p->width;
	uint8_t *rgba;
	bool is_read;

	if (!has_alpha)
		return WebPDecodeRGBInto(file.at, file.length, p->rgb, n * 3, width * 3) != NULL;
	rgba = malloc(n * 4);
	is_read = rgba != NULL &&
		WebPDecodeRGBAInto(file.at, file.length, rgba, n * 4, width * 4) != NULL;
	if (is_read)
		flatten(rgba, p);
	free(rgba);
	return is_read;
}

enum fault
webp_decode(struct bytes file, struct picture *out, unsigned *orientation)
{
	WebPBitstreamFeatures features;
	struct picture p;
	enum fault fault;

	*orientation = 1;
	if (WebPGetFeatures(file.at, file.length, &features) != VP8_STATUS_OK)
		return FAULT_BROKEN;
	if (features.has_animation)
		return FAULT_ANIMATED;
	if (!picture_size_is_allowed((unsigned)features.width, (unsigned)features.height))
		return FAULT_PIXELS;
	fault = chunks_read(file, orientation);
	if (fault != FAULT_NONE)
		return fault;
	if (!picture_new((unsigned)features.width, (unsigned)features.height, &p))
		return FAULT_MEMORY;
	if (!pixels_read(file, features.has_alpha, &p)) {
		picture_clear(&p);
		return FAULT_BROKEN;
	}
	*out = p;
	return FAULT_NONE;
}

bool
webp_encode(const struct picture *p, uint8_t **out, size_t *length)
{
	WebPConfig config;
	WebPPicture picture;
	WebPMemoryWriter writer;
	bool is_done;

	if (!WebPConfigPreset(&config, WEBP_PRESET_PHOTO, QUALITY) || !WebPPictureInit(&picture))
		return false;
	config.method = METHOD;
	picture.width = (int)p->width;
	picture.height = (int)p->height;
	WebPMemoryWriterInit(&writer);
	picture.writer = WebPMemoryWrite;
	picture.custom_ptr = &writer;
	is_done = WebPPictureImportRGB(&picture, p->rgb, (int)p->width * 3) &&
		WebPEncode(&config, &picture);
	WebPPictureFree(&picture);
	if (!is_done) {
		WebPMemoryWriterClear(&writer);
		return false;
	}
	*out = writer.mem;
	*length = writer.size;
	return true;
}
