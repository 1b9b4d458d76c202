-- name: cart :one ro
-- What lies in the cart, at the prices of this moment.
select api.cart(:session::bytea) as answer;

-- name: put_cart_item :one rw
-- So many pairs of a listing in the cart; 0 takes it out.
select api.put_cart_item(:session::bytea, :listing_id::bigint, :quantity::int) as answer;
