-- name: create_listing :one rw batched
-- Lists a pair and its stock; shops that list the same new shoe at once share it.
select n, code, answer from api.create_listing(:calls::jsonb);

-- name: shop_listings :one ro
-- What a shop offers, newest first; its owner sees what is sold out too.
select api.shop_listings(:session::bytea, :shop_id::bigint, :limit::int, :cursor::text) as answer;

-- name: change_price :one rw
-- Another price; who checks out at this moment pays one or the other.
select api.change_price(:session::bytea, :shop_id::bigint, :listing_id::bigint, :price_cents::bigint) as answer;

-- name: adjust_stock :one rw
-- More pairs or fewer, through counter and ledger.
select code, answer
from api.adjust_stock(:session::bytea, :shop_id::bigint, :listing_id::bigint, :delta::bigint, :key::text, :digest::bytea);

-- name: withdraw_listing :none rw
-- Takes a listing out for good; orders keep it.
select api.withdraw_listing(:session::bytea, :shop_id::bigint, :listing_id::bigint);

-- name: listing :opt ro
-- One listing, sold out too, with its price in the running sale.
select o.answer from api.offer o where o.listing_id = :listing_id::bigint and o.withdrawn_at is null;
