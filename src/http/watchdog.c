#include "http/watchdog.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"

static int notify_fd = -1; /* a datagram socket */
static struct sockaddr_un notify_address;
static socklen_t notify_size;
static int pipe_fd = -1;

/* A path, or an abstract name behind an "@". */
static void
open_notify(const char *name)
{
	size_t length = strlen(name);

	if ((*name != '/' && *name != '@') || length >= sizeof notify_address.sun_path) {
		log_line(LOG_WARN, "NOTIFY_SOCKET is no path of a socket: %s", name);
		return;
	}
	notify_address.sun_family = AF_UNIX;
	memcpy(notify_address.sun_path, name, length);
	if (*name == '@')
		notify_address.sun_path[0] = '\0';
	notify_size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
	notify_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (notify_fd < 0)
		log_line(LOG_WARN, "cannot report to NOTIFY_SOCKET: %s", strerror(errno));
}

static void
open_pipe(const char *number)
{
	char *end;
	long fd = strtol(number, &end, 10);

	if (*number == '\0' || *end != '\0' || fd < 3 || fd > 65535 ||
		fcntl((int)fd, F_SETFL, O_NONBLOCK) != 0 ||
		fcntl((int)fd, F_SETFD, FD_CLOEXEC) != 0)
		log_line(LOG_WARN, "SHOETOPIA_WATCHDOG_FD is no descriptor: %s", number);
	else
		pipe_fd = (int)fd;
}

bool
watchdog_open(void)
{
	const char *name = getenv("NOTIFY_SOCKET");
	const char *number = getenv("SHOETOPIA_WATCHDOG_FD");

	if (name != NULL && *name != '\0')
		open_notify(name);
	if (number != NULL && *number != '\0')
		open_pipe(number);
	return notify_fd >= 0 || pipe_fd >= 0;
}

static void
notify(const char *text)
{
	if (notify_fd >= 0)
		(void)!sendto(notify_fd, text, strlen(text), MSG_NOSIGNAL,
			(const struct sockaddr *)&notify_address, notify_size);
}

void
watchdog_ready(void)
{
	notify("READY=1");
	watchdog_ping();
}

void
watchdog_ping(void)
{
	notify("WATCHDOG=1");
	if (pipe_fd >= 0)
		(void)!write(pipe_fd, "\n", 1);
}

void
watchdog_stopping(void)
{
	notify("STOPPING=1");
}

void
watchdog_close(void)
{
	if (notify_fd >= 0)
		close(notify_fd);
	if (pipe_fd >= 0)
		close(pipe_fd);
	notify_fd = -1;
	pipe_fd = -1;
}
