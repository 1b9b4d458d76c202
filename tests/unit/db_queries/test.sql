-- What the tests of the database room call; db_test.c makes the schema behind it.

-- name: echo :one ro
-- Gives back what it gets.
select 'an answer' as answer, :a::text as a, :b::text as b, length(:a) as n, null as nothing;

-- name: perhaps :opt ro
-- One row or none.
select 'here' as answer where :there::boolean;

-- name: rows :one ro
-- As many rows as one likes, which is a mistake in a statement for one.
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
-- Fails with a state that PostgreSQL wants repeated, so many times; then tells how often it was run.
select test.collide(:times::int, :state::text) as answer;

-- name: nap :one ro
-- Takes its time.
select 'rested' as answer from pg_sleep(:seconds::float8);

-- name: nap_and_mark :one rw
-- Takes its time, then writes.
select test.mark(:key::text) as answer from pg_sleep(:seconds::float8);

-- name: mark :one rw
-- Writes a row.
select test.mark(:key::text) as answer;

-- name: mark_with_key :one rw
-- Loses its connection so many times, then writes a row, once for each key.
select code, answer from test.mark_once(:key::text, :losses::int);

-- name: read_with_loss :one ro
-- Loses its connection so many times, then reads.
select test.lose(:losses::int) as answer;

-- name: mark_with_loss :one rw
-- Loses its connection so many times, then writes a row.
select test.lose(:losses::int) || test.mark('lost') as answer;

-- name: late_error :one rw
-- Gives a row, then fails at commit.
insert into test.unique_late (n) values (1) returning 'too early' as answer;

-- name: changing :one ro
-- A function that is replaced while it is in use.
select changing.answer() as answer;

-- name: gather :one rw batched
-- What arrived, one answer for each.
select n, code, answer from test.gather(:calls::jsonb);

-- name: crowd :one rw batched
-- Notes the batch it came in; writes a row for each call, once for each key. See db_test.c.
select n, code, answer from test.crowd(:calls::jsonb);

-- name: lock :one rw
-- Takes an advisory lock for as long as the connection lives.
select pg_advisory_lock(:number::bigint)::text as answer;
