/*
 * Pieces of text added to a GString where every request does it dozens of times: GLib's own way (before 2.76) is a call that looks at every case there is,
 * and printf's costs ten times as much. Pages and whatever is rare say g_string_append() and g_string_append_printf().
 */
#ifndef SHOETOPIA_BASE_TEXT_H
#define SHOETOPIA_BASE_TEXT_H

#include <glib.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { INTEGER_SIZE = 24 }; /* room for any whole number, its sign and its end */

/* Adds `length` bytes of `piece`. */
static inline void
text_add_bytes(GString *out, const char *piece, size_t length)
{
	if (length >= out->allocated_len - out->len) { /* one byte is the end's */
		g_string_append_len(out, piece, (gssize)length);
		return;
	}
	memcpy(out->str + out->len, piece, length);
	out->len += length;
	out->str[out->len] = '\0';
}

static inline void
text_add(GString *out, const char *piece)
{
	text_add_bytes(out, piece, strlen(piece));
}

/* The decimal digits of `number`, written to the end of `room`. */
static inline const char *
text_of_integer(int64_t number, char room[static INTEGER_SIZE])
{
	uint64_t rest = number < 0 ? -(uint64_t)number : (uint64_t)number;
	char *p = room + INTEGER_SIZE - 1;

	*p = '\0';
	do
		*--p = (char)('0' + rest % 10);
	while ((rest /= 10) > 0);
	if (number < 0)
		*--p = '-';
	return p;
}

#endif
