-- name: acts :one ro
-- The privileged acts, newest first, for an admin.
select api.acts(:session::bytea, :limit::int, :cursor::text) as answer;
