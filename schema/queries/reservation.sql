-- name: create_reservation :one rw batched
-- Holds one pair of each listing named, as far as they can be had.
select n, code, answer from api.create_reservation(:calls::jsonb);

-- name: reservations :one ro
-- What the account holds now, in the order in which it was taken.
select api.reservations(:session::bytea, :limit::int, :cursor::text) as answer;

-- name: cancel_reservation :none rw
-- Lets one's own pair go.
select api.cancel_reservation(:session::bytea, :reservation_id::bigint);

-- name: release_expired :one rw
-- Gives the pairs of expired holds back; says how many, a few hundred at a time.
select api.release_expired() as answer;
