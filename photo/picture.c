#include "photo/picture.h"

#include <stdlib.h>
#include <string.h>

const char *
fault_word(enum fault fault)
{
	static const char *const words[] = {
		[FAULT_NONE] = "none",
		[FAULT_FORMAT] = "format",
		[FAULT_TYPE] = "type",
		[FAULT_BROKEN] = "broken",
		[FAULT_PIXELS] = "pixels",
		[FAULT_ANIMATED] = "animated",
		[FAULT_MORE] = "more",
		[FAULT_MEMORY] = "memory",
	};

	return words[fault];
}

bool
picture_new(unsigned width, unsigned height, struct picture *out)
{
	uint8_t *rgb = malloc((size_t)width * height * 3);

	if (rgb == NULL)
		return false;
	*out = (struct picture){ .width = width, .height = height, .rgb = rgb };
	return true;
}

void
picture_clear(struct picture *p)
{
	free(p->rgb);
	*p = (struct picture){ .rgb = NULL };
}

bool
picture_size_is_allowed(unsigned width, unsigned height)
{
	return width > 0 && height > 0 && (uint64_t)width * height <= PIXELS_MAX;
}

/* ---- shrinking ---- */

/* Adds `weight` times a row to the sums of its values. */
static void
row_add(float *sums, const uint8_t *row, size_t n, float weight)
{
	for (size_t i = 0; i < n; i++)
		sums[i] += weight * row[i];
}

/* The mean of the pixels of a row from `from` to `to`, which need not be whole numbers. */
static void
span_mean(const float *sums, double from, double to, double scale, uint8_t *out)
{
	double mean[3] = { 0, 0, 0 };

	for (size_t x = (size_t)from; x < to; x++) {
		double start = from > (double)x ? from : (double)x;
		double end = to < (double)x + 1 ? to : (double)x + 1;

		for (int c = 0; c < 3; c++)
			mean[c] += (end - start) * sums[3 * x + (size_t)c];
	}
	for (int c = 0; c < 3; c++) {
		double value = mean[c] * scale + 0.5;

		out[c] = value >= 255 ? 255 : (uint8_t)value;
	}
}

/* One row of the shrunk picture: the sums of the rows that it covers, then means along them. */
static void
row_shrink(const struct picture *from, const struct picture *to, unsigned y, float *sums)
{
	double step_y = (double)from->height / to->height;
	double step_x = (double)from->width / to->width;
	double top = y * step_y;
	double bottom = y + 1 == to->height ? from->height : top + step_y;
	size_t n = (size_t)from->width * 3;

	memset(sums, 0, n * sizeof *sums);
	for (size_t row = (size_t)top; row < bottom; row++) {
		double start = top > (double)row ? top : (double)row;
		double end = bottom < (double)row + 1 ? bottom : (double)row + 1;

		row_add(sums, from->rgb + row * n, n, (float)(end - start));
	}
	for (unsigned x = 0; x < to->width; x++) {
		double left = x * step_x;
		double right = x + 1 == to->width ? from->width : left + step_x;

		span_mean(sums, left, right, 1 / (step_x * step_y),
			to->rgb + ((size_t)y * to->width + x) * 3);
	}
}

static unsigned
side_scaled(unsigned side, unsigned longest, unsigned most)
{
	unsigned scaled = (unsigned)(((uint64_t)side * most + longest / 2) / longest);

	return scaled == 0 ? 1 : scaled;
}

enum fault
picture_shrink(const struct picture *from, unsigned side, struct picture *out)
{
	unsigned longest = from->width > from->height ? from->width : from->height;
	bool is_same = longest <= side;
	struct picture to;
	float *sums;

	if (!picture_new(is_same ? from->width : side_scaled(from->width, longest, side),
		    is_same ? from->height : side_scaled(from->height, longest, side), &to))
		return FAULT_MEMORY;
	if (is_same) {
		memcpy(to.rgb, from->rgb, (size_t)to.width * to.height * 3);
		*out = to;
		return FAULT_NONE;
	}
	sums = malloc((size_t)from->width * 3 * sizeof *sums);
	if (sums == NULL) {
		picture_clear(&to);
		return FAULT_MEMORY;
	}
	for (unsigned y = 0; y < to.height; y++)
		row_shrink(from, &to, y, sums);
	free(sums);
	*out = to;
	return FAULT_NONE;
}

/* ---- turning ---- */

/* The pixel of the stored picture that is shown at x, y. */
static const uint8_t *
pixel_shown(const struct picture *p, unsigned orientation, unsigned x, unsigned y)
{
	unsigned right = p->width - 1, bottom = p->height - 1;
	unsigned column, row;

	switch (orientation) {
	case 2:
		column = right - x;
		row = y;
		break;
	case 3:
		column = right - x;
		row = bottom - y;
		break;
	case 4:
		column = x;
		row = bottom - y;
		break;
	case 5:
		column = y;
		row = x;
		break;
	case 6:
		column = y;
		row = bottom - x;
		break;
	case 7:
		column = right - y;
		row = bottom - x;
		break;
	default:
		column = right - y;
		row = x;
		break; /* 8 */
	}
	return p->rgb + ((size_t)row * p->width + column) * 3;
}

enum fault
picture_turn(struct picture *p, unsigned orientation)
{
	bool is_across = orientation >= 5;
	struct picture to;

	if (orientation < 2 || orientation > 8)
		return FAULT_NONE;
	if (!picture_new(is_across ? p->height : p->width, is_across ? p->width : p->height, &to))
		return FAULT_MEMORY;
	for (unsigned y = 0; y < to.height; y++)
		for (unsigned x = 0; x < to.width; x++)
			memcpy(to.rgb + ((size_t)y * to.width + x) * 3,
				pixel_shown(p, orientation, x, y), 3);
	picture_clear(p);
	*p = to;
	return FAULT_NONE;
}
