#include "market/listing_file.h"

#include <string.h>

#include "base/csv.h"
#include "base/json.h"
#include "base/log.h"
#include "http/field.h"
#include "http/money.h"
#include "market/answer.h"
#include "market/listing.h"

enum {
	LINES_MAX = 5000,
	ERRORS_MAX = 1000, /* that an answer names */
	SHOES_AT_ONCE = 500,
	COLUMNS_MAX = 16,
	FILE_MAX = 4 * 1024 * 1024,
};

static const char *const csv_types[] = { "text/csv", "application/csv", NULL };

const struct file_body import_file = {
	.types = csv_types,
	.size_max = FILE_MAX,
	.field = "file",
	.label = "CSV file",
	.hint = "The first line names the columns: brand, style, color, size, condition, audience, "
		"price_cents (or price), quantity, and maybe description, box. Up to 5,000 lines, "
		"UTF-8.",
	.too_large = "A file may be 4 MiB long.",
	.can_be_checked = true,
};

/* created: how many listings there are now; 0 if the file was only checked. */
static const struct member import_members[] = {
	{ "created", IS_INTEGER },
	{ "lines", IS_INTEGER },
	{ 0 },
};

const struct answer_schema import_schema = { "Import", import_members };

struct column {
	const struct field *field;
	bool dollars;
};

/* A file while it is read. */
struct import {
	struct column columns[COLUMNS_MAX];
	guint n_columns;
	GString *lines;  /* a JSON array of what is right */
	GArray *parts;   /* of gsize: where each SHOES_AT_ONCE lines begin in it */
	GString *errors; /* a JSON array */
	unsigned n_lines, n_right, n_errors;
};

static void
error_add(struct import *in, unsigned line, const char *field, const char *message)
{
	if (++in->n_errors > ERRORS_MAX)
		return;
	g_string_append_printf(
		in->errors, "%s{\"line\":%u,\"field\":", in->n_errors > 1 ? "," : "", line);
	json_append_quoted(in->errors, field);
	g_string_append(in->errors, ",\"message\":");
	json_append_quoted(in->errors, message);
	g_string_append_c(in->errors, '}');
}

/* ---- the header ---- */

static bool
column_find(const char *name, struct column *column)
{
	for (const struct field *f = new_listing_fields; f->kind != FIELD_END; f++) {
		bool plain = strcmp(f->name, name) == 0;

		if (plain || money_is_named(f, name)) {
			*column = (struct column){ .field = f, .dollars = !plain };
			return true;
		}
	}
	return false;
}

static bool
has_column(const struct import *in, const struct field *field)
{
	for (guint i = 0; i < in->n_columns; i++)
		if (in->columns[i].field == field)
			return true;
	return false;
}

static void
header_read(struct import *in, const GPtrArray *cells, unsigned line)
{
	for (guint i = 0; i < cells->len; i++) {
		g_autofree char *given = g_strdup(g_ptr_array_index(cells, i));
		g_autofree char *name = g_ascii_strdown(g_strstrip(given), -1);
		struct column column;

		if (i == COLUMNS_MAX || !column_find(name, &column))
			error_add(in, line, name,
				strchr(name, ';') != NULL ? "Separate the columns by commas."
							  : "There is no such column.");
		else if (has_column(in, column.field))
			error_add(in, line, name, "This column is there twice.");
		else
			in->columns[in->n_columns++] = column;
	}
	for (const struct field *f = new_listing_fields; in->n_errors == 0 && f->kind != FIELD_END;
		f++)
		if (!f->optional && !has_column(in, f))
			error_add(in, line, f->name, "This column is missing.");
}

/* ---- the lines ---- */

/* The text of a cell, without the ' that stands before = + - @ where it was exported. */
static const char *
cell_text(const char *cell)
{
	return cell[0] == '\'' && cell[1] != '\0' && strchr("=+-@", cell[1]) != NULL ? cell + 1
										     : cell;
}

/* What is wrong with a cell; NULL: nothing, and its member is added to the line. */
static const char *
cell_read(const struct column *column, const char *text, GString *out)
{
	struct value value = { 0 };
	const char *wrong;

	if (*text == '\0')
		return column->field->optional ? NULL : "Please fill this in.";
	wrong = column->dollars ? field_check_dollars(column->field, text, &value)
				: field_check(column->field, text, &value);
	if (wrong == NULL && value.json != NULL)
		g_string_append_printf(out, "%s\"%s\":%s", out->len > 1 ? "," : "",
			column->field->name, value.json);
	value_clear(&value);
	return wrong;
}

static void
line_read(struct import *in, const GPtrArray *cells, unsigned line)
{
	g_autoptr(GString) out = g_string_new("{");
	unsigned errors = in->n_errors;

	if (cells->len != in->n_columns) {
		g_autofree char *message =
			g_strdup_printf("This line has %u cells, and there are %u columns.",
				cells->len, in->n_columns);

		error_add(in, line, in->columns[MIN(cells->len, in->n_columns - 1)].field->name,
			message);
		return;
	}
	for (guint i = 0; i < in->n_columns; i++) {
		const char *wrong =
			cell_read(&in->columns[i], cell_text(g_ptr_array_index(cells, i)), out);

		if (wrong != NULL)
			error_add(in, line, in->columns[i].field->name, wrong);
	}
	if (in->n_errors > errors)
		return;
	g_string_append_printf(in->lines, "%s", in->lines->len > 1 ? "," : "");
	if (in->n_right++ % SHOES_AT_ONCE == 0)
		g_array_append_val(in->parts, in->lines->len);
	g_string_append_printf(in->lines, "%s}", out->str);
}

static void
file_read(struct import *in, const GString *file)
{
	g_autoptr(GPtrArray) cells = g_ptr_array_new_with_free_func(g_free);
	struct csv csv = csv_begin(file->str, file->len);
	const char *wrong = NULL;
	unsigned line = 1;
	enum csv_outcome outcome = csv_read(&csv, cells, &line, &wrong);

	if (outcome == CSV_RECORD)
		header_read(in, cells, line);
	else
		error_add(in, line, "file", outcome == CSV_END ? "The file is empty." : wrong);
	while (in->n_columns > 0 && (in->n_lines > 0 || in->n_errors == 0) &&
		(outcome = csv_read(&csv, cells, &line, &wrong)) != CSV_END) {
		if (++in->n_lines > LINES_MAX) {
			error_add(in, line, "file", "A file has at most 5,000 lines.");
			return;
		}
		if (outcome == CSV_RECORD)
			line_read(in, cells, line);
		else
			error_add(in, line, "file", wrong);
	}
	if (in->n_lines == 0 && in->n_errors == 0)
		error_add(in, line, "file", "There is no line below the names of the columns.");
}

/* Makes the shoes of the file, a part of it in each transaction. */
static enum err
shoes_make(struct request *req, const struct import *in)
{
	enum err e = ERR_NONE;

	for (guint i = 0; e == ERR_NONE && i < in->parts->len; i++) {
		gsize from = g_array_index(in->parts, gsize, i);
		gsize to = i + 1 < in->parts->len ? g_array_index(in->parts, gsize, i + 1)
						  : in->lines->len;
		/* without the comma before the next part, or the end of the list */
		g_autofree char *part =
			g_strdup_printf("[%.*s]", (int)(to - from - 1), in->lines->str + from);
		const struct db_param param = { .name = "lines", .text = part };
		struct db_result row = { 0 };

		e = answer_row(req, SQL_import_shoes, &param, 1, &row);
		db_result_clear(&row);
	}
	return e;
}

/* The refusal of a file with errors. */
static enum err
refuse(const struct import *in, struct answer *ans)
{
	ans->extra = g_strdup_printf("{\"detail\":\"Nothing was imported: %u %s wrong%s.\","
				     "\"lines\":%u,\"errors\":%s]}",
		in->n_errors, in->n_errors == 1 ? "thing is" : "things are",
		in->n_errors > ERRORS_MAX ? ", of which 1,000 are named" : "", in->n_lines,
		in->errors->str);
	return ERR_INVALID;
}

enum err
import_listings(struct request *req, struct answer *ans)
{
	g_autoptr(GArray) parts = g_array_new(FALSE, FALSE, sizeof(gsize));
	g_autoptr(GString) lines = g_string_new("[");
	g_autoptr(GString) errors = g_string_new("[");
	g_autofree char *number = NULL;
	struct import in = { .lines = lines, .parts = parts, .errors = errors };
	struct db_param param = { .name = "number" };
	enum err e;

	file_read(&in, request_body(req));
	g_string_append_c(lines, ']');
	if (in.n_errors > 0)
		return refuse(&in, ans);
	if (request_is_dry_run(req)) {
		param.text = number = g_strdup_printf("%u", in.n_lines);
		return answer_call(req, ans, SQL_check_import, &param, 1);
	}
	e = shoes_make(req, &in);
	if (e != ERR_NONE)
		return e;
	param = (struct db_param){ .name = "lines", .text = lines->str };
	return answer_call(req, ans, SQL_import_listings, &param, 1);
}

/* ---- files that go out ---- */

/* Appends the part of this cursor (NULL: the first one) to `out`, and sets the next cursor. */
static enum err
part_read(struct request *req, const char *cursor, GString *out, char **next)
{
	const struct db_param param = { .name = "cursor", .text = cursor };
	struct db_result row = { 0 };
	enum err e = answer_row(req, (enum sql_id)request_route(req)->statement, &param,
		cursor == NULL ? 0 : 1, &row);

	if (e == ERR_NONE) {
		size_t length = strcspn(row.answer, "\n");

		*next = length == 0 ? NULL : g_strndup(row.answer, length);
		g_string_append(out, row.answer + length + 1);
	}
	db_result_clear(&row);
	return e;
}

/* The status has been sent, so a fault can only be said at the end of the file. */
static bool
more_write(struct request *req, struct answer *ans, GString *out)
{
	g_autofree char *cursor = g_steal_pointer(&ans->cursor);

	if (cursor == NULL)
		return false;
	if (part_read(req, cursor, out, &ans->cursor) != ERR_NONE) {
		log_line(LOG_FAULT, "%s ended early", request_route(req)->name);
		g_string_append(out, "This file is not complete: please ask for it again.\r\n");
	}
	return true;
}

static enum err
export_begin(struct request *req, struct answer *ans, const char *file_name)
{
	enum err e = part_read(req, NULL, ans->body, &ans->cursor);

	if (e != ERR_NONE)
		return e;
	ans->by_database = true;
	ans->type = "text/csv; charset=utf-8";
	ans->file_name = file_name;
	ans->more = more_write;
	return ERR_NONE;
}

enum err
export_listings(struct request *req, struct answer *ans)
{
	return export_begin(req, ans, "listings.csv");
}

enum err
export_orders(struct request *req, struct answer *ans)
{
	return export_begin(req, ans, "orders.csv");
}
