-- name: suspend_shop :one rw
-- An admin takes a shop off the market, or lets it in again.
select api.suspend_shop(:session::bytea, :shop_id::bigint, :suspended::boolean, :reason::text) as answer;

-- name: suspend_listing :one rw
-- The same of one listing.
select api.suspend_listing(:session::bytea, :listing_id::bigint, :suspended::boolean, :reason::text) as answer;
