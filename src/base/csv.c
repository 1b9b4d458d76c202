#include "base/csv.h"

#include <stdbool.h>
#include <string.h>

enum { CELLS_MAX = 100 }; /* of a record: a file of commas would make millions */

static const char byte_order_mark[] = "\xef\xbb\xbf";

struct csv
csv_begin(const char *text, size_t length)
{
	size_t mark = strlen(byte_order_mark);
	bool marked = length >= mark && memcmp(text, byte_order_mark, mark) == 0;

	return (struct csv){ .at = marked ? text + mark : text, .end = text + length, .line = 1 };
}

/* Moves behind an end of line, if one is here. */
static bool
skip_line_end(struct csv *csv)
{
	if (csv->at == csv->end || (*csv->at != '\r' && *csv->at != '\n'))
		return false;
	if (*csv->at == '\r' && csv->at + 1 < csv->end && csv->at[1] == '\n')
		csv->at++;
	csv->at++;
	csv->line++;
	return true;
}

/* Reads a cell in quotation marks; the first one is here. */
static const char *
quoted_read(struct csv *csv, GString *cell)
{
	for (csv->at++; csv->at < csv->end;) {
		const char *start = csv->at;

		if (*start == '"' && ++csv->at < csv->end && *csv->at == '"') {
			g_string_append_c(cell, '"');
			csv->at++;
		} else if (*start == '"') {
			return csv->at == csv->end || strchr(",\r\n", *csv->at) != NULL
				? NULL
				: "After the closing quotation mark of a cell there must be a "
				  "comma or the end of the line.";
		} else if (skip_line_end(csv)) {
			g_string_append_c(cell, '\n');
		} else {
			g_string_append_c(cell, *csv->at++);
		}
	}
	return "The quotation mark of this cell is never closed.";
}

static const char *
plain_read(struct csv *csv, GString *cell)
{
	const char *start = csv->at;

	while (csv->at < csv->end && *csv->at != ',' && *csv->at != '\r' && *csv->at != '\n')
		csv->at++;
	g_string_append_len(cell, start, csv->at - start);
	return memchr(start, '"', (size_t)(csv->at - start)) == NULL
		? NULL
		: "A cell with a quotation mark must stand in quotation marks itself, and the mark "
		  "be doubled.";
}

static const char *
cell_read(struct csv *csv, GPtrArray *cells)
{
	g_autoptr(GString) cell = g_string_new(NULL);
	const char *wrong = csv->at < csv->end && *csv->at == '"' ? quoted_read(csv, cell)
								  : plain_read(csv, cell);

	if (wrong == NULL && memchr(cell->str, '\0', cell->len) != NULL)
		wrong = "A cell holds a NUL.";
	if (wrong == NULL && !g_utf8_validate(cell->str, (gssize)cell->len, NULL))
		wrong = "This is not UTF-8: save the file as \"CSV UTF-8\".";
	g_ptr_array_add(cells, g_string_free(g_steal_pointer(&cell), FALSE));
	return wrong;
}

static void
skip_line(struct csv *csv)
{
	while (csv->at < csv->end && !skip_line_end(csv))
		csv->at++;
}

enum csv_outcome
csv_read(struct csv *csv, GPtrArray *cells, unsigned *line, const char **wrong)
{
	const char *fault;

	while (skip_line_end(csv))
		;
	if (csv->at == csv->end)
		return CSV_END;
	*line = csv->line;
	g_ptr_array_set_size(cells, 0);
	for (;;) {
		fault = cells->len == CELLS_MAX ? "A line has at most 100 cells."
						: cell_read(csv, cells);
		if (fault != NULL) {
			skip_line(csv);
			*wrong = fault;
			return CSV_WRONG;
		}
		if (csv->at == csv->end || *csv->at != ',')
			break;
		csv->at++;
	}
	skip_line_end(csv);
	return CSV_RECORD;
}
