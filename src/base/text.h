/*
 * Inline appends to a GString, for code that runs dozens of times for each request. Before GLib
 * 2.76 g_string_append() is a function call that handles every case, and g_string_append_printf()
 * costs ten times as much. Code that runs rarely, such as that of pages, uses those.
 */
#ifndef SHOETOPIA_BASE_TEXT_H
#define SHOETOPIA_BASE_TEXT_H

#include <glib.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { INTEGER_SIZE = 24 }; /* bytes for the digits of any int64_t, its sign and its NUL */

/* Appends `length` bytes of `piece`. */
static inline void
text_add_bytes(GString *out, const char *piece, size_t length)
{
	if (length >= out->allocated_len - out->len) { /* one byte is for the NUL */
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

/* The decimal digits of `number`, written to the end of `buffer`; returns where they begin. */
static inline const char *
text_of_integer(int64_t number, char buffer[static INTEGER_SIZE])
{
	uint64_t rest = number < 0 ? -(uint64_t)number : (uint64_t)number;
	char *p = buffer + INTEGER_SIZE - 1;

	*p = '\0';
	do
		*--p = (char)('0' + rest % 10);
	while ((rest /= 10) > 0);
	if (number < 0)
		*--p = '-';
	return p;
}

#endif
