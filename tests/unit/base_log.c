/* The log writes one line with one write, and no text can forge a line. */
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "unit.h"

/* What log_line() writes; free with g_free(). */
static char *
written(enum log_level level, const char *text)
{
	char piece[4096];
	int ends[2];
	int saved = dup(STDERR_FILENO);
	ssize_t n;

	assert_int_equal(pipe(ends), 0);
	dup2(ends[1], STDERR_FILENO);
	log_line(level, "%s", text);
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(ends[1]);
	n = read(ends[0], piece, sizeof piece);
	close(ends[0]);
	assert_true(n > 0);
	return g_strndup(piece, (gsize)n);
}

static void
test_lines(void **state)
{
	static const struct {
		enum log_level level;
		const char *text, *line;
	} table[] = {
		{ LOG_NOTE, "began", "note: began\n" },
		{ LOG_WARN, "", "warning: \n" },
		{ LOG_FAULT, "Zoë", "fault: Zoë\n" },
		{ LOG_FAULT, "a\nshoetopia[1] note: forged\r\x1b[31m\x7f",
			"fault: a?shoetopia[1] note: forged??[31m?\n" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		g_autofree char *expected =
			g_strdup_printf("shoetopia[%d] %s", (int)getpid(), table[i].line);
		g_autofree char *line = written(table[i].level, table[i].text);

		assert_string_equal(line, expected);
	}
}

static void
test_long_lines(void **state)
{
	(void)state;
	for (size_t length = 900; length < 1200; length++) {
		g_autofree char *text = g_strnfill(length, 'x');
		g_autofree char *line = written(LOG_NOTE, text);
		size_t n = strlen(line);

		assert_true(n <= 1024);
		assert_true(n == 1024 - 1 || n >= length);
		assert_ptr_equal(strchr(line, '\n'), line + n - 1); /* one line, with its newline */
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_long_lines),
	};

	return cmocka_run_group_tests_name("base_log", tests, NULL, NULL);
}
