-- name: payment_report :one rw
-- Applies an event of the provider, or a deadline, to the payment of an order.
select api.payment_report(:order_id::bigint, :event::text, :detail::jsonb) as answer;

-- name: payments_due :one rw
-- The orders whose deadline is over, and those about which the provider has to be asked.
select api.payments_due(:limit::int) as answer;

-- name: ask_about_payment :one rw
-- Has the worker ask the provider about an order that its buyer looks at.
select api.ask_about_payment(:order_id::bigint) as answer;

-- name: pay_order :one rw
-- Asks for the provider's page on which the order is paid; the same one while it is open.
select code, answer from api.pay_order(:session::bytea, :order_id::bigint, :key::text, :digest::bytea, :settings::jsonb);

-- name: payment_object :one rw
-- Applies what an object of the provider's API says to its order.
select api.payment_object(:object::jsonb, :outbox_id::bigint) as answer;

-- name: take_provider_event :one rw
-- Stores an event of the provider's webhook, once, and applies it.
select api.take_provider_event(:event_id::text, :kind::text, :body::text) as answer;

-- name: page_to_expire :one rw
-- The page that a row of the outbox is to close.
select api.page_to_expire(:order_id::bigint, :number::int) as answer;

-- name: payment_rows :one ro
-- The payments, for admins.
select api.payment_rows(:session::bytea, :attention::boolean, :limit::int, :cursor::text) as answer;

-- name: decide_payment :one rw
-- An admin gives money back once more, or settles what was flagged.
select api.decide_payment(:session::bytea, :order_id::bigint, :action::text) as answer;

-- name: metrics_of_payments :one ro
-- For metrics: payments with a flag.
select api.metrics_of_payments() as answer;
