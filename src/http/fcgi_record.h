/* Looks at the FastCGI records of a request before libfcgi parses them. */
#ifndef SHOETOPIA_HTTP_FCGI_RECORD_H
#define SHOETOPIA_HTTP_FCGI_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FCGI_PAIRS_MAX = 128 * 1024 }; /* bytes of all parameters of a request */

/* Name-value pairs: each is two lengths, then that many bytes. */
struct fcgi_pairs {
	uint32_t length;       /* what is read of the present length */
	unsigned length_bytes; /* bytes of it that are still to come */
	bool has_name_length;  /* the next length is that of the value */
	size_t pair_size;      /* of name and value, as far as their lengths are read */
	size_t content_left;   /* bytes of name and value that are still to come */
	size_t total;
};

/* The state between two reads of one request. Initially zero. */
struct fcgi_check {
	unsigned char header[8];
	unsigned header_bytes;    /* of the present record that are read */
	size_t content_left;      /* bytes of its content */
	size_t padding_left;      /* and of its padding */
	struct fcgi_pairs *pairs; /* that its content belongs to; NULL: libfcgi does not parse it */
	bool begun;               /* a request has begun */
	unsigned id;              /* its number */
	struct fcgi_pairs params; /* of the request, through all of its records */
	struct fcgi_pairs values; /* of one management record */
	bool refused;
};

/*
 * Checks the next bytes of a connection, however they are cut. Returns false from the first byte on
 * that is not FastCGI 1, that announces more than FCGI_PAIRS_MAX bytes of parameters, or that
 * libfcgi would misread: it allocates what a length announces, and aborts the process if it cannot.
 */
bool fcgi_check_bytes(struct fcgi_check *check, const unsigned char *data, size_t size);

/*
 * Begins to check what libfcgi reads in this thread: the next bytes are those of a new request, and
 * after bytes that are refused libfcgi sees the end of the connection.
 */
void fcgi_check_reads(void);

/* Whether several of the NAME=value strings, whose list ends with NULL, have this name. */
bool fcgi_has_repeated(char *const *params, const char *name);

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
