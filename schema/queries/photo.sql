-- name: may_add_photo :one ro
-- Whether the caller may add a photo; asked before the picture is decoded.
select api.may_add_photo(:session::bytea, :shop_id::bigint, :listing_id::bigint) as answer;

-- name: add_photo :one rw
-- Adds a photo as the last one of its listing.
select api.add_photo(:session::bytea, :shop_id::bigint, :listing_id::bigint, :width::int, :height::int,
	array[:zoom_webp::bytea, :zoom_jpg::bytea, :page_webp::bytea, :page_jpg::bytea, :list_webp::bytea, :list_jpg::bytea]) as answer;

-- name: order_photos :one rw
-- Puts all photos of a listing into another order.
select api.order_photos(:session::bytea, :shop_id::bigint, :listing_id::bigint, :photo_ids::bigint[]) as answer;

-- name: delete_photo :none rw
-- Deletes a photo, and its picture if no other photo shows it.
select api.delete_photo(:session::bytea, :shop_id::bigint, :listing_id::bigint, :photo_id::bigint);

-- name: photo_file :opt ro public
-- One file of a picture, in base64; it never changes.
select f.answer from api.photo_file(:hash::text, :file::text) as f(answer) where f.answer is not null;

-- name: keep_picture :one rw owner
-- Keeps a picture that no photo shows yet, for the demo data, and returns its hash.
select encode(api.keep_picture(:width::int, :height::int,
	array[:zoom_webp::bytea, :zoom_jpg::bytea, :page_webp::bytea, :page_jpg::bytea, :list_webp::bytea, :list_jpg::bytea]), 'hex') as answer;
