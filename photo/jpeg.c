#include "photo/jpeg.h"

#include <setjmp.h>
#include <stdio.h> /* jpeglib.h needs it */
#include <stdlib.h>
#include <string.h>

#include <jerror.h>
#include <jpeglib.h>

#include "photo/exif.h"

enum {
	QUALITY = 82,
	SCANS_MAX = 100, /* of a progressive file; each costs as much as the whole picture */
	SEGMENT_MAX = 65533,
};

static const char exif_mark[] = "Exif\0"; /* and its NUL */

/* The state of a decoder or encoder, with what its errors need. */
struct job {
	struct jpeg_error_mgr errors;
	struct jpeg_progress_mgr progress;
	jmp_buf failed;
	enum fault fault;
};

static void
fail(j_common_ptr info)
{
	struct job *job = info->client_data;

	if (job->fault == FAULT_NONE)
		job->fault =
			info->err->msg_code == JERR_OUT_OF_MEMORY ? FAULT_MEMORY : FAULT_BROKEN;
	longjmp(job->failed, 1);
}

/* libjpeg goes on after data that is damaged or ends early, with grey. We do not. */
static void
check_warning(j_common_ptr info, int level)
{
	int code = info->err->msg_code;

	if (level < 0 && code != JWRN_EXTRANEOUS_DATA && code != JWRN_ADOBE_XFORM &&
		code != JWRN_JFIF_MAJOR)
		fail(info);
}

static void
check_scans(j_common_ptr info)
{
	if (info->is_decompressor && ((j_decompress_ptr)info)->input_scan_number > SCANS_MAX)
		fail(info);
}

static void
say_nothing(j_common_ptr info)
{
	(void)info;
}

static struct jpeg_error_mgr *
errors_begin(struct job *job)
{
	jpeg_std_error(&job->errors);
	job->errors.error_exit = fail;
	job->errors.emit_message = check_warning;
	job->errors.output_message = say_nothing;
	job->progress.progress_monitor = check_scans;
	job->fault = FAULT_NONE;
	return &job->errors;
}

bool
jpeg_is_one(struct bytes file)
{
	return file.length >= 3 && memcmp(file.at, "\xff\xd8\xff", 3) == 0;
}

/* ---- decoding ---- */

static unsigned
orientation_of(const struct jpeg_decompress_struct *info)
{
	for (jpeg_saved_marker_ptr m = info->marker_list; m != NULL; m = m->next)
		if (m->data_length > sizeof exif_mark &&
			memcmp(m->data, exif_mark, sizeof exif_mark) == 0)
			return exif_orientation((struct bytes){
				m->data + sizeof exif_mark, m->data_length - sizeof exif_mark });
	return 1;
}

/* The largest of 1, 2, 4 and 8 that leaves the longest side at least SIDE_MAX. */
static unsigned
scale_of(unsigned width, unsigned height)
{
	unsigned longest = width > height ? width : height;
	unsigned scale = 1;

	while (scale < 8 && longest / (scale * 2) >= SIDE_MAX)
		scale *= 2;
	return scale;
}

/* Whether what follows a picture is what cameras put there, or nothing. */
static bool
is_of_camera(struct bytes rest)
{
	while (rest.length > 0 && *rest.at == 0) {
		rest.at++;
		rest.length--;
	}
	return rest.length == 0 ||
		jpeg_is_one(rest) || /* a preview, or the map of an HDR picture */
		(rest.length > 11 &&
			memcmp(rest.at + 1, "ftyp", 4) == 0) || /* a film, less 3 NULs */
		(rest.length > 4 &&
			memcmp(rest.at + rest.length - 4, "SEFT", 4) == 0); /* Samsung */
}

/* In place, to RGB. Files by Adobe hold the inverse. */
static void
row_from_cmyk(const uint8_t *from, unsigned width, bool is_inverse, uint8_t *to)
{
	for (unsigned x = 0; x < width; x++, from += 4, to += 3)
		for (int c = 0; c < 3; c++) {
			unsigned ink = is_inverse ? from[c] : 255U - from[c];
			unsigned black = is_inverse ? from[3] : 255U - from[3];

			to[c] = (uint8_t)(ink * black / 255);
		}
}

static void
rows_read(struct jpeg_decompress_struct *info, struct picture *p, uint8_t *cmyk)
{
	while (info->output_scanline < info->output_height) {
		uint8_t *to = p->rgb + (size_t)info->output_scanline * p->width * 3;
		uint8_t *row = cmyk != NULL ? cmyk : to;

		jpeg_read_scanlines(info, &row, 1);
		if (cmyk != NULL)
			row_from_cmyk(cmyk, p->width, info->saw_Adobe_marker, to);
	}
}

/* Reads the header and chooses the size; the fault by `job`. */
static bool
header_read(struct jpeg_decompress_struct *info, struct job *job)
{
	jpeg_save_markers(info, JPEG_APP0 + 1, SEGMENT_MAX);
	jpeg_read_header(info, TRUE);
	if (!picture_size_is_allowed(info->image_width, info->image_height)) {
		job->fault = FAULT_PIXELS;
		return false;
	}
	info->scale_num = 1;
	info->scale_denom = scale_of(info->image_width, info->image_height);
	info->out_color_space =
		info->jpeg_color_space == JCS_CMYK || info->jpeg_color_space == JCS_YCCK ? JCS_CMYK
											 : JCS_RGB;
	return true;
}

enum fault
jpeg_decode(struct bytes file, struct picture *out, unsigned *orientation)
{
	struct jpeg_decompress_struct info;
	struct job job;
	struct picture *volatile p = calloc(1, sizeof *p); /* volatile: they survive longjmp() */
	uint8_t *volatile cmyk = NULL;

	if (p == NULL)
		return FAULT_MEMORY;
	info.err = errors_begin(&job);
	info.client_data = &job;
	jpeg_create_decompress(&info);
	info.client_data = &job;
	info.progress = &job.progress;
	if (setjmp(job.failed) == 0) {
		jpeg_mem_src(&info, file.at, file.length);
		if (header_read(&info, &job)) {
			jpeg_start_decompress(&info);
			if (info.out_color_space == JCS_CMYK)
				cmyk = malloc((size_t)info.output_width * 4);
			if (!picture_new(info.output_width, info.output_height, p) ||
				(info.out_color_space == JCS_CMYK && cmyk == NULL)) {
				job.fault = FAULT_MEMORY;
				longjmp(job.failed, 1);
			}
			rows_read(&info, p, cmyk);
			*orientation = orientation_of(&info);
			jpeg_finish_decompress(&info);
			if (!is_of_camera((struct bytes){
				    info.src->next_input_byte, info.src->bytes_in_buffer }))
				job.fault = FAULT_MORE;
		}
	}
	jpeg_destroy_decompress(&info);
	free(cmyk);
	if (job.fault == FAULT_NONE)
		*out = *p;
	else
		picture_clear(p);
	free(p);
	return job.fault;
}

/* ---- encoding ---- */

bool
jpeg_encode(const struct picture *p, uint8_t **out, size_t *length)
{
	struct jpeg_compress_struct info;
	struct job job;
	unsigned char *file = NULL;
	unsigned long size = 0;

	info.err = errors_begin(&job);
	jpeg_create_compress(&info);
	info.client_data = &job;
	if (setjmp(job.failed) == 0) {
		jpeg_mem_dest(&info, &file, &size);
		info.image_width = p->width;
		info.image_height = p->height;
		info.input_components = 3;
		info.in_color_space = JCS_RGB;
		jpeg_set_defaults(&info);
		jpeg_set_quality(&info, QUALITY, TRUE);
		info.optimize_coding = TRUE;
		jpeg_simple_progression(&info);
		jpeg_start_compress(&info, TRUE);
		while (info.next_scanline < info.image_height) {
			uint8_t *row = p->rgb + (size_t)info.next_scanline * p->width * 3;

			jpeg_write_scanlines(&info, &row, 1);
		}
		jpeg_finish_compress(&info);
	}
	jpeg_destroy_compress(&info);
	if (job.fault != FAULT_NONE) {
		free(file);
		return false;
	}
	*out = file;
	*length = size;
	return true;
}
