-- The sitemap: the addresses that search engines are to know, shoes and shops with something in stock. A part of it has those of 10,000 ids, so it
-- takes a bounded time and stays below the 50,000 addresses that one may have; an id is always in the same part.

create function api.sitemap_part_ids() returns bigint
language sql immutable
return 10000;

-- The numbers, from 1, of the parts that have something. One look-up in an index for each.
create function api.sitemap() returns json
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
	with recursive shoes(n) as (
		(select (l.shoe_id - 1) / api.sitemap_part_ids() + 1 from market.listing l where l.in_stock order by l.shoe_id limit 1)
		union all
		select (
			select (l.shoe_id - 1) / api.sitemap_part_ids() + 1
			from market.listing l
			where l.in_stock and l.shoe_id > p.n * api.sitemap_part_ids()
			order by l.shoe_id
			limit 1)
		from shoes p
		where p.n is not null
	), shops(n) as (
		(select (l.shop_id - 1) / api.sitemap_part_ids() + 1 from market.listing l where l.in_stock order by l.shop_id limit 1)
		union all
		select (
			select (l.shop_id - 1) / api.sitemap_part_ids() + 1
			from market.listing l
			where l.in_stock and l.shop_id > p.n * api.sitemap_part_ids()
			order by l.shop_id
			limit 1)
		from shops p
		where p.n is not null
	)
	select json_build_object(
		'shoes', coalesce((select json_agg(p.n order by p.n) from shoes p where p.n is not null), '[]'),
		'shops', coalesce((select json_agg(p.n order by p.n) from shops p where p.n is not null), '[]'));
end;

-- The ids of a part. A part beyond any id is empty; its number is a client's, and times its size still a bigint.
create function api.sitemap_shoes(p_part_id bigint) returns json
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
	select json_build_object('ids', coalesce(json_agg(s.shoe_id order by s.shoe_id), '[]'))
	from market.shoe s
	where s.shoe_id > (least(p_part_id, 1000000000000) - 1) * api.sitemap_part_ids() and s.shoe_id <= least(p_part_id, 1000000000000) * api.sitemap_part_ids()
		and exists (select from market.listing l where l.shoe_id = s.shoe_id and l.in_stock);
end;

create function api.sitemap_shops(p_part_id bigint) returns json
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
	select json_build_object('ids', coalesce(json_agg(h.shop_id order by h.shop_id), '[]'))
	from market.shop h
	where h.shop_id > (least(p_part_id, 1000000000000) - 1) * api.sitemap_part_ids() and h.shop_id <= least(p_part_id, 1000000000000) * api.sitemap_part_ids()
		and exists (select from market.listing l where l.shop_id = h.shop_id and l.in_stock);
end;
