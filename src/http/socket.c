#include "http/socket.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/time.h>

bool
socket_is_shortage(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM ||
		error == ENOSPC;
}

void
socket_set_send_timeout(int fd, int seconds)
{
	const struct timeval timeout = { .tv_sec = seconds };

	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
}
