/* Waits for a socket until a deadline. */
#ifndef SHOETOPIA_DB_SOCKET_WAIT_H
#define SHOETOPIA_DB_SOCKET_WAIT_H

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "db/clock.h"

enum { SOCKET_WAIT_MAX_MS = 60000 };

/*
 * Waits until the socket is ready for `events`, or has an error; false when the deadline passed.
 * Polls at least once: data that has arrived is read even after the deadline.
 */
static inline bool
socket_wait(int fd, short events, int64_t deadline)
{
	for (;;) {
		int64_t left = deadline - clock_ms();
		int ms = left < 0 ? 0 : left > SOCKET_WAIT_MAX_MS ? SOCKET_WAIT_MAX_MS : (int)left;
		struct pollfd p = { .fd = fd, .events = events };
		int n = poll(&p, 1, ms);

		if (n == 0 && left <= 0)
			return false;
		if (n > 0 || (n < 0 && errno != EINTR))
			return true;
	}
}

#endif
