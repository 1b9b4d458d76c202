-- name: import_shoes :one rw unkeyed
-- Makes the shoes of some lines of a file.
select api.import_shoes(:session::bytea, :shop_id::bigint, :lines::jsonb) as answer;

-- name: import_listings :one rw
-- Adds the listings of a file: all of its lines or none.
select api.import_listings(:session::bytea, :shop_id::bigint, :lines::jsonb) as answer;

-- name: check_import :one ro
-- Whether the shop is the caller's, for a file that is only checked.
select api.check_import(:session::bytea, :shop_id::bigint, :number::int) as answer;

-- name: export_listings :one ro
-- A part of the shop's listings as CSV.
select api.export_listings(:session::bytea, :shop_id::bigint, :cursor::text) as answer;

-- name: export_orders :one ro
-- A part of what the shop sold as CSV.
select api.export_orders(:session::bytea, :shop_id::bigint, :cursor::text) as answer;
