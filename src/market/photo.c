#include "market/photo.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/photo_file.h"
#include "market/answer.h"

enum {
	WAITING_MAX = 16, /* uploads; each holds its file meanwhile */
	BUSY_SECONDS = 3,
};

static const char *const types[] = { "image/jpeg", "image/png", "image/webp", NULL };

const struct file_body photo_body = { .types = types,
	.size_max = PHOTO_BYTES_MAX,
	.field = "photo",
	.label = "Photo",
	.hint = "JPEG, PNG or WebP, up to 8 MB. The first one is shown in lists.",
	.too_large = "A photo may have up to 8 MB (8,388,608 bytes)." };

const struct field photo_order_fields[] = {
	{ "photo_ids", FIELD_INTEGER, .min = 1, .max = G_MAXINT64, .repeated = true, .at_least = 1,
		.at_most = PHOTOS_MAX, .label = "Photo, by its number", .listed_in = "photos",
		.listed_member = "photo_id" },
	{ 0 },
};

static const struct member photo_members[] = {
	{ "photo_id", IS_ID },
	{ "url", IS_TEXT },
	{ "thumb_url", IS_TEXT },
	{ "width", IS_INTEGER },
	{ "height", IS_INTEGER },
	{ 0 },
};

const struct answer_schema photo_schema = { "Photo", photo_members };

const struct answer_schema picture_schema = { "Picture", photo_members + 1 };

/* ---- taking one ---- */

static struct work_queue *queue;
static pthread_once_t queue_once = PTHREAD_ONCE_INIT;

static void
queue_make(void)
{
	queue = work_queue_new("photos", 1, WAITING_MAX, 0);
}

void
photo_queue_free(void)
{
	work_queue_free(queue);
	queue = NULL;
}

/* The bytes as PostgreSQL reads a bytea. Free with g_free(). */
static char *
hex_of(const struct photo_file *f)
{
	static const char digits[] = "0123456789abcdef";
	char *text = g_malloc(2 * f->length + 3);
	char *to = text;

	*to++ = '\\';
	*to++ = 'x';
	for (size_t i = 0; i < f->length; i++) {
		unsigned char byte = (unsigned char)f->at[i];

		*to++ = digits[byte >> 4];
		*to++ = digits[byte & 15];
	}
	*to = '\0';
	return text;
}

/* The files of a picture as parameters of a statement. */
struct params {
	struct db_param list[PHOTO_FILES + 2];
	char *hex[PHOTO_FILES];
	char width[24], height[24];
};

enum { N_PARAMS = PHOTO_FILES + 2 };

static void
params_make(const struct photo_file files[static PHOTO_FILES], struct params *params)
{
	static const char *const names[PHOTO_FILES] = { "zoom_webp", "zoom_jpg", "page_webp",
		"page_jpg", "list_webp", "list_jpg" };
	enum { PAGE = 2 };

	for (int i = 0; i < PHOTO_FILES; i++) {
		params->hex[i] = hex_of(&files[i]);
		params->list[i] = (struct db_param){ .name = names[i], .text = params->hex[i] };
	}
	g_snprintf(params->width, sizeof params->width, "%u", files[PAGE].width);
	g_snprintf(params->height, sizeof params->height, "%u", files[PAGE].height);
	params->list[PHOTO_FILES] = (struct db_param){ .name = "width", .text = params->width };
	params->list[PHOTO_FILES + 1] =
		(struct db_param){ .name = "height", .text = params->height };
}

static void
params_clear(struct params *params)
{
	for (int i = 0; i < PHOTO_FILES; i++)
		g_free(params->hex[i]);
}

/* Decoding costs most, so the database first says whether the caller may. */
static enum err
take(struct request *req, struct answer *ans)
{
	struct photo_file files[PHOTO_FILES];
	struct params params;
	g_autoptr(GString) out = NULL;
	const char *sentence;
	enum err e = answer_call(req, ans, SQL_may_add_photo, NULL, 0);

	if (e != ERR_NONE)
		return e;
	out = g_string_new(NULL);
	switch (photo_make(request_body(req), request_file_type(req), out, files, &sentence)) {
	case PHOTO_FAILED:
		return ERR_FAULT;
	case PHOTO_BUSY:
		return ERR_BUSY;
	case PHOTO_REFUSED:
		ans->extra = g_strdup_printf(
			"{\"errors\":[{\"field\":\"photo\",\"message\":\"%s\"}]}", sentence);
		return ERR_INVALID;
	default:
		break;
	}
	params_make(files, &params);
	e = answer_call(req, ans, SQL_add_photo, params.list, N_PARAMS);
	params_clear(&params);
	return e;
}

enum err
add_photo(struct request *req, struct answer *ans)
{
	ans->retry_after_seconds = BUSY_SECONDS;
	pthread_once(&queue_once, queue_make);
	return answer_deferred(req, ans, queue, take);
}

/* ---- serving ---- */

enum err
get_photo(struct request *req, struct answer *ans)
{
	enum err e = answer_call(req, ans, SQL_photo_file, NULL, 0);
	gsize length = 0;

	if (e != ERR_NONE)
		return e;
	g_base64_decode_inplace(ans->body->str, &length);
	g_string_truncate(ans->body, length);
	ans->type =
		g_str_has_suffix(request_text(req, "file"), ".webp") ? "image/webp" : "image/jpeg";
	return ERR_NONE;
}

/* ---- the demo data ---- */

/* Keeps the picture of one file, and prints it. */
static bool
load_one(struct db *db, const char *path, const char *name)
{
	struct photo_file files[PHOTO_FILES];
	struct params params;
	struct db_result row = { 0 };
	g_autofree char *contents = NULL;
	g_autoptr(GString) out = NULL;
	gsize length;
	enum err e;

	if (!g_file_get_contents(path, &contents, &length, NULL))
		return false;
	out = g_string_new_len(contents, (gssize)length);
	if (!photo_read(out, files))
		return false;
	params_make(files, &params);
	e = db_call(db, SQL_keep_picture, params.list, N_PARAMS, &row);
	if (e == ERR_NONE)
		printf("%s\t\\\\x%s\t%s\t%s\n", name, row.answer, params.width, params.height);
	db_result_clear(&row);
	params_clear(&params);
	return e == ERR_NONE;
}

int
photo_load(const char *folder)
{
	GDir *dir = g_dir_open(folder, 0, NULL);
	struct db *db = db_open(1, 8000);
	const char *entry;
	int status = EXIT_SUCCESS;

	while (dir != NULL && (entry = g_dir_read_name(dir)) != NULL) {
		g_autofree char *path = g_build_filename(folder, entry, NULL);
		g_autofree char *name = NULL;

		if (!g_str_has_suffix(entry, ".photo"))
			continue;
		name = g_strndup(entry, strlen(entry) - strlen(".photo"));
		if (!load_one(db, path, name)) {
			fprintf(stderr, "shoetopia: %s cannot be loaded\n", path);
			status = EXIT_FAILURE;
		}
	}
	if (dir == NULL) {
		fprintf(stderr, "shoetopia: %s cannot be read\n", folder);
		status = EXIT_FAILURE;
	} else {
		g_dir_close(dir);
	}
	db_close(db);
	return status;
}
