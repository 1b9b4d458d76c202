-- Carts: what an account is about to buy. Nothing in a cart is reserved.

-- The cart with what checkout would charge now: the discounts that are left, and that the account may still get, go to its items in order. p_delivery:
-- how it is to be delivered; NULL: picked up if that is possible, else shipped. `delivery` says which; NULL: its shops do not offer one way that
-- all of them share, and total_cents is without shipping. shipping_cents is what shipping it costs; NULL: one of the shops does not ship. `shops` has the pairs
-- of each shop, and of its sale the discounts that the account may still get.
create function api.cart_answer(p_account_id bigint, p_delivery text default null) returns json
language sql stable
begin atomic
	with item as (
		select c.shop_id, c.listing_id, c.quantity, c.added_at, o.answer, o.price_cents, f.percent_off,
			greatest(0, least(f.discounts_left, f.per_account - coalesce(u.pairs, 0))) as discounts_left,
			greatest(0, least(c.quantity, coalesce(least(f.discounts_left, f.per_account - coalesce(u.pairs, 0)), 0) - coalesce(sum(c.quantity) over (
				partition by c.shop_id order by c.added_at, c.listing_id
				rows between unbounded preceding and 1 preceding), 0))) as discounted
		from market.cart_item c
		join api.offer o on o.shop_id = c.shop_id and o.listing_id = c.listing_id
		left join api.present_sale f on f.shop_id = c.shop_id and f.starts_at <= market.clock()
		left join market.sale_share u on u.shop_id = f.shop_id and u.sale_id = f.sale_id and u.account_id = c.account_id
		where c.account_id = p_account_id
	), priced as (
		select i.*, i.price_cents * (i.quantity - i.discounted)
			+ i.discounted * coalesce(market.sale_price(i.price_cents, i.percent_off), 0) as total_cents
		from item i
	), shop as (
		select p.shop_id, min(p.added_at) as added_at, json_build_object(
				'shop_id', p.shop_id,
				'shop_name', h.name,
				'quantity', sum(p.quantity),
				'discounted', sum(p.discounted),
				'percent_off', p.percent_off,
				'discounts_left', case when p.percent_off is not null then p.discounts_left end,
				'items_cents', sum(p.total_cents),
				'offers_pickup', h.offers_pickup,
				'shipping_cents', h.charged_shipping_cents,
				'pickup_address', h.pickup_address,
				'pickup_hours', h.pickup_hours) as answer
		from priced p
		join market.shop h on h.shop_id = p.shop_id
		group by p.shop_id, p.percent_off, p.discounts_left, h.shop_id
	), offered as (
		select coalesce(bool_and(h.offers_pickup), true) as pickup,
			case when coalesce(bool_and(h.charged_shipping_cents is not null), true) then coalesce(sum(h.charged_shipping_cents), 0) end as shipping_cents
		from market.shop h
		where h.shop_id in (select i.shop_id from item i)
	), chosen as (
		select o.*, case
				when p_delivery = 'ship' and o.shipping_cents is not null or not o.pickup and o.shipping_cents is not null then 'ship'
				when o.pickup then 'pickup'
			end as delivery
		from offered o
	)
	select json_build_object(
		'items', (
			select coalesce(json_agg(json_build_object(
				'listing_id', p.listing_id,
				'quantity', p.quantity,
				'available', p.answer -> 'available',
				'discounted', p.discounted,
				'price_cents', p.price_cents,
				'total_cents', p.total_cents,
				'listing', p.answer) order by p.added_at, p.listing_id), '[]')
			from priced p),
		'shops', (select coalesce(json_agg(s.answer order by s.added_at, s.shop_id), '[]') from shop s),
		'delivery', c.delivery,
		'offers_pickup', c.pickup,
		'shipping_cents', c.shipping_cents,
		'total_cents', (select coalesce(sum(p.total_cents), 0) from priced p) + case when c.delivery = 'ship' then c.shipping_cents else 0 end)
	from chosen c;
end;

create function api.cart(p_session bytea, p_delivery text) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
	return api.cart_answer(api.require(p_session, 'member'), p_delivery);
end
$$;

-- Sets the quantity of a listing in the cart of an account that is locked. It may exceed the stock: checkout checks it.
create function api.set_cart_item(p_account_id bigint, p_listing_id bigint, p_quantity int) returns json
language plpgsql as $$
declare
	v_shop_id bigint;
begin
	select l.shop_id into v_shop_id from market.listing l where l.listing_id = p_listing_id and l.withdrawn_at is null and not l.suspended;
	if v_shop_id is null then
		perform api.refuse('not_found');
	end if;
	if (select count(*) from market.cart_item c where c.account_id = p_account_id and c.listing_id <> p_listing_id) >= 100 then
		perform api.refuse('invalid', null, api.field_error('listing_id', 'A cart holds 100 different listings.'));
	end if;
	insert into market.cart_item as c (account_id, listing_id, shop_id, quantity, added_at)
	values (p_account_id, p_listing_id, v_shop_id, p_quantity, market.clock())
	on conflict (account_id, listing_id) do update set quantity = excluded.quantity;
	return api.cart_answer(p_account_id);
end
$$;

-- The same for the caller; 0 removes it, also if the listing is gone.
create function api.put_cart_item(p_session bytea, p_listing_id bigint, p_quantity int) returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_account_id bigint := api.require(p_session, 'member');
begin
	perform api.lock_account(v_account_id);
	if p_quantity = 0 then
		delete from market.cart_item c where c.account_id = v_account_id and c.listing_id = p_listing_id;
		return api.cart_answer(v_account_id);
	end if;
	if exists (select from market.cart_item c
		where c.account_id = v_account_id and c.listing_id = p_listing_id and c.quantity = p_quantity) then
		return api.cart_answer(v_account_id); -- as it is: also if the listing was withdrawn or suspended since
	end if;
	return api.set_cart_item(v_account_id, p_listing_id, p_quantity);
end
$$;

-- Adds pairs of a listing to those in the cart: up to 100.
create function api.add_cart_item(p_session bytea, p_listing_id bigint, p_quantity int) returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_account_id bigint := api.require(p_session, 'member');
	v_before int;
begin
	perform api.lock_account(v_account_id);
	select c.quantity into v_before from market.cart_item c where c.account_id = v_account_id and c.listing_id = p_listing_id;
	return api.set_cart_item(v_account_id, p_listing_id, least(100, coalesce(v_before, 0) + p_quantity));
end
$$;
