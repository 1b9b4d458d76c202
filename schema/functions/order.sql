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

create function api.shop_text(p_shop_id bigint, p_name text, p_contact_email text) returns text
language sql stable
return concat('"shop_id":', p_shop_id, ',"shop_name":', to_json(p_name), ',"contact_email":', coalesce(to_json(p_contact_email)::text, 'null'));

-- Where and when what is picked up can be picked up; NULLs: the shop does not say, or it is shipped.
create function api.pickup_text(p_address text, p_hours text) returns text
language sql stable
return '"pickup_address":' || coalesce(to_json(p_address)::text, 'null') || ',"pickup_hours":' || coalesce(to_json(p_hours)::text, 'null');

-- When it was sent, and when it arrived or was picked up; NULLs: not yet.
create function api.shipment_times(p_shipped_at timestamptz, p_delivered_at timestamptz) returns text
language sql stable
return concat('"shipped_at":', coalesce(to_json(market.rfc3339(p_shipped_at))::text, 'null'), ',"delivered_at":',
	coalesce(to_json(market.rfc3339(p_delivered_at))::text, 'null'));

create function api.shipment_text(p_shipment_id bigint, p_shop text, p_status text, p_times text, p_tracking text, p_shipping_cents bigint, p_pickup text,
	p_lines text) returns text
language sql stable
return '{"shipment_id":' || p_shipment_id || ',' || p_shop || ',"status":"' || p_status || '",' || p_times
	|| ',"tracking":' || coalesce(to_json(p_tracking)::text, 'null') || ',"shipping_cents":' || p_shipping_cents || ','
	|| coalesce(p_pickup, '"pickup_address":null,"pickup_hours":null')
	|| ',"lines":[' || p_lines || ']}';

create function api.order_text(p_order_id bigint, p_status text, p_total_cents bigint, p_discount_cents bigint, p_delivery text, p_address json,
	p_created_at text, p_cancelled_at text, p_payment text, p_shipments text) returns text
language sql stable
return '{"order_id":' || p_order_id || ',"status":"' || p_status || '","total_cents":' || p_total_cents
	|| ',"discount_cents":' || p_discount_cents || ',"delivery":"' || p_delivery || '","address":' || coalesce(p_address::text, 'null')
	|| ',"created_at":"' || p_created_at || '","cancelled_at":' || p_cancelled_at || ',"payment":' || p_payment || ',"shipments":[' || p_shipments || ']}';

-- Its payment; p_status NULL: payments were off. p_url: the provider's page, while it is open. p_paid_at, p_refunded_at: when it was paid, and when money last went
-- back.
create function api.payment_text(p_status text, p_due_at text, p_amount_cents bigint, p_refunded_cents bigint, p_url text, p_paid_at timestamptz,
	p_refunded_at timestamptz) returns text
language sql stable
return case when p_status is null then 'null'
	else '{"status":"' || p_status || '","due_at":"' || p_due_at || '","amount_cents":' || p_amount_cents
		|| ',"refunded_cents":' || p_refunded_cents || ',"url":' || coalesce(to_json(p_url)::text, 'null')
		|| ',"paid_at":' || coalesce(to_json(market.rfc3339(p_paid_at))::text, 'null')
		|| ',"refunded_at":' || coalesce(to_json(market.rfc3339(p_refunded_at))::text, 'null') || '}'
end;

-- The beginning of the payment of an order that is to be paid by p_due_at; NULL: payments are off.
create function api.payment_head(p_due_at timestamptz) returns text
language sql stable
return '{"status":"due","due_at":"' || market.rfc3339(p_due_at) || '","amount_cents":';

-- That of a new order, from its beginning, which all orders of a batch share; p_head NULL: payments are off. What costs nothing is paid.
create function api.checkout_payment(p_head text, p_total_cents bigint) returns text
language sql stable
return case
	when p_head is null then 'null'
	when p_total_cents = 0 then replace(p_head, '"due",', '"paid",') || '0,"refunded_cents":0,"url":null,"paid_at":null,"refunded_at":null}'
	else p_head || p_total_cents || ',"refunded_cents":0,"url":null,"paid_at":null,"refunded_at":null}'
end;

-- Many orders as their buyers see them. Each step sorts once for all of them, and the aggregates after it keep that order.
create function api.order_answers(p_order_ids bigint[]) returns table (order_id bigint, answer json)
language sql stable
begin atomic
	with line as (
		select p.order_id, p.shipment_id, p.shop_id, p.status, api.shipment_times(p.shipped_at, p.delivered_at) as times, p.tracking, p.shipping_cents,
			api.line_text(i.listing_id,
			api.shoe_text(s.brand, s.style, s.color::text, l.size), i.quantity, i.discounted, i.price_cents, i.total_cents) as answer
		from unnest(p_order_ids) as o(order_id)
		join market.shipment p on p.order_id = o.order_id
		join market.order_line i on i.shop_id = p.shop_id and i.order_id = p.order_id
		join market.listing l on l.shop_id = i.shop_id and l.listing_id = i.listing_id
		join market.shoe s on s.shoe_id = l.shoe_id
		order by p.order_id, p.shipment_id, i.position
	), shipment as (
		select l.order_id, api.shipment_text(l.shipment_id, api.shop_text(l.shop_id, h.name, h.contact_email), l.status, l.times, l.tracking,
			l.shipping_cents,
			case when o.delivery = 'pickup' then api.pickup_text(h.pickup_address, h.pickup_hours) end,
			l.answers) as answer
		from (
			select l.order_id, l.shipment_id, l.shop_id, l.status, l.times, l.tracking, l.shipping_cents, string_agg(l.answer, ',') as answers
			from line l
			group by l.order_id, l.shipment_id, l.shop_id, l.status, l.times, l.tracking, l.shipping_cents
		) l
		join market.shop h on h.shop_id = l.shop_id
		join market.orders o on o.order_id = l.order_id
		order by l.order_id, l.shipment_id
	)
	select o.order_id, api.order_text(o.order_id, o.status, o.total_cents, o.discount_cents, o.delivery, o.address, market.rfc3339(o.created_at),
		coalesce(to_json(market.rfc3339(o.cancelled_at))::text, 'null'),
		api.payment_text(o.payment_status, market.rfc3339(o.due_at), o.total_cents, o.refunded_cents, s.url, t.paid_at, t.refunded_at), p.answers)::json
	from (select p.order_id, string_agg(p.answer, ',') as answers from shipment p group by p.order_id) p
	join market.orders o on o.order_id = p.order_id
	left join lateral (
		select s.url from market.payment_session s
		where o.payment_status = 'open' and s.order_id = o.order_id and s.state = 'open'
		order by s.number desc limit 1) s on true
	left join lateral (
		select (select min(c.booked_at) from market.payment_charge c where c.order_id = o.order_id and not c.is_extra) as paid_at,
			(select max(r.ended_at) from market.payment_refund r where r.order_id = o.order_id and r.status = 'succeeded') as refunded_at
		where o.payment_status in ('paid', 'refund_due', 'refunded')) t on true;
end;

-- The order as its checkout was answered, byte for byte, whatever became of it: only from what never changes. (What an account had of a person goes when it
-- is deleted, also the name and the profile of its shop.)
create function api.placed_answer(p_order_id bigint) returns text
language sql stable
begin atomic
	select api.order_text(o.order_id, 'placed', o.total_cents, o.discount_cents, o.delivery, o.address, market.rfc3339(o.created_at), 'null',
		api.checkout_payment(api.payment_head(o.due_at), o.total_cents), (
			select string_agg(api.shipment_text(p.shipment_id, api.shop_text(p.shop_id, h.name, f.contact_email), 'pending', api.shipment_times(null, null),
				null, p.shipping_cents, case when o.delivery = 'pickup' then api.pickup_text(f.pickup_address, f.pickup_hours) end, (
					select string_agg(api.line_text(i.listing_id, api.shoe_text(s.brand, s.style, s.color::text, l.size), i.quantity, i.discounted,
						i.price_cents, i.total_cents), ',' order by i.position)
					from market.order_line i
					join market.listing l on l.shop_id = i.shop_id and l.listing_id = i.listing_id
					join market.shoe s on s.shoe_id = l.shoe_id
					where i.shop_id = p.shop_id and i.order_id = p.order_id)), ',' order by p.shipment_id)
			from market.shipment p
			join market.shop h on h.shop_id = p.shop_id
			left join market.profile f on f.shop_id = p.shop_id and f.profile_id = p.profile_id
			where p.order_id = o.order_id))
	from market.orders o
	where o.order_id = p_order_id;
end;

-- What a key of the account was answered, by a checkout or by another write.
create function api.kept_key(p_account_id bigint, p_key text) returns table (digest bytea, answer text)
language sql stable
begin atomic
	select k.digest, k.answer from market.idempotency k where k.account_id = p_account_id and k.key = p_key
	union all
	select o.digest, api.placed_answer(o.order_id) from market.orders o where o.account_id = p_account_id and o.key = p_key;
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

-- Cancels an order while nothing of it has shipped. With payments on what follows is for the state table to say: payment.sql.
create function api.cancel_order(p_session bytea, p_order_id bigint, p_key text, p_digest bytea)
returns table (code text, answer json)
language plpgsql security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off set enable_mergejoin = off set enable_hashjoin = off as $$
#variable_conflict use_column
declare
	v_account_id bigint := api.require(p_session, 'member');
	v_kept json := api.key_claim(v_account_id, p_key, p_digest);
	v_order market.orders;
	v_reviewed_shop_ids bigint[];
	v_now timestamptz;
	v_answer json;
begin
	if v_kept is not null then
		return query select 'replayed', v_kept;
		return;
	end if;
	v_order := api.lock_order(p_order_id, v_account_id);
	if v_order.order_id is null then
		perform api.refuse('not_found');
	elsif v_order.status <> 'placed' then
		perform api.refuse_unchanged('invalid_state', 'This order was cancelled already.');
	elsif exists (select from market.shipment p where p.order_id = p_order_id and p.status in ('shipped', 'delivered')) then
		perform api.refuse('invalid_state', 'A part of this order is on its way.');
	end if;
	if v_order.payment_status is null then
		v_reviewed_shop_ids := api.lock_returns(v_account_id, p_order_id);
		v_now := market.clock();
		perform api.give_back_order(v_order, null, v_reviewed_shop_ids, v_now);
		perform api.mail_add('cancelled', p_order_id::text, p_order_id, v_account_id, v_now);
	else
		perform api.payment_event(p_order_id, 'cancel');
	end if;
	select a.answer into v_answer from api.order_answers(array[p_order_id]) a;
	perform api.key_keep(v_account_id, p_key, p_digest, v_answer);
	return query select null, v_answer;
end
$$;
