/*
 * The build's awk programs: statement files become a registry, and a mistake stops the build with
 * file and line.
 */
#include <glib.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "db_test.h"

static char *folder;
static const char *awk; /* the implementation under test */

/* Runs awk on a file `name` with this text; returns its exit status and output (g_free). */
static char *
run(const char *program, const char *name, const char *text)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);
	g_autofree char *parent = g_path_get_dirname(path);
	g_autofree char *command =
		g_strdup_printf("cd '%s' && LC_ALL=C %s %s '%s' 2>&1", folder, awk, program, name);
	g_autofree char *output = g_malloc0(65536);
	FILE *pipe;
	int status;

	g_mkdir_with_parents(parent, 0700);
	assert_true(g_file_set_contents(path, text, -1, NULL));
	pipe = popen(command, "r");
	assert_non_null(pipe);
	assert_true(fread(output, 1, 65535, pipe) < 65535);
	status = pclose(pipe);
	g_unlink(path);
	return g_strdup_printf("%d %s", WEXITSTATUS(status), output);
}

#define REGISTRY "-v part=source -f " SOURCE_FOLDER "/src/db/registry.awk"
#define EMBED "-f " SOURCE_FOLDER "/src/db/embed.awk"

#define ASSERT_GIVES(program, name, text, expected)                                                \
	do {                                                                                       \
		g_autofree char *output_ = run(program, name, text);                               \
		if (strstr(output_, expected) == NULL)                                             \
			fail_msg("%s printed: %s", awk, output_);                                  \
	} while (0)

/* The generated C text of a statement with the body `sql`. */
#define ASSERT_TEXT(sql, expected)                                                                 \
	ASSERT_GIVES(REGISTRY, "q.sql", "-- name: a :one ro\n-- About.\n" sql "\n",                \
		".text =\n\t\t\t" expected "\n\t},")

#define ASSERT_REFUSED(text, where_and_why)                                                        \
	do {                                                                                       \
		g_autofree char *refused_ = run(REGISTRY, "q.sql", text);                          \
		if (!g_str_has_prefix(refused_, "1 q.sql:" where_and_why) ||                       \
			strstr(refused_, "statements[") != NULL)                                   \
			fail_msg("%s printed: %s", awk, refused_);                                 \
	} while (0)

static void
parameters_are_numbered(void **state)
{
	(void)state;
	ASSERT_TEXT("select :one, :two, :one;", "\"select $1, $2, $1\"");
	ASSERT_TEXT("select :one::text, x::int, a := :b;", "\"select $1::text, x::int, a := $2\"");
	ASSERT_TEXT("select ':no', \"a:no\", 'it''s :no', :yes;",
		"\"select ':no', \\\"a:no\\\", 'it''s :no', $1\"");
	ASSERT_TEXT("select e'\\':no', 'a\\', :yes;", "\"select e'\\\\':no', 'a\\\\', $1\"");
	ASSERT_TEXT("select $$ :no ; $$, $t$ $$ :no $t$, :yes;",
		"\"select $$ :no ; $$, $t$ $$ :no $t$, $1\"");
	ASSERT_TEXT("select 1 -- :no ; 'not a quote\n, :yes;",
		"\"select 1 -- :no ; 'not a quote\" \"\\n\"\n\t\t\t\", $1\"");
	ASSERT_TEXT(
		"select 1 /* :no /* ; */ ' */ , :yes;", "\"select 1 /* :no /* ; */ ' */ , $1\"");
	ASSERT_TEXT("select 'a\n:no;\nb', :yes;",
		"\"select 'a\" \"\\n\"\n\t\t\t\":no;\" \"\\n\"\n\t\t\t\"b', $1\"");
	ASSERT_TEXT("select a ? b, '\t';", "\"select a \\? b, '\\t'\"");
	ASSERT_TEXT("select a[1:2], ':', 7 % :n ; -- the end", "\"select a[1:2], ':', 7 % $1\"");
	ASSERT_GIVES(REGISTRY, "q.sql", "-- name: a :one ro\n-- About.\nselect :b, :a_1, :b;\n",
		"params_of_a[] = { \"b\", \"a_1\", };");
}

static void
marks_are_generated(void **state)
{
	const char *text =
		"-- About this file.\n\n-- name: first :opt ro\n-- One\n-- and two.\nselect 1;\n\n"
		"-- name: second :none rw owner\n-- S.\nselect 2;\n-- name: "
		"third :one rw batched\n-- T.\nselect :calls;\n";

	(void)state;
	ASSERT_GIVES(REGISTRY, "q.sql", text,
		"[SQL_first] = {\n\t\t.name = \"first\",\n\t\t.about = \"One and two.\",\n"
		"\t\t.source = \"q.sql:3\",\n"
		"\t\t.rows = ROWS_OPT,\n\t\t.reads = true,\n\t\t.is_public = false,\n"
		"\t\t.batched = false,\n"
		"\t\t.owner = false,\n");
	ASSERT_GIVES(REGISTRY, "q.sql", text,
		"\t\t.rows = ROWS_NONE,\n\t\t.reads = false,\n\t\t.is_public = false,\n"
		"\t\t.batched = false,\n"
		"\t\t.owner = true,\n");
	ASSERT_GIVES(REGISTRY, "q.sql", text,
		"\t\t.rows = ROWS_ONE,\n\t\t.reads = false,\n\t\t.is_public = false,\n"
		"\t\t.batched = true,\n"
		"\t\t.owner = false,\n");
	ASSERT_GIVES("-v part=header -f " SOURCE_FOLDER "/src/db/registry.awk", "q.sql", text,
		"\tSQL_NONE = 0,\n\tSQL_first,\n\tSQL_second,\n\tSQL_third,\n\tSQL_COUNT\n");
}

/* A statement `a` that calls api.f, and functions whose file says this. */
#define ASSERT_ALLOWS(sql, functions, expected)                                                    \
	do {                                                                                       \
		g_autofree char *files_ = g_build_filename(folder, "q.sql", NULL);                 \
		assert_true(g_file_set_contents(                                                   \
			files_, "-- name: a :one ro\n-- About.\n" sql "\n", -1, NULL));            \
		ASSERT_GIVES(REGISTRY " q.sql", "functions/f.sql", functions, expected);           \
	} while (0)

#define WHO(who, takes) "\t\t.who = \"" who "\",\n\t\t.takes_session = " takes ",\n"
#define FUNCTION(name, body) "create function api." name "() returns int as $$\n" body "\n$$;\n\n"

static void
rights_are_found(void **state)
{
	(void)state;
	ASSERT_ALLOWS("select api.f();", FUNCTION("f", "select 1"), WHO("anyone", "false"));
	ASSERT_ALLOWS("select api.f(:session);", FUNCTION("f", "select 1"), WHO("anyone", "true"));
	ASSERT_ALLOWS("select api.f(:session);",
		FUNCTION("f", "select api.require(p_session, 'owner', api.g('x'))"),
		WHO("owner", "true"));
	ASSERT_ALLOWS("select api.f(:session);",
		FUNCTION(
			"f", "perform api.require(\n\tp_session, 'member'\n);") "-- api.require(x, "
										"'admin')\n",
		WHO("member", "true"));
	ASSERT_ALLOWS("select api.f();", FUNCTION("f", "perform api.g()") FUNCTION("note_act", "x"),
		"\t\t.notes_act = false,\n");
	ASSERT_ALLOWS("select api.f();",
		FUNCTION("f", "perform api.g()") FUNCTION("g", "perform api.note_act(1)")
			FUNCTION("note_act", "x"),
		"\t\t.notes_act = true,\n");
	ASSERT_ALLOWS("select api.require(:session, 'admin');", FUNCTION("f", "select 1"),
		WHO("admin", "true"));
	/* by a view, by another function, and not by one that is not called */
	ASSERT_ALLOWS("select * from api.v;",
		"create view api.v as\nselect api.f();\n" FUNCTION(
			"f", "select api.caller(null, 'admin')")
			FUNCTION("g", "select api.require(null, 'member')"),
		WHO("admin", "false"));
	ASSERT_ALLOWS("select api.f();",
		FUNCTION("f", "select api.g()") FUNCTION("g", "select api.f()"),
		WHO("anyone", "false"));
	/* the functions that decide have the word as a parameter */
	ASSERT_ALLOWS("select api.f(:session);",
		FUNCTION("require", "select api.caller(p_session, p_who)")
			FUNCTION("f", "select api.require(p_session, 'member')"),
		WHO("member", "true"));
	ASSERT_ALLOWS("select api.f(:a);",
		FUNCTION("f", "select api.batch_begin(p_calls, 'member'), api.batch_end(v)"),
		WHO("member", "false"));
	ASSERT_ALLOWS("select api.f(:session);",
		FUNCTION("f", "select api.require(api.g(a[1, 2], (3)), 'member', 4)"),
		WHO("member", "true"));
}

/* What only looks like a call is not one. */
static void
rights_are_not_found_in_comments_and_literals(void **state)
{
	(void)state;
	ASSERT_ALLOWS("select api.f(); -- api.require(:session, 'admin')",
		FUNCTION("f",
			"/* api.require(p_session, 'member')\n/* */ don't\n"
			"api.require(p_session, 'owner') */ select 1"),
		WHO("anyone", "false"));
	ASSERT_ALLOWS("select api.f();",
		FUNCTION("f", "select 'a--b', 'it''s'; -- api.require(p_session, 'member')"),
		WHO("anyone", "false"));
	ASSERT_ALLOWS("select api.f(), 'api.require(1, ''member'')';",
		FUNCTION("f", "select 'api.require(p_session, \n''owner'')', '/*'"),
		WHO("anyone", "false"));
	ASSERT_ALLOWS("select '--', api.f();",
		FUNCTION("f", "select '/*', api.require(p_session, 'member'), '*/', '--'"),
		WHO("member", "false"));
}

static void
rights_must_be_one_word(void **state)
{
	(void)state;
	ASSERT_ALLOWS("select api.f();",
		FUNCTION("f", "select api.require(s, 'owner'), api.g()")
			FUNCTION("g", "select api.require(s, 'member')"),
		"1 q.sql:1: a allows two: owner and member");
	ASSERT_ALLOWS("select api.f();", FUNCTION("f", "select api.require(s, p_who)"),
		"1 functions/f.sql:1: api.require() without a literal");
	ASSERT_ALLOWS("select api.f();", FUNCTION("f", "select api.require(s, 'boss')"),
		"1 functions/f.sql:1: api.require() without a literal");
	ASSERT_ALLOWS("select api.f();",
		FUNCTION("f", "select api.require(s, case when x then 'member' else 'anyone' end)"),
		"1 functions/f.sql:1: api.require() without a literal");
	ASSERT_ALLOWS("select api.f();", FUNCTION("f", "select api.require(s, p_who, 'member')"),
		"1 functions/f.sql:1: api.require() without a literal");
	ASSERT_ALLOWS("select api.f();", FUNCTION("f", "select api.batch_begin(c, p_who)"),
		"1 functions/f.sql:1: api.batch_begin() without a literal");
	ASSERT_ALLOWS("select api.f();", FUNCTION("f", "select 1") FUNCTION("f", "select 2"),
		"1 functions/f.sql:5: api.f is defined in functions/f.sql:1 already");
}

static void
mistakes_stop_the_build(void **state)
{
	(void)state;
	ASSERT_REFUSED("-- name: a\n-- A.\nselect 1;\n", "1: malformed header");
	ASSERT_REFUSED("-- name: a one ro\n-- A.\nselect 1;\n", "1: malformed header");
	ASSERT_REFUSED("-- name: A :one ro\n-- A.\nselect 1;\n", "1: malformed header");
	ASSERT_REFUSED("--name: a :one ro\n-- A.\nselect 1;\n", "1: malformed header");
	ASSERT_REFUSED("-- Name: a :one ro\n-- A.\nselect 1;\n", "1: malformed header");
	ASSERT_REFUSED("-- name: a :one\n-- A.\nselect 1;\n", "1: malformed header");
	ASSERT_REFUSED("-- name: a :some ro\n-- A.\nselect 1;\n", "1: unknown mark :some");
	ASSERT_REFUSED("-- name: a :many ro\n-- A.\nselect 1;\n",
		"1: only an operator's command returns many rows");
	ASSERT_REFUSED("-- name: a :one rx\n-- A.\nselect 1;\n", "1: unknown mark rx");
	ASSERT_REFUSED("-- name: a :one ro togethr\n-- A.\nselect 1;\n", "1: unknown mark togethr");
	ASSERT_REFUSED("-- name: a :one rw batched batched\n-- A.\nselect :calls;\n",
		"1: unknown mark batched");
	ASSERT_REFUSED(
		"-- name: a :one ro\n-- A.\nselect 1;\n-- name: a :one ro\n-- A.\nselect 1;\n",
		"4: the name a is already used in q.sql:1");
	ASSERT_REFUSED("-- name: a :one ro\n-- A.\nselect 1\n", "1: a has no `;`");
	ASSERT_REFUSED(
		"-- name: a :one ro\n-- A.\nselect 1\n-- name: b :one ro\n-- B.\nselect 1;\n",
		"1: a has no `;`");
	ASSERT_REFUSED(
		"-- name: a :one ro\n-- A.\nselect 'x;\n", "1: a has no `;`: ' is not closed");
	ASSERT_REFUSED(
		"-- name: a :one ro\n-- A.\nselect /* 1;\n", "1: a has no `;`: /* is not closed");
	ASSERT_REFUSED("-- name: a :one ro\n-- A.\n", "1: a has no SQL text");
	ASSERT_REFUSED("-- name: a :one ro\nselect 1;\n", "2: a has no description");
	ASSERT_REFUSED("-- name: a :one ro\n-- A.\nselect 1; select 2;\n", "3: text after the `;`");
	ASSERT_REFUSED("-- name: a :one ro\n-- A.\nselect 1;\nselect 2;\n",
		"4: text outside of statements");
	ASSERT_REFUSED("select 2;\n", "1: text outside of statements");
	ASSERT_REFUSED("-- name: a :one ro\n-- A.\nselect $1;\n", "3: a parameter has a number");
	ASSERT_REFUSED("-- name: a :one ro\n-- A.\nselect :Name;\n", "3: a parameter's name");
	ASSERT_REFUSED(
		"-- name: a :one rw batched\n-- A.\nselect :calls, :other;\n", "1: a is batched");
	ASSERT_REFUSED("-- name: a :opt rw batched\n-- A.\nselect :calls;\n", "1: a is batched");
}

static void
files_are_embedded(void **state)
{
	(void)state;
	ASSERT_GIVES(EMBED, "migrations/0001_a.sql", "select 'a\\b', \"c\";\n-- what? größer\n",
		"{\n\t\t.kind = SCHEMA_MIGRATIONS,\n\t\t.version = 1,\n\t\t.name = \"0001_a\",\n"
		"\t\t.text =\n"
		"\t\t\t\"select 'a\\\\b', \\\"c\\\";\\n\"\n\t\t\t\"-- what\\? größer\\n\"\n\t},");
	ASSERT_GIVES(EMBED, "functions/cart.sql", "select 1;\n", "0 /* Generated by");
	ASSERT_GIVES(EMBED, "functions/cart.sql", "select 1;\n",
		".kind = SCHEMA_FUNCTIONS,\n\t\t.version = 0,\n\t\t.name = \"cart\"");
	ASSERT_GIVES(EMBED, "migrations/0002_a.sql", "select 1;\n",
		"1 migrations/0002_a.sql:1: this should be migration number 1");
	ASSERT_GIVES(EMBED, "migrations/1_a.sql", "select 1;\n",
		"1 migrations/1_a.sql:1: a migration is named NNNN_what_it_does.sql");
	ASSERT_GIVES(EMBED, "elsewhere/a.sql", "select 1;\n",
		"1 elsewhere/a.sql:1: the folder must be migrate, migrations or functions");
	ASSERT_GIVES(EMBED, "functions/a.sql", "", "1 functions/a.sql:1: is empty");
}

/* Arguments in any order are sorted by folder, then by name. */
static void
files_are_sorted(void **state)
{
	g_autofree char *output = NULL;
	const char *at[4];

	(void)state;
	g_free(run("1", "migrations/none", "")); /* creates the folders */
	g_free(run("1", "functions/none", ""));
	g_autofree char *command =
		g_strdup_printf("cd '%s' && for f in migrations/0001_z migrations/0002_a "
				"functions/00_x functions/y; do echo x >$f.sql; done",
			folder);
	assert_int_equal(system(command), 0);
	output = run(EMBED " migrations/0002_a.sql functions/y.sql migrations/0001_z.sql",
		"functions/00_x.sql", "x\n");
	at[0] = strstr(output, "\"00_x\"");
	at[1] = strstr(output, "\"y\"");
	at[2] = strstr(output, "\"0001_z\"");
	at[3] = strstr(output, "\"0002_a\"");
	for (int i = 0; i < 4; i++)
		assert_non_null(at[i]);
	for (int i = 0; i < 3; i++)
		assert_true(at[i] < at[i + 1]);
}

/* A write of a caller that takes no key is put into the frame that keeps keys. */
static void
writes_are_keyed(void **state)
{
	static const char write[] = "-- A.\nselect api.f(:session, :n) -- api.require('member')\n"
				    "\twhere api.require(:session, 'member') is not null;\n";
	static const char of_shop[] =
		"-- name: a :one rw\n-- A.\n"
		"select api.require(:session, 'owner', :shop_id) as answer;\n";
	g_autofree char *plain = g_strconcat("-- name: a :none rw\n", write, NULL);
	g_autofree char *unkeyed = g_strconcat("-- name: a :none rw unkeyed\n", write, NULL);
	g_autofree char *reads = g_strconcat("-- name: a :one ro\n", write, NULL);
	g_autofree char *many = g_strconcat("-- name: a :opt rw\n", write, NULL);
	g_autofree char *misplaced = g_strconcat("-- name: a :one ro unkeyed\n", write, NULL);

	(void)state;
	ASSERT_GIVES(REGISTRY, "q.sql", plain,
		"params_of_a[] = { \"session\", \"n\", \"key\", \"digest\", }");
	ASSERT_GIVES(
		REGISTRY, "q.sql", plain, "from api.keyed_member($1::bytea, $3::text, $4::bytea)");
	ASSERT_GIVES(REGISTRY, "q.sql", plain, ".rows = ROWS_ONE");
	ASSERT_GIVES(REGISTRY, "q.sql", of_shop,
		"from api.keyed_owner($1::bytea, $2::bigint, $3::text, $4::bytea)");
	ASSERT_GIVES(REGISTRY, "q.sql", unkeyed, "params_of_a[] = { \"session\", \"n\", }");
	ASSERT_GIVES(REGISTRY, "q.sql", reads, "params_of_a[] = { \"session\", \"n\", }");
	ASSERT_REFUSED(many, "1: a is a write with a key");
	ASSERT_REFUSED(misplaced, "1: only a write can be `unkeyed`");
}

/* What a standby may answer is a read that asks for no rights. */
static void
public_reads_are_for_anyone(void **state)
{
	static const char of_member[] =
		"-- name: a :one ro public\n-- A.\nselect api.require(:session, 'member');\n";

	(void)state;
	ASSERT_GIVES(REGISTRY, "q.sql", "-- name: a :one ro public\n-- A.\nselect 1;\n",
		"\t\t.is_public = true,\n");
	ASSERT_GIVES(REGISTRY, "q.sql", "-- name: a :one ro public except b\n-- A.\nselect :b;\n",
		"\t\t.primary_if = \"b\",\n");
	ASSERT_REFUSED("-- name: a :one ro public except c\n-- A.\nselect :b;\n",
		"1: a has no parameter c");
	ASSERT_REFUSED(
		"-- name: a :one rw public\n-- A.\nselect 1;\n", "1: only a read can be `public`");
	ASSERT_REFUSED(of_member, "1: a is `public`, but its functions allow: member");
}

int
main(void)
{
	static const char *const awks[] = { "awk", "mawk", "gawk" };
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parameters_are_numbered),
		cmocka_unit_test(marks_are_generated),
		cmocka_unit_test(rights_are_found),
		cmocka_unit_test(rights_are_not_found_in_comments_and_literals),
		cmocka_unit_test(rights_must_be_one_word),
		cmocka_unit_test(mistakes_stop_the_build),
		cmocka_unit_test(files_are_embedded),
		cmocka_unit_test(files_are_sorted),
		cmocka_unit_test(writes_are_keyed),
		cmocka_unit_test(public_reads_are_for_anyone),
	};
	int failed = 0;

	folder = g_dir_make_tmp("shoetopia-awk.XXXXXX", NULL);
	for (size_t i = 0; i < G_N_ELEMENTS(awks); i++) {
		g_autofree char *found = g_find_program_in_path(awks[i]);

		awk = awks[i];
		if (found != NULL || i == 0)
			failed += cmocka_run_group_tests_name(awk, tests, NULL, NULL);
	}
	g_autofree char *command = g_strdup_printf("rm -rf '%s'", folder);
	if (system(command) != 0)
		failed++;
	g_free(folder);
	return failed;
}
