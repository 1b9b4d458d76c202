#include "base/durable_file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdio.h>
#include <unistd.h>

static bool
write_all(int fd, const char *data, size_t length)
{
	while (length > 0) {
		ssize_t n = write(fd, data, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		data += n;
		length -= (size_t)n;
	}
	return true;
}

static bool
sync_folder(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return ok;
}

bool
durable_file_write(const char *folder, const char *name, const void *data, size_t length)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);
	g_autofree char *draft = g_strdup_printf("%s/.%s.%d", folder, name, (int)getpid());
	int fd = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	bool ok = fd >= 0 && write_all(fd, data, length) && fsync(fd) == 0;
	int saved = errno;

	if (fd >= 0 && close(fd) != 0 && ok) {
		saved = errno;
		ok = false;
	}
	if (ok && rename(draft, path) == 0)
		return sync_folder(folder);
	if (ok)
		saved = errno;
	if (fd >= 0)
		unlink(draft);
	errno = saved;
	return false;
}
