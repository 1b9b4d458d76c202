-- name: outbox_take :one rw
-- Takes rows of the outbox that are due, for a while.
select api.outbox_take(:kinds::text[], :limits::int[], :leases_ms::int[]) as answer;

-- name: outbox_done :one rw
-- A row of the outbox is done.
select api.outbox_done(:outbox_id::bigint, :lease::text) as answer;

-- name: outbox_retry :one rw
-- A row of the outbox is tried again after a pause.
select api.outbox_retry(:outbox_id::bigint, :lease::text, :error::text, :next_key::boolean) as answer;

-- name: outbox_flag :one rw
-- A row of the outbox is given up.
select api.outbox_flag(:outbox_id::bigint, :lease::text, :error::text) as answer;

-- name: outbox_rows :one ro
-- The outbox, for admins.
select api.outbox_rows(:session::bytea, :attention::boolean, :limit::int, :cursor::text) as answer;

-- name: outbox_again :one rw
-- A row of the outbox is tried again at once.
select api.outbox_again(:session::bytea, :outbox_id::bigint) as answer;

-- name: metrics_of_outbox :one ro
-- For metrics: rows that wait and rows that were given up, by kind.
select api.metrics_of_outbox() as answer;
