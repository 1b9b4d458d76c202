/*
 * Reads CSV (RFC 4180) record by record: cells between commas, in quotation marks where they hold a
 * comma, a quotation mark (doubled) or an end of line. Lines end with CRLF, LF or CR.
 */
#ifndef SHOETOPIA_BASE_CSV_H
#define SHOETOPIA_BASE_CSV_H

#include <glib.h>
#include <stddef.h>

struct csv {
	const char *at, *end;
	unsigned line; /* at which `at` stands, from 1 */
};

enum csv_outcome { CSV_END = 0, CSV_RECORD, CSV_WRONG };

/* Text that lives as long as the reading does; a byte order mark at its start is skipped. */
struct csv csv_begin(const char *text, size_t length);

/*
 * Reads the next record that is not an empty line. CSV_RECORD: `cells` holds its texts (of an array
 * with g_free), `line` is the one at which it begins. CSV_WRONG: `wrong` (static) says what is
 * wrong with it, such as more than 100 cells; the next call reads on behind its line.
 */
enum csv_outcome csv_read(struct csv *csv, GPtrArray *cells, unsigned *line, const char **wrong);

#endif
