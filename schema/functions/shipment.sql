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
		'shipping_cents', (p).shipping_cents,
		'total_cents', (p).total_cents,
		'created_at', market.rfc3339((p).created_at),
		'updated_at', market.rfc3339((p).updated_at),
		'on_hold', (p).status = 'pending' and o.payment_flag is not null,
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

-- The shipments of a part of a shop's list after p_after, in its order; see api.shop_shipments. Each status is a literal, so that its partial index is used. p_status:
-- only those that are cancelled, if it is that; else part 3 has those of the other parts, too, for the caller to pass over and count.
create function api.open_shipments(p_shop_id bigint, p_part int, p_after bigint, p_status text) returns refcursor
language plpgsql stable as $$
declare
	v_rows refcursor;
begin
	if p_part = 1 then
		open v_rows for select p.shipment_id, p.order_id, p.status from market.shipment p
			where p.shop_id = p_shop_id and p.status = 'pending' and p.shipment_id > p_after order by p.shipment_id;
	elsif p_part = 2 then
		open v_rows for select p.shipment_id, p.order_id, p.status from market.shipment p
			where p.shop_id = p_shop_id and p.status = 'shipped' and p.shipment_id > p_after order by p.shipment_id;
	elsif p_status = 'cancelled' then
		open v_rows for select p.shipment_id, p.order_id, p.status from market.shipment p
			where p.shop_id = p_shop_id and p.status = 'cancelled' and p.shipment_id < p_after order by p.shipment_id desc;
	else
		open v_rows for select p.shipment_id, p.order_id, p.status from market.shipment p
			where p.shop_id = p_shop_id and p.shipment_id < p_after order by p.shipment_id desc;
	end if;
	return v_rows;
end
$$;

-- A shop's shipments in three parts: 1 those to send, the oldest first, since they are due first (not those that are not paid yet); 2 those on their way, the oldest first; 3 the others,
-- the newest first. A cursor is the part and the last shipment. A part is read only as far as the page needs it, and a page is short where c_look shipments in a
-- row are not what is asked for: a shop may have millions.
create function api.shop_shipments(p_session bytea, p_shop_id bigint, p_status text, p_delivery text, p_limit int, p_cursor text)
returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
	c_look constant int := 4000;
	v_after bigint[] := api.cursor_parts(p_cursor, 's', 2);
	v_at bigint := v_after[2];
	v_next text; -- after the last shipment that was looked at
	v_looked int := 0;
	v_page bigint[] := '{}';
	v_rows refcursor;
	v_row record;
	v_is_asked boolean;
	v_is_more boolean := false;
begin
	perform api.require(p_session, 'owner', p_shop_id);
	if v_after[1] not between 1 and 3 then
		perform api.refuse('invalid', null, api.field_error('cursor', 'This is no cursor of this list.'));
	end if;
	for v_part in coalesce(v_after[1], 1) .. 3 loop
		continue when v_part <> case p_status when 'pending' then 1 when 'shipped' then 2 when 'delivered' then 3 when 'cancelled' then 3 else v_part end;
		v_rows := api.open_shipments(p_shop_id, v_part::int,
			case when v_part = v_after[1] then v_at when v_part = 3 then 9223372036854775807 else 0 end, p_status);
		loop
			fetch v_rows into v_row;
			exit when not found;
			v_is_asked := (v_part < 3 or v_row.status in ('delivered', 'cancelled') and v_row.status = coalesce(p_status, v_row.status))
				and (v_part > 1 and p_delivery is null or (
				select (v_part > 1 or api.is_sold(o.status, o.payment_status)) and (p_delivery is null or o.delivery = p_delivery)
				from market.orders o where o.order_id = v_row.order_id));
			v_is_more := v_looked = c_look or v_is_asked and cardinality(v_page) = p_limit;
			exit when v_is_more;
			v_looked := v_looked + 1;
			v_next := format('s%s.%s', v_part, v_row.shipment_id);
			if v_is_asked then
				v_page := v_page || v_row.shipment_id;
			end if;
		end loop;
		close v_rows;
		exit when v_is_more;
	end loop;
	return json_build_object(
		'shipments', coalesce((
			select json_agg(api.shipment_answer(s.p) order by g.nth)
			from unnest(v_page) with ordinality as g(shipment_id, nth)
			cross join lateral (
				select p from market.shipment p where p.shop_id = p_shop_id and p.shipment_id = g.shipment_id offset 0) s), '[]'),
		'next', case when v_is_more then v_next end);
end
$$;

-- One shipment of a shop.
create function api.shop_shipment(p_session bytea, p_shop_id bigint, p_shipment_id bigint) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_answer json;
begin
	perform api.require(p_session, 'owner', p_shop_id);
	select api.shipment_answer(p) into v_answer from market.shipment p where p.shop_id = p_shop_id and p.shipment_id = p_shipment_id;
	if v_answer is null then
		perform api.refuse('not_found');
	end if;
	return v_answer;
end
$$;

-- Changes a shipment's status forward: pending, shipped, delivered; or only its tracking (p_status NULL, or the present one), once it was shipped. Of two changes
-- at once the second reads what the first wrote.
create function api.change_shipment(p_session bytea, p_shop_id bigint, p_shipment_id bigint, p_status text, p_tracking text)
returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_shipment market.shipment;
	v_status text; -- the next one
	v_is_correction boolean; -- of the tracking
	v_now timestamptz;
begin
	perform api.require(p_session, 'owner', p_shop_id);
	perform from market.shipment p where p.shop_id = p_shop_id and p.shipment_id = p_shipment_id
	for no key update -- guard: shipment
	;
	select * into v_shipment from market.shipment p where p.shop_id = p_shop_id and p.shipment_id = p_shipment_id;
	if not found then
		perform api.refuse('not_found');
	end if;
	if v_shipment.status = p_status and (p_tracking is null or p_tracking = v_shipment.tracking) then
		perform api.refuse_unchanged('invalid_state', format('This shipment is %s already.', p_status));
	end if;
	if p_status is null and v_shipment.status = 'pending' then
		perform api.refuse('invalid', null, api.field_error('status', 'Say that it is shipped or delivered; then its tracking can be corrected.'));
	elsif p_status is null and v_shipment.status = 'cancelled' then
		perform api.refuse('invalid_state', 'This shipment is cancelled.');
	end if;
	v_status := coalesce(p_status, v_shipment.status);
	v_is_correction := p_tracking is not null and v_status = v_shipment.status;
	if not v_is_correction and (v_shipment.status, v_status) not in (('pending', 'shipped'), ('pending', 'delivered'), ('shipped', 'delivered')) then
		perform api.refuse('invalid_state', format('This shipment is %s; it cannot become %s.', v_shipment.status, v_status));
	end if;
	if v_shipment.status = 'pending' and not (select api.is_sold(o.status, o.payment_status) and o.payment_flag is null
		from market.orders o where o.order_id = v_shipment.order_id)
	then
		perform api.refuse('invalid_state', 'This order is not paid, or its payment is looked into. It can be sent once that is settled.');
	end if;
	v_now := market.clock();
	update market.shipment
	set status = v_status, tracking = case when p_tracking is null then tracking else nullif(p_tracking, '') end, updated_at = v_now,
		shipped_at = case when v_status = 'shipped' then coalesce(shipped_at, v_now) else shipped_at end,
		delivered_at = case when v_status = 'delivered' then coalesce(delivered_at, v_now) end
	where shop_id = p_shop_id and shipment_id = p_shipment_id
	returning * into v_shipment;
	if v_status = 'shipped' and not v_is_correction then
		perform api.mail_add('shipped', p_shipment_id::text, v_shipment.order_id, null, v_shipment.updated_at,
			jsonb_build_object('shipment_id', p_shipment_id));
	end if;
	return api.shipment_answer(v_shipment);
end
$$;

-- A shipment by its number alone; refused if there is none. No index leads there, since a sale would pay for it: each shop is looked into, by the key of its shipments.
create function api.find_shipment(p_shipment_id bigint) returns market.shipment
language plpgsql stable
set enable_seqscan = off set enable_mergejoin = off set enable_hashjoin = off as $$
declare
	v_shipment market.shipment;
begin
	v_shipment := (
		select p
		from market.shop h
		cross join lateral (select p from market.shipment p where p.shop_id = h.shop_id and p.shipment_id = p_shipment_id offset 0) p
		limit 1);
	if v_shipment.shipment_id is null then
		perform api.refuse('not_found');
	end if;
	return v_shipment;
end
$$;

create function api.admin_shipment(p_session bytea, p_shipment_id bigint) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
	perform api.require(p_session, 'admin');
	return api.shipment_answer(api.find_shipment(p_shipment_id));
end
$$;

-- An admin gives one shipment back that its shop does not send: its pairs return, and the buyer gets its price. If it was the last one of the order, the order is
-- cancelled.
create function api.refund_shipment(p_session bytea, p_shipment_id bigint, p_reason text) returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_account_id bigint := api.require(p_session, 'admin');
	v_shipment market.shipment := api.find_shipment(p_shipment_id);
begin
	if api.payment_event(v_shipment.order_id, 'refund_shipment',
		jsonb_build_object('shop_id', v_shipment.shop_id, 'reason', p_reason)) is null
	then
		perform api.refuse('invalid_state', 'This order was placed while payments were off.');
	end if;
	perform api.note_act(v_account_id, 'refund_shipment', format('shipment %s of order %s', p_shipment_id, v_shipment.order_id), p_reason);
	return (select api.shipment_answer(p) from market.shipment p where p.shop_id = v_shipment.shop_id and p.shipment_id = p_shipment_id);
end
$$;
