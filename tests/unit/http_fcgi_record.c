/* What is refused of a FastCGI connection before libfcgi parses it. */
#include "http/fcgi_record.h"

#include <fastcgi.h>
#include <glib.h>
#include <string.h>

#include "unit.h"

static void
append_padded(GString *out, int version, int type, int id, const char *content, size_t size,
	size_t padding)
{
	const char header[FCGI_HEADER_LEN] = { (char)version, (char)type, (char)(id >> 8), (char)id,
		(char)(size >> 8), (char)size, (char)padding, 0 };

	g_string_append_len(out, header, sizeof header);
	g_string_append_len(out, content, (gssize)size);
	g_string_append_len(out, "padding", (gssize)padding);
}

static void
append_record(GString *out, int version, int type, int id, const char *content, size_t size)
{
	append_padded(out, version, type, id, content, size,
		type == FCGI_BEGIN_REQUEST || size == 0 ? 0 : 3);
}

static GString *
request_begin(void)
{
	static const char responder[8] = { 0, FCGI_RESPONDER };
	GString *out = g_string_new(NULL);

	append_record(out, 1, FCGI_BEGIN_REQUEST, 7, responder, sizeof responder);
	return out;
}

/* The bytes are accepted, or not, in one piece and in pieces of any size. Frees them. */
static void
assert_check(const char *what, GString *bytes, bool accepted)
{
	for (size_t piece = 1; piece <= bytes->len + 1; piece += piece < 20 ? 1 : bytes->len / 3) {
		struct fcgi_check check = { 0 };
		bool fine = true;

		for (size_t at = 0; at < bytes->len; at += piece)
			fine = fcgi_check_bytes(&check, (const unsigned char *)bytes->str + at,
				MIN(piece, bytes->len - at));
		if (fine != accepted)
			fail_msg("%s, in pieces of %zu: %s", what, piece,
				fine ? "accepted" : "refused");
	}
	g_string_free(bytes, TRUE);
}

static void
test_pairs(void **state)
{
	static const struct {
		const char *what;
		const char *content;
		size_t size;
		bool accepted;
	} table[] = {
		{ "none", "", 0, true },
		{ "short lengths", "\1\2abb\3\0ccc", 9, true },
		{ "a long length", "\x80\0\0\1\2abb", 8, true },
		{ "a name that is cut", "\x7f\1abc", 5, true }, /* libfcgi refuses it */
		{ "the longest name", "\x80\1\xff\xff\1a", 6, true },
		{ "a longer name", "\x80\2\0\1\1a", 6, false },
		{ "the longest value",
			"\1\x80\1\xff\xff"
			"a",
			6, true },
		{ "a longer value",
			"\1\x80\2\0\0"
			"a",
			6, false },
		{ "the longest length", "\xff\xff\xff\xff\xff\xff\xff\xff", 8, false },
		{ "half of the longest", "\xc0\0\0\0\xc0\0\0\0", 8, false },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		GString *params = request_begin();
		GString *values = g_string_new(NULL);
		GString *others = request_begin();

		append_record(params, 1, FCGI_PARAMS, 7, table[i].content, table[i].size);
		assert_check(table[i].what, params, table[i].accepted);
		append_record(values, 1, FCGI_GET_VALUES, 0, table[i].content, table[i].size);
		assert_check(table[i].what, values, table[i].accepted);
		/* not parsed: a body, the parameters of another request */
		append_record(others, 1, FCGI_STDIN, 7, table[i].content, table[i].size);
		append_record(others, 1, FCGI_PARAMS, 8, table[i].content, table[i].size);
		assert_check(table[i].what, others, true);
	}
}

/* A length and a value that continue in the next record, with a management record between them. */
static void
test_cut_pairs(void **state)
{
	GString *good = request_begin();
	GString *bad = request_begin();

	(void)state;
	append_record(good, 1, FCGI_PARAMS, 7, "\2\x80\0", 3);
	append_record(good, 1, FCGI_GET_VALUES, 0, "\1", 1);
	append_record(good, 1, FCGI_PARAMS, 7, "\0\3aab", 5);
	append_record(good, 1, FCGI_PARAMS, 7, "bb\x80\0\0\1\1xy", 9);
	assert_check("cut pairs", good, true);
	append_record(bad, 1, FCGI_PARAMS, 7, "\2\x8f", 2);
	append_record(bad, 1, FCGI_PARAMS, 7, "\0\0\3aabbb", 8);
	assert_check("a cut length that is too large", bad, false);
}

static void
test_total(void **state)
{
	g_autofree char *content = g_malloc0(32768);

	(void)state;
	for (int n = 4; n <= 5; n++) {
		GString *bytes = request_begin();

		for (int i = 0; i < n; i++)
			append_record(bytes, 1, FCGI_PARAMS, 7, content, 32768);
		assert_check("many parameters", bytes, n == 4);
	}
}

static void
test_management(void **state)
{
	GString *empty = g_string_new(NULL);
	GString *full = request_begin();
	GString *long_values = g_string_new(NULL);

	(void)state;
	append_record(empty, 1, 77, 0, "", 0);
	assert_check("an unknown record", empty, true);
	append_record(full, 1, FCGI_PARAMS, 0, "\1\1ab", 4);
	assert_check("parameters with the number 0", full, false);
	append_record(long_values, 1, FCGI_GET_VALUES, 0,
		"\16\0FCGI_MAX_CONNS\16\0FCGI_MAX_CONNS\16\0FCGI_MAX_CONNS\1", 49);
	assert_check("more values than there are", long_values, false);
}

/* libfcgi does not skip it. */
static void
test_padding(void **state)
{
	GString *begin = g_string_new(NULL);
	GString *end = request_begin();
	GString *body_end = request_begin();

	(void)state;
	append_padded(begin, 1, FCGI_BEGIN_REQUEST, 7, "\0\1\0\0\0\0\0\0", 8, 1);
	assert_check("a begin with padding", begin, false);
	append_padded(end, 1, FCGI_PARAMS, 7, "", 0, 1);
	assert_check("an end of parameters with padding", end, false);
	append_padded(body_end, 1, FCGI_STDIN, 7, "", 0, 1);
	assert_check("an end of the body with padding", body_end, true);
}

static void
test_versions(void **state)
{
	static const int versions[] = { 0, 2, 'G', 255 };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(versions); i++) {
		GString *bytes = request_begin();

		append_record(bytes, versions[i], FCGI_PARAMS, 7, "", 0);
		assert_check("another version", bytes, false);
	}
	assert_check("HTTP", g_string_new("GET / HTTP/1.1\r\n\r\n"), false);
}

static void
test_repeated(void **state)
{
	static char one[] = "HTTP_A=1", longer[] = "HTTP_AB=1",
		    shorter[] = "HTTP_=", two[] = "HTTP_A=";
	char *params[] = { one, longer, shorter, longer, NULL, NULL };

	(void)state;
	assert_false(fcgi_has_repeated(params, "HTTP_A"));
	assert_false(fcgi_has_repeated(params, "HTTP_B"));
	assert_true(fcgi_has_repeated(params, "HTTP_AB"));
	params[4] = two;
	assert_true(fcgi_has_repeated(params, "HTTP_A"));
	assert_false(fcgi_has_repeated(params, "HTTP_"));
	assert_false(fcgi_has_repeated(params + 5, "HTTP_A"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_cut_pairs),
		cmocka_unit_test(test_total),
		cmocka_unit_test(test_management),
		cmocka_unit_test(test_padding),
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_repeated),
	};

	return cmocka_run_group_tests_name("http_fcgi_record", tests, NULL, NULL);
}
