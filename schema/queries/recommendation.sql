-- name: recommendations :one ro
-- Shoes that friends like and the account does not, by the number of friends.
select api.recommendations(:session::bytea, :limit::int, :cursor::text) as answer;
