-- Shipments: what a shop has to send, and its state.

-- A shipment as its shop sees it.
create function api.shipment_answer(p market.shipment) returns json
language sql stable
begin atomic
	select json_build_object(
		'shipment_id', (p).shipment_id,
		'shop_id', (p).shop_id,
		'order_id', (p).order_id,
		'status', (p).status,
		'tracking', (p).tracking,
		'buyer', a.name,
		'delivery', o.delivery,
		'address', o.address,
		'created_at', market.rfc3339((p).created_at),
		'updated_at', market.rfc3339((p).updated_at),
		'lines', (
			select json_agg(json_build_object(
				'listing_id', i.listing_id,
				'brand', s.brand,
				'style', s.style,
				'color', s.color,
				'size', trim_scale(l.size),
				'quantity', i.quantity,
				'discounted', i.discounted,
				'price_cents', i.price_cents,
				'total_cents', i.total_cents) order by i.position)
			from market.order_line i
			join market.listing l on l.shop_id = i.shop_id and l.listing_id = i.listing_id
			join market.shoe s on s.shoe_id = l.shoe_id
			where i.shop_id = (p).shop_id and i.order_id = (p).order_id))
	from market.orders o
	join market.account a on a.account_id = o.account_id
	where o.order_id = (p).order_id;
end;

-- A shop's shipments, newest first. The status (one of four words) is a literal in the query, so the planner can use the partial index of pending ones.
create function api.shop_shipments(p_session bytea, p_shop_id bigint, p_status text, p_limit int, p_cursor text) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_before bigint := api.cursor_id(p_cursor, 's');
	v_answer json;
begin
	perform api.require(p_session, 'owner', p_shop_id);
	execute 'with page as (select p, p.shipment_id, row_number() over (order by p.shipment_id desc) as nth from market.shipment p where p.shop_id = $1'
		|| case when p_status is null then '' else format(' and p.status = %L', p_status) end
		|| case when v_before is null then '' else ' and p.shipment_id < $2' end
		|| ' order by p.shipment_id desc limit $3 + 1)'
		' select json_build_object('
		'''shipments'', coalesce((select json_agg(api.shipment_answer(g.p) order by g.nth) from page g where g.nth <= $3), ''[]''),'
		'''next'', (select ''s'' || max(g.shipment_id) filter (where g.nth = $3) from page g having count(*) > $3))'
	into v_answer using p_shop_id, v_before, p_limit;
	return v_answer;
end
$$;

-- Changes a shipment's status forward: pending, shipped, delivered. Of two changes at once the second reads what the first wrote.
create function api.change_shipment(p_session bytea, p_shop_id bigint, p_shipment_id bigint, p_status text, p_tracking text)
returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_shipment market.shipment;
begin
	perform api.require(p_session, 'owner', p_shop_id);
	perform from market.shipment p where p.shop_id = p_shop_id and p.shipment_id = p_shipment_id
	for no key update -- guard: shipment
	;
	select * into v_shipment from market.shipment p where p.shop_id = p_shop_id and p.shipment_id = p_shipment_id;
	if not found then
		perform api.refuse('not_found');
	end if;
	if (v_shipment.status, p_status) not in (('pending', 'shipped'), ('pending', 'delivered'), ('shipped', 'delivered')) then
		perform api.refuse('invalid_state', format('This shipment is %s; it cannot become %s.', v_shipment.status, p_status));
	end if;
	update market.shipment
	set status = p_status, tracking = coalesce(p_tracking, tracking), updated_at = market.clock()
	where shop_id = p_shop_id and shipment_id = p_shipment_id
	returning * into v_shipment;
	return api.shipment_answer(v_shipment);
end
$$;
