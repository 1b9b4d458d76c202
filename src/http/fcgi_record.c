#include "http/fcgi_record.h"

#include <fastcgi.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "base/secret.h"

enum { PEEK_MAX = 16 * 1024 }; /* bytes; a longer request counts as not received completely */

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
