-- Shoes: one with its offers. Public: it shows the same to everyone.

-- What is offered of a shoe now. total_cents is the whole price of a pair: of the sale where there is one, with its shipping; of a shop that does
-- not ship, for pick-up.
create function api.shoe_offers(p_shoe_id bigint)
returns table (shop_id bigint, listing_id bigint, audience market.audience, size market.shoe_size, price_cents bigint, total_cents bigint)
language sql stable rows 20
begin atomic
	select l.shop_id, l.listing_id, l.audience, l.size, d.price_cents, d.price_cents + coalesce(h.charged_shipping_cents, 0)
	from market.listing l
	join market.shop h on h.shop_id = l.shop_id
	left join api.running_sale f on f.shop_id = l.shop_id
	cross join lateral (select coalesce(market.sale_price(l.price_cents, f.percent_off), l.price_cents)) as d(price_cents)
	where l.shoe_id = p_shoe_id and l.in_stock;
end;

-- A shoe with its cheapest offer for each size at this moment, at the sale's price where there is one. The offers of a size are a list of
-- their own: GET /listings.
create function api.shoe(p_shoe_id bigint) returns json
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
	select json_build_object(
		'shoe_id', s.shoe_id,
		'brand', s.brand,
		'style', s.style,
		'color', s.color,
		'photo', api.shoe_photo(s.shoe_id),
		'offers', coalesce((
			select json_agg(o.answer order by c.size)
			from (
				select distinct on (e.size) e.size, e.shop_id, e.listing_id
				from api.shoe_offers(p_shoe_id) e
				order by e.size, e.price_cents, e.listing_id
			) c
			join api.offer o on o.shop_id = c.shop_id and o.listing_id = c.listing_id), '[]'))
	from market.shoe s
	where s.shoe_id = p_shoe_id;
end;

-- A shoe as its page shows it: for each size the number of its offers and the lowest whole price; and the twenty offers of the chosen size that
-- are cheapest as a whole; eight if the size is NULL: any, as is a NULL audience.
create function api.shoe_page(p_shoe_id bigint, p_audience text, p_size numeric) returns json
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
	with offered as materialized (
		select e.*, (p_audience is null or e.audience::text = p_audience) and (p_size is null or e.size = p_size) as is_chosen
		from api.shoe_offers(p_shoe_id) e
	), shown as (
		select f.shop_id, f.listing_id, f.total_cents
		from offered f
		where f.is_chosen
		order by f.total_cents, f.listing_id
		limit case when p_size is null then 8 else 20 end
	)
	select json_build_object(
		'shoe_id', s.shoe_id,
		'brand', s.brand,
		'style', s.style,
		'color', s.color,
		'photo', api.shoe_photo(s.shoe_id),
		'low_cents', (select min(f.total_cents) from offered f),
		'high_cents', (select max(f.total_cents) from offered f),
		'low_price_cents', (select min(f.price_cents) from offered f),
		'high_price_cents', (select max(f.price_cents) from offered f),
		'offers', (select count(*) from offered f),
		'shops', (select count(distinct f.shop_id) from offered f),
		'chosen', (select count(*) from offered f where f.is_chosen),
		'sizes', coalesce((
			select json_agg(json_build_object('audience', z.audience, 'size', trim_scale(z.size), 'offers', z.offers, 'total_cents', z.total_cents)
				order by z.audience, z.size)
			from (
				select f.audience, f.size, count(*) as offers, min(f.total_cents) as total_cents
				from offered f
				group by f.audience, f.size
			) z), '[]'),
		'shown', coalesce((
			select json_agg(json_build_object(
				'total_cents', w.total_cents,
				'rating', trim_scale(round(h.rating_sum::numeric / nullif(h.review_count, 0), 2)),
				'reviews', h.review_count,
				'listing', o.answer) order by w.total_cents, w.listing_id)
			from shown w
			join market.shop h on h.shop_id = w.shop_id
			join api.offer o on o.shop_id = w.shop_id and o.listing_id = w.listing_id), '[]'))
	from market.shoe s
	where s.shoe_id = p_shoe_id;
end;
