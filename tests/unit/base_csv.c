/* base/csv: what RFC 4180 allows is read, and what is wrong with a record is said. */
#include <string.h>

#include "base/csv.h"
#include "unit.h"

/* Reads all of a text as "line:cell|cell\n", or "line!\n" for a record that is wrong. */
static char *
read_all(const char *text, size_t length)
{
	g_autoptr(GPtrArray) cells = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GString) out = g_string_new(NULL);
	struct csv csv = csv_begin(text, length);
	const char *wrong = NULL;
	unsigned line;
	enum csv_outcome outcome;

	while ((outcome = csv_read(&csv, cells, &line, &wrong)) != CSV_END) {
		g_string_append_printf(out, "%u%c", line, outcome == CSV_RECORD ? ':' : '!');
		for (guint i = 0; outcome == CSV_RECORD && i < cells->len; i++)
			g_string_append_printf(
				out, "%s%s", i > 0 ? "|" : "", (char *)cells->pdata[i]);
		g_string_append_c(out, '\n');
	}
	return g_strdup(out->str);
}

static void
assert_read(const char *text, const char *wanted)
{
	g_autofree char *have = read_all(text, strlen(text));

	assert_string_equal(have, wanted);
}

static void
test_records(void **state)
{
	(void)state;
	assert_read("", "");
	assert_read("a", "1:a\n");
	assert_read("a,b\r\nc,\r\n", "1:a|b\n2:c|\n");
	assert_read("a\nb\rc", "1:a\n2:b\n3:c\n");
	assert_read("\r\n\n a ,b\n\n", "3: a |b\n");
	assert_read("\xef\xbb\xbf"
		    "a,b\n",
		"1:a|b\n");
	assert_read(",\n", "1:|\n");
}

/* What a line of commas takes is limited, and the next line is read. */
static void
test_many_cells(void **state)
{
	g_autofree char *most = g_strnfill(99, ',');
	g_autofree char *text = g_strconcat(most, "\n", most, ",\na\n", NULL);
	g_auto(GStrv) lines = NULL;
	g_autofree char *have = read_all(text, strlen(text));

	(void)state;
	lines = g_strsplit(have, "\n", 0);
	assert_int_equal(lines[0][1], ':');
	assert_string_equal(lines[1], "2!");
	assert_string_equal(lines[2], "3:a");
}

static void
test_quotation_marks(void **state)
{
	(void)state;
	assert_read("\"a,b\",\"c\"\"d\",\"\"\n", "1:a,b|c\"d|\n");
	assert_read("\"a\r\nb\",c\nd\n", "1:a\nb|c\n3:d\n");
	assert_read("\"a\"", "1:a\n");
}

static void
test_what_is_wrong(void **state)
{
	(void)state;
	assert_read("\"a\"b,c\nd\n", "1!\n2:d\n");
	assert_read("a\"b\nd\n", "1!\n2:d\n");
	assert_read("a\n\"b,c\nd\n", "1:a\n2!\n");
	assert_read("caf\xe9\nd\n", "1!\n2:d\n");
}

static void
test_nul(void **state)
{
	static const char text[] = "a\0b\nc\n";
	g_autofree char *have = read_all(text, sizeof text - 1);

	(void)state;
	assert_string_equal(have, "1!\n2:c\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_many_cells),
		cmocka_unit_test(test_quotation_marks),
		cmocka_unit_test(test_what_is_wrong),
		cmocka_unit_test(test_nul),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
