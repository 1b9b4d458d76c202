-- name: shop_shipments :one ro
-- The shop's shipments: to send and on their way, oldest first; then the others, newest first.
select api.shop_shipments(:session::bytea, :shop_id::bigint, :status::text, :delivery::text, :limit::int, :cursor::text) as answer;

-- name: shop_shipment :one ro
-- One shipment of the shop.
select api.shop_shipment(:session::bytea, :shop_id::bigint, :shipment_id::bigint) as answer;

-- name: change_shipment :one rw
-- Moves a shipment forward, or corrects its tracking.
select api.change_shipment(:session::bytea, :shop_id::bigint, :shipment_id::bigint, :status::text, :tracking::text) as answer;

-- name: refund_shipment :one rw
-- An admin gives a shipment back that its shop does not send.
select api.refund_shipment(:session::bytea, :shipment_id::bigint, :reason::text) as answer;

-- name: admin_shipment :one ro
-- A shipment of any shop, for an admin.
select api.admin_shipment(:session::bytea, :shipment_id::bigint) as answer;
