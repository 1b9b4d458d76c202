#include "http/fcgi_record.h"

#include <errno.h>
#include <fastcgi.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/secret.h"

enum { VALUES_MAX = 48 };      /* bytes of an FCGI_GET_VALUES: those of its three names */
enum { PEEK_MAX = 16 * 1024 }; /* bytes; a longer request counts as not received completely */

static size_t
size_min(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* ---- name-value pairs ---- */

/* A length is complete: that of a name, or that of its value, after which both follow. */
static void
length_complete(struct fcgi_pairs *pairs)
{
	pairs->pair_size += pairs->length;
	if (pairs->has_name_length) {
		pairs->content_left = pairs->pair_size;
		pairs->pair_size = 0;
	}
	pairs->has_name_length = !pairs->has_name_length;
}

/* One byte of a length: one byte below 128, else four whose highest bit is set. */
static void
length_byte(struct fcgi_pairs *pairs, unsigned char byte)
{
	if (pairs->length_bytes > 0) {
		pairs->length = pairs->length << 8 | byte;
		if (--pairs->length_bytes == 0)
			length_complete(pairs);
	} else if (byte < 0x80) {
		pairs->length = byte;
		length_complete(pairs);
	} else {
		pairs->length = byte & 0x7f;
		pairs->length_bytes = 3;
	}
}

static bool
check_pairs(struct fcgi_pairs *pairs, const unsigned char *data, size_t size)
{
	pairs->total += size;
	for (size_t at = 0; at < size;) {
		if (pairs->content_left > 0) {
			size_t n = size_min(size - at, pairs->content_left);

			pairs->content_left -= n;
			at += n;
		} else {
			length_byte(pairs, data[at++]);
		}
		if (pairs->pair_size > FCGI_PAIRS_MAX || pairs->content_left > FCGI_PAIRS_MAX)
			return false;
	}
	return pairs->total <= FCGI_PAIRS_MAX;
}

/* ---- records ---- */

/*
 * What libfcgi does not parse as the protocol says, so that it would take other bytes for headers
 * than this check: padding of a begin and of the end of the parameters is not skipped; the content
 * of management records (number 0) but FCGI_GET_VALUES counts as that of the request, and the
 * answer to the latter is written into 64 bytes, whatever was asked for.
 */
static bool
is_misread(const struct fcgi_check *check, unsigned id)
{
	int type = check->header[1];

	if (id == FCGI_NULL_REQUEST_ID)
		return check->content_left > (type == FCGI_GET_VALUES ? VALUES_MAX : 0);
	if (type == FCGI_BEGIN_REQUEST)
		return check->padding_left > 0;
	return type == FCGI_PARAMS && check->content_left == 0 && check->padding_left > 0;
}

/* The header of a record is complete. libfcgi serves the first request that begins. */
static bool
check_header(struct fcgi_check *check)
{
	const unsigned char *header = check->header;
	unsigned id = (unsigned)(header[2] << 8 | header[3]);

	check->content_left = (size_t)(header[4] << 8 | header[5]);
	check->padding_left = header[6];
	check->pairs = NULL;
	if (header[1] == FCGI_BEGIN_REQUEST && !check->begun) {
		check->begun = true;
		check->id = id;
	} else if (id == FCGI_NULL_REQUEST_ID) {
		check->values = (struct fcgi_pairs){ 0 };
		check->pairs = &check->values;
	} else if (header[1] == FCGI_PARAMS && check->begun && id == check->id) {
		check->pairs = &check->params;
	}
	return header[0] == FCGI_VERSION_1 && !is_misread(check, id);
}

/* Checks up to `size` bytes of the present record; sets how many. */
static bool
check_some(struct fcgi_check *check, const unsigned char *data, size_t size, size_t *checked)
{
	if (check->header_bytes < FCGI_HEADER_LEN) {
		*checked = size_min(size, FCGI_HEADER_LEN - check->header_bytes);
		memcpy(check->header + check->header_bytes, data, *checked);
		check->header_bytes += (unsigned)*checked;
		return check->header_bytes < FCGI_HEADER_LEN || check_header(check);
	}
	if (check->content_left > 0) {
		*checked = size_min(size, check->content_left);
		check->content_left -= *checked;
		return check->pairs == NULL || check_pairs(check->pairs, data, *checked);
	}
	*checked = size_min(size, check->padding_left);
	check->padding_left -= *checked;
	return true;
}

bool
fcgi_check_bytes(struct fcgi_check *check, const unsigned char *data, size_t size)
{
	while (size > 0 && !check->refused) {
		size_t checked;

		if (check->header_bytes == FCGI_HEADER_LEN && check->content_left == 0 &&
			check->padding_left == 0)
			check->header_bytes = 0;
		check->refused = !check_some(check, data, size, &checked);
		data += checked;
		size -= checked;
	}
	return !check->refused;
}

/* ---- what libfcgi reads ---- */

static _Thread_local struct fcgi_check reads;

void
fcgi_check_reads(void)
{
	reads = (struct fcgi_check){ 0 };
}

/*
 * libfcgi reads by this function of its own (fcgios.h); the linker prefers this definition. It is
 * the only place where all bytes pass that libfcgi will parse.
 */
int OS_Read(int fd, char *buffer, size_t size);

int
OS_Read(int fd, char *buffer, size_t size)
{
	ssize_t n = read(fd, buffer, size);

	if (n > 0 && !fcgi_check_bytes(&reads, (const unsigned char *)buffer, (size_t)n)) {
		errno = EPROTO;
		return -1;
	}
	return (int)n;
}

bool
fcgi_has_repeated(char *const *params, const char *name)
{
	int seen = 0;

	for (; *params != NULL; params++) {
		const char *p = *params;
		const char *n = name;

		/* most differ in a few bytes: faster than strncmp(), 0.3 us for 20 of them */
		while (*n != '\0' && *p == *n) {
			p++;
			n++;
		}
		seen += *n == '\0' && *p == '=';
	}
	return seen > 1;
}

/* ---- complete requests ---- */

/* The layouts are FCGI_Header and FCGI_BeginRequestBody of fastcgi.h. */
bool
fcgi_is_complete_request(const unsigned char *data, size_t length)
{
	int expected = FCGI_BEGIN_REQUEST;

	for (size_t at = 0; at + FCGI_HEADER_LEN <= length;) {
		const unsigned char *record = data + at;
		int content = record[4] << 8 | record[5];
		size_t next = at + FCGI_HEADER_LEN + (size_t)content + record[6];

		if (record[0] != FCGI_VERSION_1 || record[1] != expected || record[2] != data[2] ||
			record[3] != data[3] || next > length)
			return false;
		if (expected == FCGI_BEGIN_REQUEST) {
			if (content < 2 || record[8] != 0 || record[9] != FCGI_RESPONDER)
				return false;
			expected = FCGI_PARAMS;
		} else if (content == 0 && expected == FCGI_STDIN) {
			return true;
		} else if (content == 0) {
			expected = FCGI_STDIN;
		}
		at = next;
	}
	return false;
}

bool
fcgi_is_readable_at_once(int fd)
{
	unsigned char data[PEEK_MAX];
	ssize_t n = recv(fd, data, sizeof data, MSG_PEEK | MSG_DONTWAIT);
	bool readable = n == 0 || (n > 0 && fcgi_is_complete_request(data, (size_t)n));

	if (n > 0)
		secret_wipe(data, (size_t)n);
	return readable;
}
