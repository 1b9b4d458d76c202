-- name: recommendations :one ro
-- What friends wish for or bought and one has not, most friends first.
select api.recommendations(:session::bytea, :limit::int, :cursor::text) as answer;
