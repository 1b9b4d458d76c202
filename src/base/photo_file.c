#include "base/photo_file.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/child.h"
#include "base/log.h"

enum {
	SECONDS = 24, /* it is killed after 15 of computing */
	OUT_MAX = 24 * 1024 * 1024,
	SIDE_MAX = 2048,
	HEAD_MAX = 80,
	PATH_SIZE = 4096,
};

static const char *const names[PHOTO_FILES] = { "zoom.webp", "zoom.jpg", "page.webp", "page.jpg",
	"list.webp", "list.jpg" };

/* Beside this program, unless the environment names another. Free with g_free(). */
static char *
program_path(void)
{
	const char *set = getenv("SHOETOPIA_PHOTO_PROGRAM");
	char self[PATH_SIZE];
	ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
	g_autofree char *folder = NULL;

	if (set != NULL && *set != '\0')
		return g_strdup(set);
	self[length < 0 ? 0 : length] = '\0';
	folder = g_path_get_dirname(self);
	return g_build_filename(folder, "shoetopia-photo", NULL);
}

const char *
photo_refusal(const GString *out)
{
	static const char *const table[][2] = {
		{ "format", "This is no picture that we can read: send a JPEG, PNG or WebP." },
		{ "type", "This picture is of another format than its Content-Type says." },
		{ "broken", "This picture is damaged or cut off: please send it again." },
		{ "pixels", "This picture is too large: up to 40 megapixels." },
		{ "animated", "This picture moves: please send one that does not." },
		{ "more",
			"Something else is in this file, behind the picture: save the picture "
			"alone." },
		{ "memory", "This picture needs too much memory: save it smaller." },
	};
	g_autofree char *word = NULL;

	if (!g_str_has_prefix(out->str, "refused ") || !g_str_has_suffix(out->str, "\n"))
		return NULL;
	word = g_strndup(out->str + 8, out->len - 9);
	for (size_t i = 0; i < G_N_ELEMENTS(table); i++)
		if (strcmp(word, table[i][0]) == 0)
			return table[i][1];
	return NULL;
}

/* Whether a file begins as one of its kind: the program read hostile bytes. */
static bool
is_of_kind(const struct photo_file *f)
{
	if (g_str_has_suffix(f->name, ".webp"))
		return f->length > 12 && memcmp(f->at, "RIFF", 4) == 0 &&
			memcmp(f->at + 8, "WEBP", 4) == 0;
	return f->length > 4 && memcmp(f->at, "\xff\xd8\xff", 3) == 0;
}

/* Reads "NAME WIDTH HEIGHT LENGTH\n" and the bytes; returns what follows, NULL if it is wrong. */
static const char *
file_read(const char *at, const char *end, const char *name, struct photo_file *f)
{
	const char *line_end = memchr(at, '\n', (size_t)MIN(end - at, HEAD_MAX));
	g_autofree char *line = NULL;
	g_auto(GStrv) words = NULL;
	guint64 numbers[3];

	if (line_end == NULL)
		return NULL;
	line = g_strndup(at, (size_t)(line_end - at));
	words = g_strsplit(line, " ", 5);
	if (g_strv_length(words) != 4 || strcmp(words[0], name) != 0)
		return NULL;
	for (int i = 0; i < 3; i++)
		if (!g_ascii_string_to_unsigned(
			    words[i + 1], 10, 1, i < 2 ? SIDE_MAX : OUT_MAX, &numbers[i], NULL))
			return NULL;
	if (numbers[2] > (guint64)(end - line_end - 1))
		return NULL;
	*f = (struct photo_file){ .name = name,
		.width = (unsigned)numbers[0],
		.height = (unsigned)numbers[1],
		.at = line_end + 1,
		.length = (size_t)numbers[2] };
	return is_of_kind(f) ? f->at + f->length : NULL;
}

bool
photo_read(const GString *out, struct photo_file files[static PHOTO_FILES])
{
	static const char begin[] = "photo\n";
	const char *at = out->str + sizeof begin - 1;
	const char *end = out->str + out->len;

	if (!g_str_has_prefix(out->str, begin))
		return false;
	for (int i = 0; i < PHOTO_FILES && at != NULL; i++)
		at = file_read(at, end, names[i], &files[i]);
	return at != NULL && end - at == 4 && memcmp(at, "end\n", 4) == 0;
}

/* Whether it could not confine itself (main() of photo/shoetopia_photo.c), so takes no photo. */
static bool
is_unable(const char *why)
{
	return g_str_has_suffix(why, " ended with status 2");
}

/*
 * Whether it failed for what others use: descriptors, processes, memory, or the processors, since
 * its own computing has a shorter limit.
 */
static bool
is_for_others(const char *why)
{
	return g_str_has_suffix(why, " took too long") || strstr(why, " cannot be run: ") != NULL;
}

enum photo_result
photo_make(const GString *body, const char *type, GString *out,
	struct photo_file files[static PHOTO_FILES], const char **sentence)
{
	g_autofree char *program = program_path();
	const char *argv[] = { program, type, NULL };
	g_autofree char *why = NULL;
	bool is_run = child_run(argv, body->str, body->len, OUT_MAX, SECONDS, out, &why);

	if (!is_run && (is_unable(why) || !g_file_test(program, G_FILE_TEST_IS_EXECUTABLE))) {
		log_line(LOG_FAULT, "no photo can be taken: %s", why);
		return PHOTO_FAILED;
	}
	if (!is_run && is_for_others(why)) {
		log_line(LOG_WARN, "a photo has to wait: %s", why);
		return PHOTO_BUSY;
	}
	if (is_run && photo_read(out, files))
		return PHOTO_MADE;
	*sentence = is_run ? photo_refusal(out) : NULL;
	if (*sentence == NULL) {
		log_line(LOG_WARN, "a photo is refused: %s", is_run ? "the output is wrong" : why);
		*sentence = "This picture takes too long to open: save it smaller.";
	}
	return PHOTO_REFUSED;
}
