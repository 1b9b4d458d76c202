#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

static const char *const names[] = {
	[LOG_FAULT] = "fault", [LOG_WARN] = "warning", [LOG_NOTE] = "note"
};

void
log_line(enum log_level level, const char *format, ...)
{
	char line[1024];
	int head = snprintf(line, sizeof line, "shoetopia[%d] %s: ", (int)getpid(), names[level]);
	va_list args;
	int body;
	size_t used;
	ssize_t ignored;

	va_start(args, format);
	body = vsnprintf(line + head, sizeof line - (size_t)head - 1, format, args);
	va_end(args);
	if (body < 0)
		return;
	used = (size_t)head + (size_t)body;
	if (used > sizeof line - 2)
		used = sizeof line - 2;
	for (size_t i = (size_t)head; i < used; i++)
		if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
			line[i] = '?';
	line[used++] = '\n';
	ignored = write(STDERR_FILENO, line, used); /* a failure could not be logged either */
	(void)ignored;
}
