-- name: put_review :one rw
-- A buyer's review of a shop; a second one replaces the first.
select api.put_review(:session::bytea, :shop_id::bigint, :rating::int, :comment::text) as answer;

-- name: shop_reviews :one ro public except session
-- The reviews of a shop, newest first.
select api.shop_reviews(:session::bytea, :shop_id::bigint, :limit::int, :cursor::text) as answer;
