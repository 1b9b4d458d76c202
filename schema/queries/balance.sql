-- name: shop_balance :one ro
-- The shop's balance and its ledger, newest first.
select api.shop_balance(:session::bytea, :shop_id::bigint, :limit::int, :cursor::text, :payout_days::int, :fee_bps::int,
	:tier_cents::bigint[], :days::int, :since::timestamptz, :after::bigint, :sale::boolean) as answer;
