#include "http/cgi.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "http/gate.h"

static const char *
cgi_param(void *self, const char *name)
{
	(void)self;
	return getenv(name);
}

static ssize_t
cgi_read(void *self, void *buffer, size_t size)
{
	ssize_t n;

	(void)self;
	do
		n = read(STDIN_FILENO, buffer, size);
	while (n < 0 && errno == EINTR);
	return n;
}

static void
cgi_write(void *self, const char *data, size_t size)
{
	int *status = self;

	while (size > 0) {
		ssize_t n = write(STDOUT_FILENO, data, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			*status = EXIT_FAILURE;
			return;
		}
		data += n;
		size -= (size_t)n;
	}
}

int
cgi_serve(const struct site *site)
{
	int status = EXIT_SUCCESS;
	const struct transport x = {
		.self = &status, .param = cgi_param, .read = cgi_read, .write = cgi_write
	};
	const char *length = getenv("CONTENT_LENGTH");

	/* RFC 3875, 4.1.2: without CONTENT_LENGTH there is no body, and reading one would block. */
	if (length == NULL || *length == '\0')
		setenv("CONTENT_LENGTH", "0", 1);
	if (site->background_tick != NULL)
		site->background_tick();
	gate_serve(site, &x);
	return status;
}
