-- name: create_listing :one rw batched by shop_id
-- Lists a pair and its stock; shops that list the same new shoe at once share it.
select n, code, answer from api.create_listing(:calls::jsonb, :lock_ms::int, :stuck::text[]);

-- name: shop_listings :one ro public
-- A shop's listings that are asked for, newest first; sold-out ones for its owner alone.
select api.shop_listings(:session::bytea, :shop_id::bigint, :q::text, :stock::text, :limit::int, :cursor::text) as answer;

-- name: change_listing :one rw
-- Changes the price, or what is said of the pair; a concurrent checkout pays the old or the new price.
select api.change_listing(:session::bytea, :shop_id::bigint, :listing_id::bigint, :price_cents::bigint, :description::text, :box::text) as answer;

-- name: adjust_stock :one rw
-- Changes the stock, counter and ledger together.
select code, answer
from api.adjust_stock(:session::bytea, :shop_id::bigint, :listing_id::bigint, :delta::bigint, :key::text, :digest::bytea);

-- name: withdraw_listing :none rw
-- Withdraws a listing for good; orders keep it.
select api.withdraw_listing(:session::bytea, :shop_id::bigint, :listing_id::bigint);

-- name: listing :one ro public except session
-- One listing, sold out too, with its price in the running sale; a suspended one for its owner and admins alone.
select api.listing_one(:session::bytea, :listing_id::bigint) as answer;
