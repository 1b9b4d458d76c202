/* Small helpers for the sockets of the FastCGI server. */
#ifndef SHOETOPIA_HTTP_SOCKET_H
#define SHOETOPIA_HTTP_SOCKET_H

#include <stdbool.h>

/* Whether an accept failed with this error for lack of descriptors or memory. */
bool socket_is_shortage(int error);

/* A write on the socket fails after this time; 0: never. */
void socket_set_send_timeout(int fd, int seconds);

#endif
