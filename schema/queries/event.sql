-- name: events :one ro public
-- The release events that are on and next, in the order of their start.
select api.events(:session::bytea, :shop_id::bigint, :limit::int, :cursor::text) as answer;

-- name: event :one ro public
-- One event, with the caller's booking.
select api.event_one(:session::bytea, :event_id::bigint) as answer;

-- name: create_event :one rw
-- Announces an event of the shop.
select code, answer
from api.create_event(:session::bytea, :shop_id::bigint, :title::text, :starts_at::timestamptz, :capacity::int,
	:key::text, :digest::bytea);

-- name: change_event :one rw
-- Edits the version that was seen; of two edits at once the second is stale.
select api.change_event(:session::bytea, :event_id::bigint, :versions::int[], :title::text, :starts_at::timestamptz, :capacity::int) as answer;

-- name: call_off_event :none rw
-- Calls an event off.
select api.call_off_event(:session::bytea, :event_id::bigint);
