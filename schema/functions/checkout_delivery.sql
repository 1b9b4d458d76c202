-- What the delivery of a checkout costs, and whether its shops offer it. Only where one of them has a price for shipping, or does not offer both ways.

-- The shipping of each line: see api.checkout_lines. What is picked up costs none.
create function api.shipping_cents(p_calls api.checkout_calls, p_lines api.checkout_lines, p_listings api.checkout_listings, p_shops api.checkout_shops)
returns bigint[]
language sql stable
begin atomic
	select array_agg(case
			when i.shop_id = 0 then 0
			when not p_calls.ships[i.call] then case when p_shops.offers_pickup[s.shop] then 0 end
			when i.is_last then p_shops.shipping_cents[s.shop]
			when p_shops.shipping_cents[s.shop] is not null then 0
		end::bigint order by i.n)
	from (
		select i.call, i.shop_id, i.listing, i.n, lead(i.shop_id) over (partition by i.call order by i.n) is distinct from i.shop_id as is_last
		from unnest(p_lines.call, p_lines.shop_id, p_lines.listing) with ordinality as i(call, shop_id, listing, n)
	) i
	cross join lateral (select p_listings.shop[i.listing]) as s(shop);
end;

-- The answer of a call whose shops do not all deliver so: one that does not, and what it does offer.
create function api.delivery_refusal(p_lines api.checkout_lines, p_first int, p_last int, p_shops api.checkout_shops, p_shop int[], p_ships boolean)
returns json
language sql stable
begin atomic
	select api.field_error('delivery', format(case when p_ships then '%s does not ship: choose to pick it up.'
		else '%s offers no pick-up: choose to have it shipped.' end, format('{%s}', p_shops.shop[s.shop])::json ->> 'shop_name'))
	from generate_series(p_first, p_last) as j
	cross join lateral (select p_shop[p_lines.listing[j]]) as s(shop)
	where p_lines.shipping_cents[j] is null
	order by j
	limit 1;
end;
