-- name: start_flash_sale :one rw
-- Starts a flash sale, or plans one. One at a time.
select code, answer
from api.start_flash_sale(:session::bytea, :shop_id::bigint, :discounts::int, :percent_off::int, :ends_at::timestamptz,
	:key::text, :digest::bytea, coalesce(:per_account::int, :per_account_default::int), :starts_at::timestamptz);

-- name: current_sale :opt ro public
-- The shop's sale until it ends or is replaced, also without discounts left.
select f.answer from api.present_sale f where f.shop_id = :shop_id::bigint;

-- name: end_sale :none rw
-- Ends the shop's sale now.
select api.end_sale(:session::bytea, :shop_id::bigint);

-- name: sales :one ro public
-- The sales that are on, newest first, where there is a pair to sell; or that of one shop.
select api.sales(:shop_id::bigint, :limit::int, :cursor::text) as answer;
