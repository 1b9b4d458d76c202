-- What a mail tells, read when it is sent: a mail that was late tells what is so now, and one that has become untrue is not sent.

-- The lines of an order, or of one shop's part of it.
create function api.mail_lines(p_order_id bigint, p_shop_id bigint) returns json
language sql stable
begin atomic
	select json_agg(json_build_object(
		'what', format('%s %s, %s, size %s', s.brand, s.style, s.color, trim_scale(l.size)),
		'quantity', i.quantity,
		'total_cents', i.total_cents,
		'shop_name', h.name) order by p.shipment_id, i.position)
	from market.shipment p
	join market.shop h on h.shop_id = p.shop_id
	join market.order_line i on i.shop_id = p.shop_id and i.order_id = p.order_id
	join market.listing l on l.shop_id = i.shop_id and l.listing_id = i.listing_id
	join market.shoe s on s.shoe_id = l.shoe_id
	where p.order_id = p_order_id and (p_shop_id is null or p.shop_id = p_shop_id);
end;

-- Where an order is picked up, or NULL: a line for each shop.
create function api.mail_pickup(p_order_id bigint) returns text
language sql stable
begin atomic
	select string_agg(concat_ws(', ', h.name, h.pickup_address, h.pickup_hours), E'\n' order by p.shipment_id)
	from market.orders o
	join market.shipment p on p.order_id = o.order_id
	join market.shop h on h.shop_id = p.shop_id
	where o.order_id = p_order_id and o.delivery = 'pickup' and p.status = 'pending';
end;

create function api.mail_address(p_address json) returns text
language sql immutable
return nullif(concat_ws(E'\n', nullif(p_address ->> 'name', ''), nullif(p_address ->> 'line1', ''), p_address ->> 'line2',
	nullif(concat_ws(' ', nullif(p_address ->> 'postcode', ''), nullif(p_address ->> 'city', ''), p_address ->> 'region'), ''), p_address ->> 'country'), '');

-- Of an order, to its buyer. NULL: it is not true any more.
create function api.mail_order(p_kind text, p_order_id bigint) returns jsonb
language sql stable
begin atomic
	select jsonb_build_object(
		'account_id', o.account_id,
		'order_id', o.order_id,
		'total_cents', o.total_cents,
		'shipping_cents', (select sum(p.shipping_cents) from market.shipment p where p.order_id = o.order_id),
		'refunded_cents', o.refunded_cents,
		'due_at', case when o.payment_status in ('due', 'open') then market.rfc3339(o.due_at) end,
		'is_paid_later', o.payment_status is null,
		'is_refund_due', o.payment_status = 'refund_due',
		'order_action', case when o.payment_status in ('due', 'open') then 'Pay now' else 'See the order' end,
		'pickup', case when o.status = 'placed' then api.mail_pickup(o.order_id) end,
		'address', case when o.status = 'placed' then api.mail_address(o.address) end,
		'lines', api.mail_lines(o.order_id, null))
	from market.orders o
	where o.order_id = p_order_id
		and case p_kind
			when 'won' then o.status = 'placed' and coalesce(o.payment_status in ('due', 'open'), true)
			else true end;
end;

-- Of a shipment: to the buyer that it is on its way, or to its shop that it is to be sent.
create function api.mail_shipment(p_kind text, p_shipment_id bigint, p_order_id bigint) returns jsonb
language sql stable
begin atomic
	select jsonb_build_object(
		'account_id', case p_kind when 'to_send' then h.account_id else o.account_id end,
		'order_id', o.order_id,
		'shop_id', h.shop_id,
		'shop_name', h.name,
		'buyer', a.name,
		'tracking', p.tracking,
		'total_cents', p.total_cents,
		'shipping_cents', p.shipping_cents,
		'address', case p_kind when 'to_send' then api.mail_address(o.address) end,
		'is_pickup', o.delivery = 'pickup',
		'is_sent', o.delivery = 'ship',
		'lines', api.mail_lines(o.order_id, h.shop_id))
	from market.shipment p
	join market.orders o on o.order_id = p.order_id
	join market.shop h on h.shop_id = p.shop_id
	join market.account a on a.account_id = o.account_id
	where p.order_id = p_order_id and p.shipment_id = p_shipment_id and (p_kind <> 'to_send' or p.status = 'pending');
end;

-- Of a place at an event that the account has now.
create function api.mail_place(p_event_id bigint, p_account_id bigint, p_now timestamptz) returns jsonb
language sql stable
begin atomic
	select jsonb_build_object(
		'account_id', b.account_id,
		'event_id', e.event_id,
		'title', e.title,
		'starts_at', market.rfc3339(e.starts_at),
		'shop_name', h.name)
	from market.event e
	join market.shop h on h.shop_id = e.shop_id
	join market.booking b on b.shop_id = e.shop_id and b.event_id = e.event_id
	where e.event_id = p_event_id and b.account_id = p_account_id and b.status = 'confirmed' and e.called_off_at is null and e.starts_at > p_now;
end;

-- Of a link with a token, whose digest is kept here. For a new password: of the account that has this e-mail now, if there is one.
create function api.mail_link(p_kind text, p_account_id bigint, p_email text, p_token bytea, p_now timestamptz) returns jsonb
language plpgsql as $$
declare
	v_account market.account;
begin
	select * into v_account
	from market.account a
	where case p_kind when 'reset' then a.email_key = market.email_key(p_email) else a.account_id = p_account_id and a.email_confirmed_at is null end
	for no key update;
	if v_account.account_id is null then
		return null;
	end if;
	insert into market.mail_token (token_digest, kind, account_id, email_key, created_at, expires_at)
	values (p_token, p_kind, v_account.account_id, v_account.email_key, p_now,
		p_now + case p_kind when 'reset' then interval '1 hour' else interval '1 day' end);
	return jsonb_build_object('account_id', v_account.account_id);
end
$$;

-- The facts of the mail of an outbox row that the worker holds by p_lease, with `to` and `name`; NULL: it is not to be sent. p_token_digest: of a new token,
-- which counts from now on if the mail has a link with one.
create function api.mail_message(p_outbox_id bigint, p_lease text, p_token_digest bytea) returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_row market.outbox;
	v_body jsonb;
	v_kind text;
	v_now timestamptz;
	v_facts jsonb;
	v_to jsonb;
begin
	perform api.must_be_durable();
	v_row := api.outbox_lock(p_outbox_id, p_lease);
	v_now := market.clock();
	v_body := v_row.body;
	v_kind := v_body ->> 'kind';
	v_facts := case
		when v_kind in ('won', 'paid', 'lapsed', 'cancelled', 'refunded') then api.mail_order(v_kind, v_row.order_id)
		when v_kind in ('shipped', 'to_send') then api.mail_shipment(v_kind, (v_body ->> 'shipment_id')::bigint, v_row.order_id)
		when v_kind = 'moved_up' then api.mail_place((v_body ->> 'event_id')::bigint, v_row.account_id, v_now)
		when v_kind = 'payout' then jsonb_build_object('account_id', v_row.account_id)
		when v_kind in ('confirm', 'reset') then api.mail_link(v_kind, v_row.account_id, v_body ->> 'email', p_token_digest, v_now)
	end;
	select jsonb_build_object('to', a.email, 'name', a.name) into v_to
	from market.account a
	where a.account_id = (v_facts ->> 'account_id')::bigint and a.deleted_at is null;
	return v_facts || v_body || v_to || jsonb_build_object('created_us', api.time_mark(v_row.created_at));
end
$$;
