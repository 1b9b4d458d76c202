-- name: find_listings :one ro public except facets
-- The catalogue, filtered, in stock only.
select api.find_listings(:q::text, :brand::text[], :style::text, :color::text[], :size::numeric[], :condition::text[], :audience::text[],
	:min_price_cents::bigint, :max_price_cents::bigint, :shop_id::bigint, :verified::boolean, :shoe_id::bigint, :on_sale::boolean,
	:sort::text, :facets::boolean, :limit::int, :cursor::text, :understood::boolean) as answer;

-- name: refresh_facets :one rw
-- Counts again what expires soon; returns how many counts.
select api.refresh_facets() as answer;

-- name: compare_listings :one ro public
-- Two to four listings side by side, in the order asked.
select api.compare_listings(:id::bigint[]) as answer;
