-- name: payment_report :one rw
-- Applies an event of the provider, or a deadline, to the payment of an order.
select api.payment_report(:order_id::bigint, :event::text, :detail::jsonb) as answer;

-- name: payments_due :one rw
-- The orders whose deadline is over, and those about which the provider has to be asked.
select api.payments_due(:limit::int) as answer;

-- name: pay_order :one rw
-- Asks for the provider's page on which the order is paid; the same one while it is open.
select code, answer from api.pay_order(:session::bytea, :order_id::bigint, :key::text, :digest::bytea, :settings::jsonb);
