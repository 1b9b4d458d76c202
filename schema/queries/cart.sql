-- name: cart :one ro
-- The cart, at present prices, for a delivery.
select api.cart(:session::bytea, :delivery::text) as answer;

-- name: put_cart_item :one rw
-- Sets the quantity of a listing in the cart; 0 removes it.
select api.put_cart_item(:session::bytea, :listing_id::bigint, :quantity::int) as answer;

-- name: remove_cart_item :one rw
-- Takes a listing out of the cart.
select api.put_cart_item(:session::bytea, :listing_id::bigint, 0) as answer;

-- name: add_cart_item :one rw
-- Adds pairs of a listing to those in the cart.
select api.add_cart_item(:session::bytea, :listing_id::bigint, :quantity::int) as answer;
