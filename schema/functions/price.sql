-- What a shoe sold for. Public, and names no buyer.

-- How many of the newest orders to look into, so that they have p_lines lines of these listings: all, or a power of 16 times 1,024. Orders have numbers in
-- about the order of their times.
create function api.orders_to_look_into(p_listing_ids bigint[], p_newest bigint, p_lines int) returns bigint
language plpgsql stable as $$
declare
	v_orders bigint := 1024;
	v_lines bigint;
begin
	loop
		select count(*) into v_lines
		from (
			select
			from unnest(p_listing_ids) as l(listing_id)
			join market.order_line i on i.listing_id = l.listing_id and i.order_id > p_newest - v_orders
			limit p_lines) i;
		exit when v_lines >= p_lines or v_orders > p_newest;
		v_orders := v_orders * 16;
	end loop;
	return v_orders;
end
$$;

-- The sales of a shoe in the last 12 months, newest first: each order's line once for each price that pairs of it cost, without shipping. Orders that
-- were cancelled or, with payments on, are not paid do not count, nor do shipments that were given back. They are the newest 1,000 among the newest 2,000 lines of
-- its newest 2,000 listings, so that no shoe takes long; the lowest and the highest price are those of these. NULL: there is no such shoe.
create function api.shoe_prices(p_shoe_id bigint) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off set enable_mergejoin = off set enable_hashjoin = off as $$
declare
	v_after timestamptz := market.clock() - interval '12 months';
	v_newest bigint := coalesce((select max(o.order_id) from market.orders o), 0);
	v_listing_ids bigint[];
	v_oldest bigint;
begin
	if not exists (select from market.shoe s where s.shoe_id = p_shoe_id) then
		return null;
	end if;
	select array_agg(l.listing_id) into v_listing_ids
	from (
		select l.listing_id
		from (
			(select l.listing_id from market.listing l where l.shoe_id = p_shoe_id and l.in_stock)
			union all
			(select l.listing_id from market.listing l where l.shoe_id = p_shoe_id and not l.in_stock)
		) l
		order by l.listing_id desc
		limit 2000) l;
	v_oldest := v_newest - api.orders_to_look_into(v_listing_ids, v_newest, 2000);
	return (
		with lines as (
			select i.listing_id, i.order_id
			from unnest(v_listing_ids) as l(listing_id)
			join market.order_line i on i.listing_id = l.listing_id and i.order_id > v_oldest
			order by i.order_id desc, i.listing_id
			limit 2000
		), sold as (
			select l.size, n.price_cents, o.created_at, row_number() over (order by o.created_at desc, i.order_id desc, i.position, n.price_cents) as nth
			from lines f
			join market.listing l on l.listing_id = f.listing_id
			cross join lateral ( -- offset 0: always by its key; a join takes the lines of a listing for few, and reads all of them for each line of these
				select i.* from market.order_line i where i.shop_id = l.shop_id and i.order_id = f.order_id and i.listing_id = f.listing_id offset 0) i
			join market.orders o on o.order_id = f.order_id
			join market.shipment p on p.shop_id = i.shop_id and p.shipment_id = i.shipment_id
			cross join lateral (values (i.discounted, i.discounted_price_cents), (i.quantity - i.discounted, i.price_cents)) as n(pairs, price_cents)
			where api.is_sold(o.status, o.payment_status) and p.status <> 'cancelled' and o.created_at > v_after and n.pairs > 0
			order by nth
			limit 1000
		)
		select json_build_object(
			'sales', coalesce(json_agg(json_build_object('size', trim_scale(s.size), 'price_cents', s.price_cents, 'sold_at', market.rfc3339(s.created_at))
				order by s.nth), '[]'),
			'last_cents', min(s.price_cents) filter (where s.nth = 1),
			'low_cents', min(s.price_cents),
			'high_cents', max(s.price_cents))
		from sold s
	);
end
$$;
