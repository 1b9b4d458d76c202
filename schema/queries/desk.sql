-- name: shop_desk :one ro
-- What of the shop needs its owner's attention.
select api.shop_desk(:session::bytea, :shop_id::bigint) as answer;
