-- name: request_payout :one rw
-- Asks for a part of what the shop has available.
select api.request_payout(:session::bytea, :shop_id::bigint, :amount_cents::bigint, :payout_days::int) as answer;

-- name: shop_payouts :one ro
-- The shop's payouts, newest first.
select api.shop_payouts(:session::bytea, :shop_id::bigint, :limit::int, :cursor::text) as answer;

-- name: payouts :one ro
-- The payouts of all shops: those to be decided first.
select api.payouts(:session::bytea, :limit::int, :cursor::text) as answer;

-- name: decide_payout :one rw
-- An admin's decision: the payout was paid, or is refused and goes back.
select api.decide_payout(:session::bytea, :payout_id::bigint, :status::text, :note::text) as answer;
