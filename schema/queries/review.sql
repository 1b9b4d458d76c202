-- name: put_review :one rw
-- What a buyer says of a shop; a second replaces the first.
select api.put_review(:session::bytea, :shop_id::bigint, :rating::int, :comment::text) as answer;

-- name: shop_reviews :one ro
-- What buyers say of a shop, newest first.
select api.shop_reviews(:shop_id::bigint, :limit::int, :cursor::text) as answer;
