-- What a checkout reads: its calls and lines, and, once everything is locked, the shops and listings that they ask for. See checkout.sql.

-- The calls' own members, besides those that api.batch_begin reads.
create function api.checkout_read_calls(p_calls jsonb, p_batch api.batch) returns api.checkout_calls
language plpgsql as $$
declare
	v_calls api.checkout_calls;
begin
	select array_agg(c.buys_cart), array_agg(c.expected_cents),
		case when count(c.expected_price_cents) > 0 then array_agg(c.expected_price_cents) end, array_agg(c.ships)
	into v_calls.buys_cart, v_calls.expected_cents, v_calls.expected_price_cents, v_calls.ships
	from (
		select jsonb_typeof(c.items) is distinct from 'array' as buys_cart, c.expected_cents,
			c.expected_price_cents, coalesce(c.delivery = 'ship', false) as ships
		from rows from (jsonb_to_recordset(p_calls)
				as (items jsonb, expected_total_cents bigint, expected_price_cents bigint, delivery text))
			with ordinality as c(items, expected_cents, expected_price_cents, delivery, n)
		order by c.n
	) c;
	v_calls.payment_seconds := (p_calls -> 0 -> 'payment_terms' ->> 0)::int; -- settings of the program, the same in all calls
	v_calls.payment_min_cents := (p_calls -> 0 -> 'payment_terms' ->> 1)::bigint;
	v_calls.fee_bps := (p_calls -> 0 -> 'payment_terms' ->> 2)::int;
	if true = any(v_calls.ships) then
		select array_agg(a.address order by c.n) into v_calls.address
		from unnest(p_batch.account_id, v_calls.ships) with ordinality as c(account_id, ships, n)
		cross join lateral (
			select case when c.ships then
				(select api.address_answer(d) from market.address d where d.account_id = c.account_id) end) as a(address);
	end if;
	return v_calls;
end
$$;

-- The lines of the calls that are still to be decided. Items of one listing merge. The carts are locked, so that nothing else changes them.
create function api.checkout_read_lines(p_calls jsonb, p_batch api.batch) returns api.checkout_lines
language plpgsql as $$
declare
	v_lines api.checkout_lines;
begin
	select array_agg(i.n), array_agg(i.shop_id), array_agg(i.listing_id), array_agg(i.quantity), array_agg(i.position), array_agg(i.listing)
	into v_lines.call, v_lines.shop_id, v_lines.listing_id, v_lines.quantity, v_lines.position, v_lines.listing
	from (
		select a.n, coalesce(l.shop_id, 0) as shop_id, a.listing_id, sum(a.quantity)::int as quantity, min(a.position)::int as position,
			dense_rank() over (order by coalesce(l.shop_id, 0), a.listing_id)::int as listing
		from (
			select c.n::int as n, i.listing_id, i.quantity, i.position
			from rows from (jsonb_to_recordset(p_calls) as (items jsonb)) with ordinality as c(items, n)
			cross join lateral rows from (jsonb_to_recordset(
				case
					when p_batch.code[c.n] is not null then '[]'
					when jsonb_typeof(c.items) = 'array' then c.items
					else (
						select jsonb_agg(jsonb_build_object('listing_id', t.listing_id, 'quantity', t.quantity)
							order by t.added_at, t.listing_id)
						from market.cart_item t
						where t.account_id = p_batch.account_id[c.n])
				end) as (listing_id bigint, quantity int)) with ordinality as i(listing_id, quantity, position)
		) a
		left join lateral (select l.shop_id from market.listing l where l.listing_id = a.listing_id offset 0) l on true
		group by coalesce(l.shop_id, 0), a.listing_id, a.n
		order by n, shop_id, position
	) i;
	return v_lines;
end
$$;

-- Owners, present sales and deliveries of the listings' shops. The sales are locked.
create function api.checkout_read_shops(p_listings api.checkout_listings, p_sale_ids bigint[], p_now timestamptz)
returns api.checkout_shops
language plpgsql as $$
declare
	v_shops api.checkout_shops;
begin
	select array_agg(s.shop_id), array_agg(s.owner_id), array_agg(s.shop), array_agg(s.sale_id), array_agg(s.percent_off),
		array_agg(s.discounts_left), case when count(s.per_account) > 0 then array_agg(s.per_account) end, array_agg(s.profile_id),
		array_agg(s.pickup),
		case when bool_or(s.is_limited) then array_agg(s.offers_pickup) end, case when bool_or(s.is_limited) then array_agg(s.shipping_cents) end
	into v_shops.shop_id, v_shops.owner_id, v_shops.shop, v_shops.sale_id, v_shops.percent_off, v_shops.discounts_left, v_shops.per_account,
		v_shops.profile_id, v_shops.pickup, v_shops.offers_pickup, v_shops.shipping_cents
	from (
		select i.shop_id, coalesce(h.account_id, 0) as owner_id, api.shop_text(h.shop_id, h.name, h.contact_email) as shop, f.sale_id, f.percent_off,
			coalesce(f.discounts_left, 0) as discounts_left, f.per_account, coalesce(h.profile_id, 0) as profile_id,
			api.pickup_text(h.pickup_address, h.pickup_hours) as pickup,
			h.offers_pickup, h.charged_shipping_cents as shipping_cents, not h.offers_pickup or h.charged_shipping_cents is distinct from 0 and h.shop_id is not null
				as is_limited
		from (select distinct i.shop_id from unnest(p_listings.shop_id) as i(shop_id)) i
		left join market.shop h on h.shop_id = i.shop_id
		left join market.sale f on f.shop_id = i.shop_id and f.sale_id = any(p_sale_ids)
			and f.replaced_at is null and f.starts_at <= p_now and (f.ends_at is null or f.ends_at > p_now)
		order by i.shop_id
	) s;
	return v_shops;
end
$$;

-- Completes the listings: stock and prices. Their stock is locked.
create function api.checkout_read_listings(p_listings api.checkout_listings, p_shops api.checkout_shops) returns api.checkout_listings
language plpgsql as $$
begin
	select array_agg(i.available), array_agg(i.price_cents), array_agg(i.sale_price_cents), array_agg(i.shoe), coalesce(bool_or(i.held > 0), false)
	into p_listings.available, p_listings.price_cents, p_listings.sale_price_cents, p_listings.shoe, p_listings.held
	from (
		select case when l.withdrawn_at is null and not l.suspended then coalesce(k.available, 0) else 0 end as available, coalesce(l.price_cents, 0) as price_cents,
			coalesce(market.sale_price(l.price_cents, p_shops.percent_off[i.shop]), 0) as sale_price_cents,
			api.shoe_text(s.brand, s.style, s.color::text, l.size) as shoe, k.held
		from unnest(p_listings.shop_id, p_listings.listing_id, p_listings.shop) with ordinality as i(shop_id, listing_id, shop, n)
		left join lateral (
			select l.withdrawn_at, l.suspended, l.price_cents, l.size, l.shoe_id from market.listing l
			where l.shop_id = i.shop_id and l.listing_id = i.listing_id offset 0) l on true
		left join lateral (
			select k.available, k.held from market.stock k where k.shop_id = i.shop_id and k.listing_id = i.listing_id offset 0) k on true
		left join lateral (select s.brand, s.style, s.color from market.shoe s where s.shoe_id = l.shoe_id offset 0) s on true
		order by i.n
	) i;
	return p_listings;
end
$$;
