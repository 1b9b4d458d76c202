/*
 * The client behind trusted proxies: its address and its scheme by X-Forwarded-For and
 * X-Forwarded-Proto. From any other peer these headers are ignored, since a client can write them.
 */
#ifndef SHOETOPIA_HTTP_CLIENT_H
#define SHOETOPIA_HTTP_CLIENT_H

#include <stdbool.h>

enum { ADDRESS_SIZE = 46 }; /* bytes of an IPv6 address as text, with its NUL */

enum scheme { SCHEME_UNSET = 0, SCHEME_HTTP, SCHEME_HTTPS };

struct client {
	char address[ADDRESS_SIZE]; /* "": as the web server reports it */
	enum scheme scheme;         /* SCHEME_UNSET: as the web server reports it */
};

/*
 * Sets the trusted proxies: CIDR ranges of IPv4 and IPv6, separated by commas or blanks; an address
 * without a length is that address alone. NULL or "": none. Returns false, and changes nothing, if
 * a range is malformed. Call it before the first request.
 */
bool client_trust_proxies(const char *ranges);

/* Whether any proxy is trusted. */
bool client_has_proxies(void);

/*
 * Finds the client by what the web server reports: `peer` is REMOTE_ADDR. The address is the
 * rightmost one of X-Forwarded-For that is not a trusted proxy's, or the leftmost one if all are;
 * an entry that is no address ends the search. The scheme is the last one of X-Forwarded-Proto,
 * which the nearest proxy has written.
 */
void client_find(const char *peer, const char *forwarded_for, const char *forwarded_proto,
	struct client *client);

/*
 * The address without the prefix of an IPv4 address that is mapped into IPv6, ::ffff:192.0.2.7: a
 * web server that listens for both on one socket reports it so. Points into `address`.
 */
const char *client_unmapped(const char *address);

#endif
