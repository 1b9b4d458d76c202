/*
 * --migrate: each migration once, functions whenever they differ, all or nothing, two at once. With
 * a fixture schema.
 */
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "db/migrate.h"
#include "db/schema_check.h"
#include "db/schema_file.h"
#include "db_test.h"

#define MIGRATIONS                                                                                 \
	"(select string_agg(version || '=' || name, ',' order by version)"                         \
	" from market.schema_version)"

static char begin_text[4096], functions_text[4096], first_text[256], second_text[256],
	third_text[256], one_text[256], two_text[256];

/* The program's files: schema/migrate as it is; each test sets migrations and functions. */
const struct schema_file schema_files[] = {
	{ SCHEMA_FUNCTIONS, 0, "00_one", one_text },
	{ SCHEMA_FUNCTIONS, 0, "two", two_text },
	{ SCHEMA_MIGRATE, 0, "begin", begin_text },
	{ SCHEMA_MIGRATE, 0, "functions", functions_text },
	{ SCHEMA_MIGRATIONS, 1, "0001_first", first_text },
	{ SCHEMA_MIGRATIONS, 2, "0002_second", second_text },
	{ SCHEMA_MIGRATIONS, 3, "0003_third", third_text },
};
const size_t n_schema_files = G_N_ELEMENTS(schema_files);

static void
read_file(const char *path, char *text, size_t size)
{
	g_autofree char *content = NULL;

	assert_true(g_file_get_contents(path, &content, NULL, NULL));
	assert_true(g_strlcpy(text, content, size) < size);
}

static int
set_up_server(void **state)
{
	(void)state;
	read_file(SOURCE_FOLDER "/schema/migrate/begin.sql", begin_text, sizeof begin_text);
	read_file(SOURCE_FOLDER "/schema/migrate/functions.sql", functions_text,
		sizeof functions_text);
	return system(
		"psql -q -X -v ON_ERROR_STOP=1 -f " SOURCE_FOLDER "/schema/roles.sql >/dev/null");
}

/* A new database and a valid program for each test. */
static int
set_up(void **state)
{
	(void)state;
	g_setenv("PGUSER", "postgres", TRUE);
	g_setenv("PGDATABASE", "postgres", TRUE);
	g_free(test_sql("drop database if exists shoetopia with (force)"));
	g_free(test_sql("create database shoetopia owner shoetopia_owner"));
	g_setenv("PGUSER", "shoetopia_owner", TRUE);
	g_setenv("PGDATABASE", "shoetopia", TRUE);
	strcpy(first_text,
		"create table market.first (a int); insert into market.first values (1);");
	strcpy(second_text, "create table market.second (a int);\n-- a comment");
	strcpy(third_text, "alter table market.second add b int");
	strcpy(one_text, "create function api.one() returns int language sql as 'select 1';");
	strcpy(two_text,
		"create function api.two() returns int language sql as 'select api.one() + 1';");
	return 0;
}

/*
 * Runs a command in a process of its own. finish() returns its exit status and output:
 * "0 0001_first: applied...".
 */
static pid_t
start(int (*command)(void), int *out_fd)
{
	int pipe_fds[2];
	pid_t pid;

	assert_int_equal(pipe(pipe_fds), 0);
	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		dup2(pipe_fds[1], STDOUT_FILENO);
		dup2(pipe_fds[1], STDERR_FILENO);
		_exit(command());
	}
	close(pipe_fds[1]);
	*out_fd = pipe_fds[0];
	return pid;
}

static char *
finish(pid_t pid, int out_fd)
{
	g_autoptr(GString) output = g_string_new(NULL);
	char part[1024];
	ssize_t n;
	int status;

	while ((n = read(out_fd, part, sizeof part)) > 0)
		g_string_append_len(output, part, n);
	close(out_fd);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return g_strdup_printf("%d %s", WEXITSTATUS(status), output->str);
}

static char *
run(int (*command)(void))
{
	int fd;
	pid_t pid = start(command, &fd);

	return finish(pid, fd);
}

#define ASSERT_PRINTS(command, expected)                                                           \
	do {                                                                                       \
		g_autofree char *output_ = run(command);                                           \
		if (strstr(output_, expected) == NULL)                                             \
			fail_msg("printed: %s", output_);                                          \
	} while (0)

#define ASSERT_SQL(text, expected)                                                                 \
	do {                                                                                       \
		g_autofree char *got_ = test_sql(text);                                            \
		assert_string_equal(got_, expected);                                               \
	} while (0)

static void
each_migration_is_applied_once(void **state)
{
	(void)state;
	ASSERT_PRINTS(schema_check, "1 shoetopia: the database has no schema yet");
	ASSERT_PRINTS(migrate_run,
		"0 0001_first: applied\n0002_second: applied\n0003_third: applied\n"
		"functions: replaced\n");
	ASSERT_SQL("select " MIGRATIONS, "1=0001_first,2=0002_second,3=0003_third");
	ASSERT_SQL("select api.two()", "2");
	ASSERT_PRINTS(schema_check, "0 ");
	ASSERT_PRINTS(migrate_run, "0 the schema is up to date\n");
	ASSERT_SQL("select count(*) from market.first", "1");
	g_setenv("PGUSER", "shoetopia_app", TRUE);
	ASSERT_PRINTS(schema_check, "0 ");
	ASSERT_PRINTS(migrate_run, "1 shoetopia: --migrate is run as shoetopia_owner");
}

static void
functions_are_replaced_when_they_differ(void **state)
{
	(void)state;
	ASSERT_PRINTS(migrate_run, "functions: replaced");
	strcpy(one_text,
		"create function api.one() returns text language sql as $$ select '41'::text $$;");
	strcpy(two_text,
		"create function api.two() returns int language sql"
		" as 'select api.one()::int + 1';");
	ASSERT_PRINTS(schema_check,
		"1 shoetopia: the functions in the database are those of another program");
	ASSERT_PRINTS(migrate_run, "0 functions: replaced\n");
	ASSERT_SQL("select api.two()", "42");
	ASSERT_PRINTS(schema_check, "0 ");
	/* an error in them leaves the old ones, and is reported with its line */
	strcpy(two_text,
		"select 1;\ncreate function api.two() returns int language sql as 'select 3';\n"
		"selekt 2;\n");
	ASSERT_PRINTS(migrate_run,
		"1 shoetopia: schema/functions/two.sql:3: "
		"syntax error at or near \"selekt\" (42601)");
	ASSERT_SQL("select api.two()", "42");
}

static void
a_migration_is_all_or_nothing(void **state)
{
	(void)state;
	strcpy(third_text, "create table market.third (a int);\nselect 1 / 0;");
	ASSERT_PRINTS(migrate_run, "1 ");
	ASSERT_SQL("select " MIGRATIONS, "1=0001_first,2=0002_second");
	ASSERT_SQL("select to_regclass('market.third') is null", "t");
	strcpy(third_text, "create table market.third (a int); commit;");
	ASSERT_PRINTS(migrate_run, "ends the transaction that it is run in");
	/* the last migration and the functions are one transaction */
	strcpy(third_text, "create table market.last (a int);");
	strcpy(two_text, "selekt 2;");
	ASSERT_PRINTS(migrate_run, "1 shoetopia: schema/functions/two.sql:1: syntax error");
	ASSERT_SQL("select " MIGRATIONS, "1=0001_first,2=0002_second");
	ASSERT_SQL("select to_regclass('market.last') is null", "t");
	strcpy(two_text,
		"create function api.two() returns int language sql as 'select api.one() + 1';");
	ASSERT_PRINTS(migrate_run, "0 0003_third: applied\nfunctions: replaced\n");
	ASSERT_SQL("select api.two()", "2");
}

static void
a_newer_schema_is_refused(void **state)
{
	(void)state;
	ASSERT_PRINTS(migrate_run, "0 ");
	g_free(test_sql("insert into market.schema_version values (4, '0004_future', '', now())"));
	ASSERT_PRINTS(
		migrate_run, "1 shoetopia: this program is older than the schema (3 against 4)");
	ASSERT_PRINTS(
		schema_check, "1 shoetopia: this program is older than the schema (3 against 4)");
	g_free(test_sql("delete from market.schema_version where version > 2"));
	ASSERT_PRINTS(schema_check,
		"1 shoetopia: the schema is older than this program (2 against 3); "
		"run: shoetopia --migrate");
}

static void
applied_migrations_must_not_change(void **state)
{
	(void)state;
	ASSERT_PRINTS(migrate_run, "0 ");
	strcat(second_text, " added later");
	ASSERT_PRINTS(
		migrate_run, "1 shoetopia: 0002_second was edited after this database applied it");
	g_free(test_sql("update market.schema_version set name = '0001_other' where version = 1"));
	ASSERT_PRINTS(migrate_run,
		"1 shoetopia: migration 1 of the database is 0001_other; in this program it is "
		"0001_first");
}

static void
two_at_once_are_safe(void **state)
{
	(void)state;
	strcpy(first_text,
		"create table market.first (a int); select pg_sleep(0.2); "
		"insert into market.first values (1);");
	for (int round = 0; round < 3; round++) {
		pid_t pids[4];
		int fds[4], idle = 0;

		if (round > 0)
			set_up(NULL);
		for (int i = 0; i < 4; i++)
			pids[i] = start(migrate_run, &fds[i]);
		for (int i = 0; i < 4; i++) {
			g_autofree char *output = finish(pids[i], fds[i]);

			if (output[0] != '0')
				fail_msg("printed: %s", output);
			idle += strcmp(output, "0 the schema is up to date\n") == 0;
		}
		assert_int_equal(idle, 3);
		ASSERT_SQL("select count(*) from market.first", "1");
	}
}

/*
 * A transaction holds a table for longer than one attempt. Meanwhile others can read it, though the
 * migration waits for it; the migration completes once the table is free.
 */
static void
a_migration_waits_for_a_table_in_use(void **state)
{
	const char *held =
		"select count(*) from pg_locks where relation = 'market.first'::regclass and "
		"granted and mode = 'AccessShareLock'";
	g_autofree char *output = NULL;
	pid_t holder, migrate;
	int fd = -1;

	(void)state;
	ASSERT_PRINTS(migrate_run, "0 ");
	strcpy(one_text,
		"alter table market.first add column b int; "
		"create function api.one() returns int language sql as 'select 6';");
	holder = fork();
	assert_true(holder >= 0);
	if (holder == 0) {
		execlp("psql", "psql", "-q", "-X", "-o", "/dev/null", "-c",
			"begin; lock table market.first in access share mode; "
			"select pg_sleep(4); commit",
			(char *)NULL);
		_exit(127);
	}
	test_wait_for(held, 1);
	migrate = start(migrate_run, &fd);
	test_wait_for("select count(*) from pg_locks where relation = 'market.first'::regclass and "
		      "not granted",
		1);
	ASSERT_SQL("select count(*) from market.first", "1");
	ASSERT_SQL(held, "1");
	output = finish(migrate, fd);
	assert_string_equal(output, "0 functions: replaced\n");
	assert_int_equal(waitpid(holder, NULL, 0), holder);
	ASSERT_SQL("select api.two()", "7");
}

static void
servers_that_may_lose_commits_are_refused(void **state)
{
	(void)state;
	ASSERT_PRINTS(migrate_run, "0 ");
	g_setenv("PGOPTIONS", "-c synchronous_commit=off", TRUE);
	ASSERT_PRINTS(schema_check, "1 shoetopia: synchronous_commit is off");
	g_setenv("PGOPTIONS", "-c synchronous_commit=local", TRUE);
	ASSERT_PRINTS(schema_check, "1 shoetopia: synchronous_commit is local");
	g_setenv("PGOPTIONS", "-c synchronous_commit=remote_write", TRUE);
	ASSERT_PRINTS(schema_check, "1 shoetopia: synchronous_commit is remote_write");
	g_setenv("PGOPTIONS", "-c synchronous_commit=remote_apply", TRUE);
	ASSERT_PRINTS(schema_check, "0 ");
	g_unsetenv("PGOPTIONS");
	test_server("set fsync off");
	test_server("set full_page_writes off");
	test_wait_for(
		"select count(*) from pg_settings where name in ('fsync', 'full_page_writes') "
		"and setting = 'off'",
		2);
	ASSERT_PRINTS(schema_check,
		"0 shoetopia: warning: the server runs with fsync off: a crash of the machine "
		"loses what was sold\n"
		"shoetopia: warning: the server runs with full_page_writes off");
}

static void
missing_roles_are_named(void **state)
{
	(void)state;
	g_setenv("PGUSER", "nobody_here", TRUE);
	ASSERT_PRINTS(migrate_run,
		"a superuser creates the database and its roles once: "
		"psql -d postgres -f schema/roles.sql");
	g_setenv("PGUSER", "postgres", TRUE);
	g_free(test_sql("alter role shoetopia_api rename to shoetopia_gone"));
	g_setenv("PGUSER", "shoetopia_owner", TRUE);
	ASSERT_PRINTS(migrate_run,
		"1 shoetopia: these roles are missing: shoetopia_api; a "
		"superuser creates them once");
	g_setenv("PGUSER", "postgres", TRUE);
	g_free(test_sql("alter role shoetopia_gone rename to shoetopia_api"));
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(each_migration_is_applied_once, set_up),
		cmocka_unit_test_setup(functions_are_replaced_when_they_differ, set_up),
		cmocka_unit_test_setup(a_migration_is_all_or_nothing, set_up),
		cmocka_unit_test_setup(a_newer_schema_is_refused, set_up),
		cmocka_unit_test_setup(applied_migrations_must_not_change, set_up),
		cmocka_unit_test_setup(two_at_once_are_safe, set_up),
		cmocka_unit_test_setup(a_migration_waits_for_a_table_in_use, set_up),
		cmocka_unit_test_setup(servers_that_may_lose_commits_are_refused, set_up),
		cmocka_unit_test_setup(missing_roles_are_named, set_up),
	};

	(void)argc;
	g_setenv("SHOETOPIA_TEST_SETTINGS", "fsync=on", TRUE); /* schema_check() reads it */
	test_need_server(argv);
	return cmocka_run_group_tests(tests, set_up_server, NULL);
}
