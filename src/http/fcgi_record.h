/* Recognises the FastCGI records of a request before libfcgi reads them. */
#ifndef SHOETOPIA_HTTP_FCGI_RECORD_H
#define SHOETOPIA_HTTP_FCGI_RECORD_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Whether `data` begins with all records of one request, as a web server sends it: its begin, its
 * parameters up to the empty record, its body up to the empty record, all with the same request
 * number.
 */
bool fcgi_is_complete_request(const unsigned char *data, size_t length);

/*
 * Whether reading a request from this socket does not block: it has been received completely, or
 * the connection has ended. nginx sends a request at once, Apache forwards a body as its client
 * sends it. Reads nothing.
 */
bool fcgi_is_readable_at_once(int fd);

#endif
