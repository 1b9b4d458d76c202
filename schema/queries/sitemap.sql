-- name: sitemap :one ro public
-- The parts of the sitemap that are not empty.
select api.sitemap() as answer;

-- name: sitemap_shoes :one ro public
-- The shoes in stock of a part of the sitemap.
select api.sitemap_shoes(:part_id::bigint) as answer;

-- name: sitemap_shops :one ro public
-- The shops with something in stock of a part of the sitemap.
select api.sitemap_shops(:part_id::bigint) as answer;
