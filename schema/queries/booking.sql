-- name: create_booking :one rw batched by event_id
-- A place while there is one, else the end of the waiting list.
select n, code, answer from api.create_booking(:calls::jsonb, :lock_ms::int, :stuck::text[]);

-- name: booking :one ro
-- The account's booking; if it waits, its position.
select api.booking_one(:session::bytea, :event_id::bigint) as answer;

-- name: cancel_booking :none rw
-- Cancels the booking; the first on the waiting list gets the place.
select api.cancel_booking(:session::bytea, :event_id::bigint);
