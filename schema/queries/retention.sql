-- name: purge_step :one rw
-- Deletes kept answers and sessions that have expired, in some pages of their tables; returns the page to go on with.
select api.purge_step(:from_page::bigint, :pages::int) as answer;
