-- name: events :one ro
-- The release events that are on and next, in the order of their start.
select api.events(:limit::int, :cursor::text) as answer;
