-- name: create_shop :one rw
-- Opens the account's shop: one for each account, its name unique in any letter case.
select code, answer from api.create_shop(:session::bytea, :name::text, :key::text, :digest::bytea);

-- name: shop :one ro public except session
-- A shop as anyone sees it; a suspended one for its owner and admins alone.
select api.shop_one(:session::bytea, :shop_id::bigint) as answer;

-- name: put_profile :one rw
-- Writes what the shop says of itself, where pairs are picked up, and what shipping costs.
select api.put_profile(:session::bytea, :shop_id::bigint, :about::text, :pickup_address::text, :pickup_hours::text, :contact_email::text,
	:shipping_cents::int) as answer;

-- name: promote_shop :one rw
-- Raises the shop's tier; its listings come first in the promoted order.
select api.promote_shop(:session::bytea, :shop_id::bigint, :tier::int, :tier_cents::bigint[], :payout_days::int) as answer;
