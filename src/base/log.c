#include "base/log.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct {
	const char *name;
	const char *prefix; /* as in sd-daemon(3) */
} levels[] = {
	[LOG_FAULT] = { "fault", "<3>" },
	[LOG_WARN] = { "warning", "<4>" },
	[LOG_NOTE] = { "note", "<5>" },
};

static bool for_journal;

static _Thread_local char request[LOG_REQUEST_SIZE];

/* JOURNAL_STREAM is DEVICE:INODE; a program whose standard error was redirected inherits it too. */
static bool
is_journal(int fd)
{
	const char *stream = getenv("JOURNAL_STREAM");
	char actual[64];
	struct stat file;

	if (stream == NULL || fstat(fd, &file) != 0)
		return false;
	snprintf(actual, sizeof actual, "%ju:%ju", (uintmax_t)file.st_dev, (uintmax_t)file.st_ino);
	return strcmp(stream, actual) == 0;
}

bool
log_set_format(const char *format)
{
	if (format == NULL || *format == '\0')
		for_journal = is_journal(STDERR_FILENO);
	else if (strcmp(format, "journal") == 0 || strcmp(format, "text") == 0)
		for_journal = strcmp(format, "journal") == 0;
	else
		return false;
	return true;
}

const char *
log_prefix(enum log_level level)
{
	return for_journal ? levels[level].prefix : "";
}

void
log_set_request(const char *id)
{
	snprintf(request, sizeof request, "%s", id);
}

const char *
log_request(void)
{
	return request;
}

/* Writes the beginning of a line; returns its length. */
static size_t
write_head(enum log_level level, char *line, size_t size)
{
	const char *label = *request == '\0' ? "" : "request ";
	const char *colon = *request == '\0' ? "" : ": ";
	int n = for_journal ? snprintf(line, size, "%s%s: %s%s%s", levels[level].prefix,
				      levels[level].name, label, request, colon)
			    : snprintf(line, size, "shoetopia[%d] %s: %s%s%s", (int)getpid(),
				      levels[level].name, label, request, colon);

	return (size_t)n;
}

void
log_line(enum log_level level, const char *format, ...)
{
	char line[1024];
	size_t head = write_head(level, line, sizeof line);
	va_list args;
	int body;
	size_t used;
	ssize_t ignored;

	va_start(args, format);
	body = vsnprintf(line + head, sizeof line - head - 1, format, args);
	va_end(args);
	if (body < 0)
		return;
	used = head + (size_t)body;
	if (used > sizeof line - 2)
		used = sizeof line - 2;
	for (size_t i = head; i < used; i++)
		if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
			line[i] = '?';
	line[used++] = '\n';
	ignored = write(STDERR_FILENO, line, used); /* a failure could not be logged either */
	(void)ignored;
}
