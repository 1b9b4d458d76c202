-- name: shop_balance :one ro
-- What the shop is owed, with its ledger, newest first.
select api.shop_balance(:session::bytea, :shop_id::bigint, :limit::int, :cursor::text) as answer;
