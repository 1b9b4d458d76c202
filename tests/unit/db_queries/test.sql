-- The statements that the tests of src/db call; db_test.c creates their schema.

-- name: echo :one ro
-- Returns its parameters.
select 'an answer' as answer, :a::text as a, :b::text as b, length(:a) as n, null as nothing;

-- name: place :one ro public except counted
-- Which server answers, and how many marks it has.
select case when pg_is_in_recovery() then 'standby' else 'primary' end as answer, (select count(*) from test.marks) as marks, :counted::text as counted;

-- name: place_of_session :one ro public
-- The same, which also depends on the session.
select case when pg_is_in_recovery() then 'standby' else 'primary' end as answer, :session::text as session;

-- name: place_private :one ro
-- The same, which is not public.
select case when pg_is_in_recovery() then 'standby' else 'primary' end as answer, (select count(*) from test.marks) as marks;

-- name: perhaps :opt ro
-- One row or none.
select 'here' as answer where :there::boolean;

-- name: rows :one ro
-- Any number of rows, although it is marked :one.
select 'row' as answer from generate_series(1, :count::int);

-- name: nothing :none rw
-- A function without a value.
select test.nothing();

-- name: coded :one rw
-- An outcome by column.
select :code::text as code, :answer::text as answer;

-- name: refuse :one rw
-- An outcome by exception.
select test.refuse(:code::text, :sentence::text, :extra::text) as answer;

-- name: misread :one ro
-- Fails with a message that quotes the value.
select :number::text::int as answer;

-- name: collide :one rw
-- Fails with an SQLSTATE the first :times times; then returns how often it was run.
select test.collide(:times::int, :state::text) as answer;

-- name: pause :one ro
-- Sleeps.
select 'paused' as answer from pg_sleep(:seconds::float8);

-- name: pause_and_mark :one rw
-- Sleeps, then writes a row.
select test.mark(:key::text) as answer from pg_sleep(:seconds::float8);

-- name: mark :one rw
-- Writes a row.
select test.mark(:key::text) as answer;

-- name: mark_with_key :one rw
-- Loses its connection the first :losses times, then writes a row, once for each key.
select code, answer from test.mark_once(:key::text, :losses::int);

-- name: read_with_loss :one ro
-- Loses its connection the first :losses times, then reads.
select test.lose(:losses::int) as answer;

-- name: mark_with_loss :one rw
-- Loses its connection the first :losses times, then writes a row.
select test.lose(:losses::int) || test.mark('lost') as answer;

-- name: late_error :one rw
-- Returns a row, then fails at commit.
insert into test.unique_late (n) values (1) returning 'too early' as answer;

-- name: changing :one ro
-- Calls a function that a test replaces meanwhile.
select changing.answer() as answer;

-- name: echo_calls :one rw batched
-- Returns all calls as the answer of each.
select n, code, answer from test.echo_calls(:calls::jsonb);

-- name: record :one rw batched
-- Records its batch; writes a row for each key, once. See db_test.c.
select n, code, answer from test.record(:calls::jsonb);

-- name: divert :one rw batched
-- Records its batch, except calls that need a row that is stuck. See db_stuck.c.
select n, code, answer from test.divert(:calls::jsonb, :lock_ms::int, :stuck::text[]);

-- name: lock :one rw
-- Takes an advisory lock until the connection is closed.
select pg_advisory_lock(:number::bigint)::text as answer;

-- name: write_row :one rw
-- Waits for an advisory lock, as for a row, and writes. Of a session, since it takes a key.
select test.mark(:key::text) || coalesce(:session::text, '') as answer from pg_advisory_xact_lock(:number::bigint);

-- name: begin_session :one rw
-- The same without a session.
select test.mark(:name::text) as answer from pg_advisory_xact_lock(:number::bigint);
