-- name: create_booking :one rw batched
-- A place while there is room, else the end of the line.
select n, code, answer from api.create_booking(:calls::jsonb);

-- name: booking :one ro
-- One's own place, or how many in line up to oneself.
select api.booking_one(:session::bytea, :event_id::bigint) as answer;

-- name: cancel_booking :none rw
-- Gives the place back; the first in line has it then.
select api.cancel_booking(:session::bytea, :event_id::bigint);
