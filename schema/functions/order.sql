-- Orders after checkout: reading and cancelling them.

-- The JSON of an order, from the inside out: a shoe, a line, a shop, a shipment, and the whole. It is built as text (and parsed once, where it
-- becomes part of other JSON): json_build_object looks up the type of each argument in each call, which was a sixth of the cost of a full batch of
-- checkouts.
create function api.shoe_text(p_brand text, p_style text, p_color text, p_size numeric) returns text
language sql stable
return concat('"brand":', to_json(p_brand), ',"style":', to_json(p_style), ',"color":', to_json(p_color), ',"size":', trim_scale(p_size));

create function api.line_text(p_listing_id bigint, p_shoe text, p_quantity int, p_discounted int, p_price_cents bigint, p_total_cents bigint)
returns text
language sql stable
return '{"listing_id":' || p_listing_id || ',' || p_shoe || ',"quantity":' || p_quantity || ',"discounted":' || p_discounted
	|| ',"price_cents":' || p_price_cents || ',"total_cents":' || p_total_cents || '}';

create function api.shop_text(p_shop_id bigint, p_name text) returns text
language sql stable
return concat('"shop_id":', p_shop_id, ',"shop_name":', to_json(p_name));

-- Where and when what is picked up can be picked up; NULLs: the shop does not say, or it is shipped.
create function api.pickup_text(p_address text, p_hours text) returns text
language sql stable
return '"pickup_address":' || coalesce(to_json(p_address)::text, 'null') || ',"pickup_hours":' || coalesce(to_json(p_hours)::text, 'null');

create function api.shipment_text(p_shipment_id bigint, p_shop text, p_status text, p_tracking text, p_shipping_cents bigint, p_pickup text, p_lines text)
returns text
language sql stable
return '{"shipment_id":' || p_shipment_id || ',' || p_shop || ',"status":"' || p_status
	|| '","tracking":' || coalesce(to_json(p_tracking)::text, 'null') || ',"shipping_cents":' || p_shipping_cents || ','
	|| coalesce(p_pickup, '"pickup_address":null,"pickup_hours":null')
	|| ',"lines":[' || p_lines || ']}';

create function api.order_text(p_order_id bigint, p_status text, p_total_cents bigint, p_discount_cents bigint, p_delivery text, p_address json,
	p_created_at text, p_shipments text) returns text
language sql stable
return '{"order_id":' || p_order_id || ',"status":"' || p_status || '","total_cents":' || p_total_cents
	|| ',"discount_cents":' || p_discount_cents || ',"delivery":"' || p_delivery || '","address":' || coalesce(p_address::text, 'null')
	|| ',"created_at":"' || p_created_at || '","shipments":[' || p_shipments || ']}';

-- Many orders as their buyers see them. Each step sorts once for all of them, and the aggregates after it keep that order.
create function api.order_answers(p_order_ids bigint[]) returns table (order_id bigint, answer json)
language sql stable
begin atomic
	with line as (
		select p.order_id, p.shipment_id, p.shop_id, p.status, p.tracking, p.shipping_cents, api.line_text(i.listing_id,
			api.shoe_text(s.brand, s.style, s.color::text, l.size), i.quantity, i.discounted, i.price_cents, i.total_cents) as answer
		from unnest(p_order_ids) as o(order_id)
		join market.shipment p on p.order_id = o.order_id
		join market.order_line i on i.shop_id = p.shop_id and i.order_id = p.order_id
		join market.listing l on l.shop_id = i.shop_id and l.listing_id = i.listing_id
		join market.shoe s on s.shoe_id = l.shoe_id
		order by p.order_id, p.shipment_id, i.position
	), shipment as (
		select l.order_id, api.shipment_text(l.shipment_id, api.shop_text(l.shop_id, h.name), l.status, l.tracking, l.shipping_cents,
			case when o.delivery = 'pickup' then api.pickup_text(h.pickup_address, h.pickup_hours) end,
			l.answers) as answer
		from (
			select l.order_id, l.shipment_id, l.shop_id, l.status, l.tracking, l.shipping_cents, string_agg(l.answer, ',') as answers
			from line l
			group by l.order_id, l.shipment_id, l.shop_id, l.status, l.tracking, l.shipping_cents
		) l
		join market.shop h on h.shop_id = l.shop_id
		join market.orders o on o.order_id = l.order_id
		order by l.order_id, l.shipment_id
	)
	select o.order_id, api.order_text(o.order_id, o.status, o.total_cents, o.discount_cents, o.delivery, o.address, market.rfc3339(o.created_at),
		p.answers)::json
	from (select p.order_id, string_agg(p.answer, ',') as answers from shipment p group by p.order_id) p
	join market.orders o on o.order_id = p.order_id;
end;

-- The account's orders, newest first.
create function api.orders(p_session bytea, p_limit int, p_cursor text) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_account_id bigint := api.require(p_session, 'member');
	v_before bigint := api.cursor_id(p_cursor, 'o');
	v_page bigint[];
begin
	v_page := array(
		select o.order_id
		from market.orders o
		where o.account_id = v_account_id and (v_before is null or o.order_id < v_before)
		order by o.order_id desc
		limit p_limit + 1);
	return json_build_object(
		'orders', coalesce((select json_agg(a.answer order by a.order_id desc) from api.order_answers(v_page[:p_limit]) a), '[]'),
		'next', case when cardinality(v_page) > p_limit then 'o' || v_page[p_limit] end);
end
$$;

-- One order of the account. That of another account is not_found.
create function api.order_one(p_session bytea, p_order_id bigint) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_account_id bigint := api.require(p_session, 'member');
begin
	if not exists (select from market.orders o where o.order_id = p_order_id and o.account_id = v_account_id) then
		perform api.refuse('not_found');
	end if;
	return (select a.answer from api.order_answers(array[p_order_id]) a);
end
$$;

-- Cancels an order while nothing of it has shipped. Locks in the order that all functions keep: the account, the order and its shipments (a shop
-- changes one shipment at a time and locks nothing after it), shops whose review by the account lapses, then stock, sales and balances.
create function api.cancel_order(p_session bytea, p_order_id bigint, p_key text, p_digest bytea)
returns table (code text, answer json)
language plpgsql security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off set enable_mergejoin = off set enable_hashjoin = off as $$
#variable_conflict use_column
declare
	v_account_id bigint := api.require(p_session, 'member');
	v_kept json := api.key_claim(v_account_id, p_key, p_digest);
	v_now timestamptz;
	v_status text;
	v_reviewed_shop_ids bigint[];
	v_answer json;
begin
	if v_kept is not null then
		return query select 'replayed', v_kept;
		return;
	end if;

	perform api.lock_account(v_account_id);
	perform from market.orders o where o.order_id = p_order_id and o.account_id = v_account_id
	for no key update -- guard: order
	;
	perform from market.shipment p
	where p.order_id = p_order_id
		and exists (select from market.orders o where o.order_id = p_order_id and o.account_id = v_account_id) -- not another's
	order by p.shop_id
	for no key update -- guard: shipment
	;
	select o.status into v_status from market.orders o where o.order_id = p_order_id and o.account_id = v_account_id;
	if v_status is null then
		perform api.refuse('not_found');
	elsif v_status <> 'placed' then
		perform api.refuse_unchanged('invalid_state', 'This order was cancelled already.');
	elsif exists (select from market.shipment p where p.order_id = p_order_id and p.status <> 'pending') then
		perform api.refuse('invalid_state', 'A part of this order is on its way.');
	end if;

	v_reviewed_shop_ids := api.lock_lapsing_reviews(v_account_id, p_order_id);
	perform from market.stock k
	join market.order_line i on i.shop_id = k.shop_id and i.listing_id = k.listing_id
	join market.shipment p on p.shop_id = i.shop_id and p.order_id = i.order_id
	where p.order_id = p_order_id and i.order_id = p_order_id
	order by k.shop_id, k.listing_id
	for no key update of k;
	perform from market.sale f
	where (f.shop_id, f.sale_id) in (select i.shop_id, i.sale_id
		from market.shipment p
		join market.order_line i on i.shop_id = p.shop_id and i.order_id = p.order_id
		where p.order_id = p_order_id)
	order by f.shop_id, f.sale_id
	for no key update;
	perform from market.balance b
	where b.shop_id in (select p.shop_id from market.shipment p where p.order_id = p_order_id)
	order by b.shop_id
	for no key update;
	v_now := market.clock();

	perform api.lapse_reviews(v_account_id, v_reviewed_shop_ids);
	update market.orders set status = 'cancelled', cancelled_at = v_now where order_id = p_order_id;
	update market.shipment set status = 'cancelled', updated_at = v_now where order_id = p_order_id;

	-- Each counter with its ledger. A sold-out listing is in stock again, unless it was withdrawn.
	with back as (
		insert into market.stock_entry (shop_id, listing_id, delta, reason, order_id, at)
		select i.shop_id, i.listing_id, i.quantity, 'cancelled', i.order_id, v_now
		from market.shipment p
		join market.order_line i on i.shop_id = p.shop_id and i.order_id = p.order_id
		where p.order_id = p_order_id
		returning shop_id, listing_id, delta
	), stocked as (
		update market.stock k
		set available = k.available + b.delta
		from back b
		where k.shop_id = b.shop_id and k.listing_id = b.listing_id
		returning k.shop_id, k.listing_id
	)
	update market.listing l
	set in_stock = true
	from stocked s
	where l.shop_id = s.shop_id and l.listing_id = s.listing_id and l.withdrawn_at is null and not l.in_stock;

	with back as (
		insert into market.discount_entry (shop_id, sale_id, delta, reason, order_id, at)
		select i.shop_id, i.sale_id, i.discounted, 'cancelled', i.order_id, v_now
		from market.shipment p
		join market.order_line i on i.shop_id = p.shop_id and i.order_id = p.order_id
		where p.order_id = p_order_id and i.discounted > 0
		returning shop_id, sale_id, delta
	)
	update market.sale f
	set discounts_left = f.discounts_left + b.delta
	from (select b.shop_id, b.sale_id, sum(b.delta) as delta from back b group by b.shop_id, b.sale_id) b
	where f.shop_id = b.shop_id and f.sale_id = b.sale_id;

	update market.sale_share s -- where the sale has a limit for each account
	set pairs = s.pairs - i.pairs
	from (
		select i.shop_id, i.sale_id, sum(i.discounted) as pairs
		from market.shipment p
		join market.order_line i on i.shop_id = p.shop_id and i.order_id = p.order_id
		where p.order_id = p_order_id and i.discounted > 0
		group by i.shop_id, i.sale_id
	) i
	where s.shop_id = i.shop_id and s.sale_id = i.sale_id and s.account_id = v_account_id;

	with back as (
		insert into market.balance_entry (shop_id, amount_cents, pairs, reason, order_id, at)
		select p.shop_id, -p.total_cents, -p.pairs, 'cancelled', p.order_id, v_now
		from market.shipment p
		where p.order_id = p_order_id
		returning shop_id, amount_cents, pairs
	)
	update market.balance b
	set balance_cents = b.balance_cents + e.amount_cents, pairs_sold = b.pairs_sold + e.pairs
	from back e
	where b.shop_id = e.shop_id;

	select a.answer into v_answer from api.order_answers(array[p_order_id]) a;
	perform api.key_keep(v_account_id, p_key, p_digest, v_answer);
	return query select null, v_answer;
end
$$;
