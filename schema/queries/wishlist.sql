-- name: put_wish :none rw
-- Puts a shoe on the wishlist.
select api.put_wish(:session::bytea, :shoe_id::bigint);

-- name: drop_wish :none rw
-- Takes a shoe off the wishlist.
select api.drop_wish(:session::bytea, :shoe_id::bigint);

-- name: put_wishlist :none rw
-- Replaces the wishlist.
select api.put_wishlist(:session::bytea, :shoe_ids::bigint[]);

-- name: wishlist :one ro
-- The account's wishlist, newest first.
select api.wishlist(:session::bytea, :limit::int, :cursor::text) as answer;
