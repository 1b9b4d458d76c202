-- name: orders :one ro
-- The account's orders, newest first.
select api.orders(:session::bytea, :limit::int, :cursor::text) as answer;

-- name: order :one ro
-- One of the account's orders.
select api.order_one(:session::bytea, :order_id::bigint) as answer;

-- name: cancel_order :one rw
-- Cancels an order while nothing of it has shipped.
select code, answer from api.cancel_order(:session::bytea, :order_id::bigint, :key::text, :digest::bytea);
