/* The log: one line with one write, its level and request, and no text can forge a line. */
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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
test_lines_of_requests(void **state)
{
	char longer[2 * LOG_REQUEST_SIZE] = "";
	g_autofree char *expected = NULL, *line = NULL;

	(void)state;
	log_set_request("4bf92f3577b34da6a3ce929d0e0e4736");
	assert_string_equal(log_request(), "4bf92f3577b34da6a3ce929d0e0e4736");
	line = written(LOG_WARN, "checkout: 57014");
	expected = g_strdup_printf("shoetopia[%d] warning: request "
				   "4bf92f3577b34da6a3ce929d0e0e4736: checkout: 57014\n",
		(int)getpid());
	assert_string_equal(line, expected);
	memset(longer, 'x', sizeof longer - 1);
	log_set_request(longer);
	assert_int_equal(strlen(log_request()), LOG_REQUEST_SIZE - 1);
	log_set_request("");
	assert_string_equal(log_request(), "");
}

/* Journald reads the level; nothing else of the line changes with it but the name and the PID. */
static void
test_lines_of_the_journal(void **state)
{
	static const struct {
		enum log_level level;
		const char *request, *line;
	} table[] = {
		{ LOG_NOTE, "", "<5>note: began\n" },
		{ LOG_WARN, "17", "<4>warning: request 17: began\n" },
		{ LOG_FAULT, "", "<3>fault: began\n" },
	};

	(void)state;
	assert_true(log_set_format("journal"));
	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		g_autofree char *line = NULL;

		log_set_request(table[i].request);
		line = written(table[i].level, "began");
		assert_string_equal(line, table[i].line);
	}
	assert_string_equal(log_prefix(LOG_WARN), "<4>");
	assert_true(log_set_format("text"));
	assert_string_equal(log_prefix(LOG_WARN), "");
	assert_false(log_set_format("syslog"));
}

/* The journal is recognised by the file that JOURNAL_STREAM names, not by the variable alone. */
static void
test_the_journal_is_recognised(void **state)
{
	struct stat file;
	g_autofree char *stream = NULL, *other = NULL;

	(void)state;
	assert_int_equal(fstat(STDERR_FILENO, &file), 0);
	stream = g_strdup_printf("%ju:%ju", (uintmax_t)file.st_dev, (uintmax_t)file.st_ino);
	other = g_strdup_printf("%ju:%ju", (uintmax_t)file.st_dev, (uintmax_t)file.st_ino + 1);
	unsetenv("JOURNAL_STREAM");
	assert_true(log_set_format(NULL));
	assert_string_equal(log_prefix(LOG_NOTE), "");
	setenv("JOURNAL_STREAM", other, true);
	assert_true(log_set_format(""));
	assert_string_equal(log_prefix(LOG_NOTE), "");
	setenv("JOURNAL_STREAM", stream, true);
	assert_true(log_set_format(NULL));
	assert_string_equal(log_prefix(LOG_NOTE), "<5>");
	assert_true(log_set_format("text"));
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
		cmocka_unit_test(test_lines_of_requests),
		cmocka_unit_test(test_lines_of_the_journal),
		cmocka_unit_test(test_the_journal_is_recognised),
		cmocka_unit_test(test_long_lines),
	};

	return cmocka_run_group_tests_name("base_log", tests, NULL, NULL);
}
