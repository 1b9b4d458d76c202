-- name: lookup :one ro
-- Accounts, orders, shops and listings by what people tell an admin.
select api.lookup(:session::bytea, :q::text) as answer;

-- name: admin_account :one ro
-- An account and its last orders, for an admin.
select api.admin_account(:session::bytea, :account_id::bigint) as answer;

-- name: admin_order :one ro
-- An order and its buyer, for an admin.
select api.admin_order(:session::bytea, :order_id::bigint) as answer;
