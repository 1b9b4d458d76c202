-- name: create_reservation :one rw batched by listing_ids
-- Reserves one pair of each listing named, as far as possible.
select n, code, answer from api.create_reservation(:calls::jsonb, :lock_ms::int, :stuck::text[]);

-- name: reservations :one ro
-- The account's reservations, oldest first.
select api.reservations(:session::bytea, :limit::int, :cursor::text) as answer;

-- name: cancel_reservation :none rw
-- Ends a reservation of the account.
select api.cancel_reservation(:session::bytea, :reservation_id::bigint);

-- name: release_expired :one rw
-- Ends expired reservations, some hundreds at a time; returns how many.
select api.release_expired() as answer;
