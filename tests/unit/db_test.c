#include "db_test.h"

#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "db/clock.h"
#include "db/conn.h"
#include "db/hosts.h"

static const char schema[] =
	"drop schema if exists test cascade; create schema test;"
	"drop schema if exists changing cascade; create schema changing;"
	"create function changing.answer() returns text language sql as $$ select 'first'::text $$;"
	"create table test.marks (key text unique, at timestamptz default clock_timestamp());"
	"create table test.unique_late (n int, unique (n) deferrable initially deferred);"
	"insert into test.unique_late values (1);"
	"create sequence test.tries;"
	"create function test.nothing() returns void language sql as '';"
	"create function test.refuse(code text, sentence text, extra text) returns text"
	" language plpgsql as $$ begin"
	"  if sentence is null and extra is null then"
	"    raise sqlstate 'ST000' using message = code;"
	"  elsif sentence is null then"
	"    raise sqlstate 'ST000' using message = code, hint = extra;"
	"  elsif extra is null then"
	"    raise sqlstate 'ST000' using message = code, detail = sentence;"
	"  else"
	"    raise sqlstate 'ST000' using message = code, detail = sentence, hint = extra;"
	"  end if; end $$;"
	"create function test.collide(times int, state text) returns text language plpgsql as $$"
	" declare tries bigint := nextval('test.tries'); begin"
	"  if tries <= times then"
	"    raise exception using errcode = state, message = 'once more';"
	"  end if;"
	"  return tries; end $$;"
	"create function test.lose(losses int) returns text language plpgsql as $$"
	" declare tries bigint := nextval('test.tries'); begin"
	"  if tries <= losses then perform pg_terminate_backend(pg_backend_pid()); end if;"
	"  return tries; end $$;"
	"create function test.mark(key text) returns text language sql as $$"
	"  insert into test.marks values (key) returning 'marked'::text $$;"
	"create function test.mark_once(key text, losses int, out code text, out answer text)"
	" language plpgsql as $$ begin"
	"  insert into test.marks values (mark_once.key) on conflict do nothing;"
	"  if not found then code := 'replayed'; end if;"
	"  answer := test.lose(losses); end $$;"
	"create function test.echo_calls(calls jsonb)"
	" returns table (n bigint, code text, answer text) language sql as $$"
	"  select i, case when c ? 'fail' then c ->> 'fail' end, calls::text"
	"  from jsonb_array_elements(calls) with ordinality as t(c, i) where not c ? 'silent' $$;"
	/*
	 * A batch of calls that need a row each, {row}: row 1 is advisory lock 1. Its answer is how
	 * it waited for the locks.
	 */
	"create schema if not exists api;"
	"create or replace function api.still_locked(rows text[], wait_ms int) returns text"
	" language sql as $$ select string_agg(r, ' ') from unnest(rows) as r"
	"  where not pg_try_advisory_xact_lock(split_part(r, ':', 2)::bigint) $$;"
	"create function test.divert(calls jsonb, lock_ms int, stuck text[])"
	" returns table (n bigint, code text, answer text) language plpgsql as $$"
	"#variable_conflict use_column\n"
	"begin"
	"  perform set_config('lock_timeout', lock_ms::text, true) where lock_ms > 0;"
	"  return query select i, case when 'row:' || r.row = any(stuck) or"
	"    (lock_ms = 0 and not pg_try_advisory_xact_lock(r.row)) then 'locked' end,"
	"    case when 'row:' || r.row = any(stuck) or (lock_ms = 0 and"
	"    not pg_try_advisory_xact_lock(r.row)) then 'row:' || r.row"
	"    else coalesce(lock_ms, -1)::text end"
	"    from jsonb_array_elements(calls) with ordinality as t(c, i)"
	"    cross join lateral (select (c ->> 'row')::bigint as row) as r order by i;"
	"  if lock_ms <> 0 then perform pg_advisory_xact_lock((c ->> 'row')::bigint)"
	"    from jsonb_array_elements(calls) as t(c)"
	"    where 'row:' || (c ->> 'row') = any(stuck) is not true; end if;"
	"end $$;"
	/*
	 * A batch. Members of a call: {name} is recorded; {fault} raises an error after so many
	 * seconds, and counts it; {named} raises one that names the call; {lock} waits for advisory
	 * lock 1; {pause} sleeps 20 ms; {losses} is how often the connection is lost afterwards;
	 * {key} is written once.
	 */
	"create sequence test.faults;"
	"create table test.batches (id bigint generated always as identity, names text[]);"
	"create function test.record(calls jsonb)"
	" returns table (n bigint, code text, answer text)"
	" language plpgsql set lock_timeout = 0 as $$"
	"#variable_conflict use_column\n"
	"begin"
	"  if calls @? '$[*].lock' then perform pg_advisory_xact_lock_shared(1); end if;"
	"  if calls @? '$[*].pause' then perform pg_sleep(0.02); end if;"
	"  if calls @? '$[*].fault' then"
	"    perform nextval('test.faults'), pg_sleep((select max((c ->> 'fault')::float8)"
	"      from jsonb_array_elements(calls) as c));"
	"    raise sqlstate 'XX999' using message = 'a fault';"
	"  end if;"
	"  if calls @? '$[*].named' then"
	"    perform nextval('test.faults');"
	"    raise sqlstate 'XX999' using message = 'a fault', column = 'call ' || (select min(i)"
	"      from jsonb_array_elements(calls) with ordinality as t(c, i) where c ? 'named');"
	"  end if;"
	"  insert into test.batches (names) select array_agg(c ->> 'name' order by i)"
	"    from jsonb_array_elements(calls) with ordinality as t(c, i);"
	"  return query with marked as ("
	"    insert into test.marks"
	"    select c ->> 'key' from jsonb_array_elements(calls) as c where c ? 'key'"
	"    on conflict do nothing returning key)"
	"    select i, case when c ? 'key' and c ->> 'key' not in (select key from marked)"
	"      then 'replayed' else c ->> 'code' end, c ->> 'name'"
	"    from jsonb_array_elements(calls) with ordinality as t(c, i) order by i;"
	"  if calls @? '$[*].losses' then perform test.lose((select max((c ->> 'losses')::int)"
	"    from jsonb_array_elements(calls) as c)); end if;"
	"end $$;";

void
test_need_server(char **argv)
{
	if (getenv("SHOETOPIA_TEST_SERVER") != NULL)
		return;
	execl(TEST_FOLDER "/with_postgres", "with_postgres", argv[0], (char *)NULL);
	perror(TEST_FOLDER "/with_postgres");
	exit(99);
}

void
test_server(const char *what)
{
	g_autofree char *command = g_strdup_printf("\"$SHOETOPIA_TEST_SERVER\" %s", what);

	assert_int_equal(system(command), 0);
}

char *
test_sql(const char *text)
{
	g_autofree char *why = NULL;
	struct conn *conn = hosts_open(clock_ms() + 10000, CONN_ANY, 0, &why);
	struct reply reply = { 0 };
	char *value;

	if (conn == NULL)
		fail_msg("%s", why);
	conn_run(conn, text, clock_ms() + 30000, &reply);
	if (reply.kind != REPLY_DONE)
		fail_msg("%s: %s", text, reply_message(&reply));
	value = g_strdup(reply_value(&reply, 0, 0));
	reply_clear(&reply);
	conn_close(conn);
	return value;
}

long
test_number(const char *text)
{
	g_autofree char *value = test_sql(text);

	return value == NULL ? -1 : atol(value);
}

void
test_wait_for(const char *text, long expected)
{
	int64_t until = clock_ms() + 10000;

	while (test_number(text) != expected)
		if (clock_ms() > until)
			fail_msg("waited in vain: %s", text);
}

void
test_make_schema(void)
{
	g_free(test_sql(schema));
}

enum err
test_call(struct db *db, struct db_result *out, enum sql_id id, ...)
{
	struct db_param params[8];
	size_t n = 0;
	va_list args;
	const char *name;

	db_result_clear(out);
	va_start(args, id);
	while ((name = va_arg(args, const char *)) != NULL) {
		assert_true(n < G_N_ELEMENTS(params));
		params[n++] = (struct db_param){ .name = name, .text = va_arg(args, const char *) };
	}
	va_end(args);
	return db_call(db, id, params, n, out);
}

static int log_fd = -1, stderr_fd = -1;

void
test_catch_log(void)
{
	g_autofree char *path = NULL;

	log_fd = g_file_open_tmp("shoetopia-log.XXXXXX", &path, NULL);
	assert_true(log_fd >= 0);
	unlink(path);
	stderr_fd = dup(STDERR_FILENO);
	dup2(log_fd, STDERR_FILENO);
}

char *
test_log(void)
{
	char *text = g_malloc0(65536);

	dup2(stderr_fd, STDERR_FILENO);
	close(stderr_fd);
	assert_true(pread(log_fd, text, 65535, 0) >= 0);
	close(log_fd);
	return text;
}
