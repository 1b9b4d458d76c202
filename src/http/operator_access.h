/* Who may read what is for operators: the holder of a token, or else a program on this host. */
#ifndef SHOETOPIA_HTTP_OPERATOR_ACCESS_H
#define SHOETOPIA_HTTP_OPERATOR_ACCESS_H

#include "http/request.h"

/*
 * From now on the token alone gives access, in `Authorization: Bearer TOKEN`. `path` is the file
 * that holds it, with at least 16 characters and perhaps white space around it. False, logged, if
 * it cannot be used. Call it before the first request.
 */
bool operator_access_set_token_file(const char *path);

/*
 * Whether the request may read. Without a token: if it comes from a loopback address and no proxy
 * says that it has forwarded it, since through a proxy on this host anybody comes from there.
 */
bool operator_access_allowed(const struct request *req);

#endif
