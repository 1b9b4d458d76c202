-- The provider's page on which an order is paid: what is asked of the provider, as the body of the outbox's row, which is sent byte for byte.

-- Text in application/x-www-form-urlencoded.
create function api.form_encoded(p_text text) returns text
language sql immutable
return (
	select coalesce(string_agg(case when c.letter ~ '^[A-Za-z0-9_.~-]$' then c.letter
		else upper(regexp_replace(encode(convert_to(c.letter, 'UTF8'), 'hex'), '(..)', '%\1', 'g')) end, '' order by c.n), '')
	from regexp_split_to_table(p_text, '') with ordinality as c(letter, n));

-- Names and values in turns as such a body.
create function api.form_text(variadic p_fields text[]) returns text
language sql immutable
return (
	select string_agg(api.form_encoded(p_fields[2 * n - 1]) || '=' || api.form_encoded(p_fields[2 * n]), '&' order by n)
	from generate_series(1, cardinality(p_fields) / 2) as n);

-- What the page lists; the prices sum up to the order's total. The provider takes 100 items, so an order with more has one for each shop.
create function api.session_items(p_order_id bigint) returns table (name text, quantity int, price_cents bigint)
language sql stable
begin atomic
	with line as (
		select i.shop_id, i.position, format('%s %s, %s, size %s', s.brand, s.style, s.color, trim_scale(l.size)) as name, n.quantity, n.price_cents
		from market.shipment p
		join market.order_line i on i.shop_id = p.shop_id and i.order_id = p.order_id
		join market.listing l on l.shop_id = i.shop_id and l.listing_id = i.listing_id
		join market.shoe s on s.shoe_id = l.shoe_id
		cross join lateral (values (i.discounted, i.discounted_price_cents), (i.quantity - i.discounted, i.price_cents)) as n(quantity, price_cents)
		where p.order_id = p_order_id and n.quantity > 0 and n.price_cents > 0
	), shop as (
		select p.shop_id, h.name, p.total_cents,
			p.total_cents - coalesce((select sum(l.quantity * l.price_cents) from line l where l.shop_id = p.shop_id), 0)::bigint as shipping_cents
		from market.shipment p
		join market.shop h on h.shop_id = p.shop_id
		where p.order_id = p_order_id
	), item as (
		select l.shop_id, l.position::int as position, l.name, l.quantity, l.price_cents from line l
		union all
		select s.shop_id, 1000, 'Shipping by ' || s.name, 1, s.shipping_cents from shop s where s.shipping_cents > 0
	)
	(select i.name, i.quantity, i.price_cents from item i where (select count(*) from item) <= 100 order by i.shop_id, i.position)
	union all
	select 'Shoes from ' || s.name, 1, s.total_cents from shop s where (select count(*) from item) > 100 and s.total_cents > 0;
end;

-- Asks for a page, by the outbox. p_settings: {return_url, session_seconds}: where the provider sends the buyer afterwards, with {order_id} in it, and how
-- long the page may be open; at least 30 minutes, counted from when the provider is asked, so more.
create function api.ask_session(p_order market.orders, p_settings jsonb, p_now timestamptz) returns void
language plpgsql as $$
declare
	v_number int := coalesce((api.present_payment_session(p_order.order_id)).number, 0) + 1;
	v_url text := replace(p_settings ->> 'return_url', '{order_id}', p_order.order_id::text);
	v_expires_at timestamptz := p_now + coalesce((p_settings ->> 'session_seconds')::int, 7200) * interval '1 second';
	v_body text := api.form_text('mode', 'payment', 'client_reference_id', p_order.order_id::text, 'success_url', v_url, 'cancel_url', v_url,
		'expires_at', floor(extract(epoch from v_expires_at))::bigint::text, 'payment_method_types[0]', 'card', 'adaptive_pricing[enabled]', 'false',
		'metadata[order_id]', p_order.order_id::text, 'metadata[number]', v_number::text,
		'payment_intent_data[metadata][order_id]', p_order.order_id::text);
	v_outbox_id bigint;
begin
	select v_body || string_agg('&' || api.form_text(
		format('line_items[%s][quantity]', i.n - 1), i.quantity::text,
		format('line_items[%s][price_data][currency]', i.n - 1), 'usd',
		format('line_items[%s][price_data][unit_amount]', i.n - 1), i.price_cents::text,
		format('line_items[%s][price_data][product_data][name]', i.n - 1), i.name), '' order by i.n)
	into v_body
	from api.session_items(p_order.order_id) with ordinality as i(name, quantity, price_cents, n);
	v_outbox_id := api.outbox_add('session', format('%s/%s', p_order.order_id, v_number), v_body, p_order.order_id, null, p_now);
	insert into market.payment_session (order_id, number, outbox_id, created_at) values (p_order.order_id, v_number, v_outbox_id, p_now);
end
$$;

-- The buyer asks to pay: a page is asked for, or is there. Its answer is kept for the key only once it has the page's address, so the program asks again with
-- the same key when the worker has made the page.
create function api.pay_order(p_session bytea, p_order_id bigint, p_key text, p_digest bytea, p_settings jsonb)
returns table (code text, answer json)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
	v_account_id bigint := api.require(p_session, 'member');
	v_kept json := api.key_claim(v_account_id, p_key, p_digest);
	v_answer json;
begin
	if v_kept is not null then
		return query select 'replayed', v_kept;
		return;
	end if;
	if not exists (select from market.orders o where o.order_id = p_order_id and o.account_id = v_account_id) then
		perform api.refuse('not_found');
	elsif api.payment_event(p_order_id, 'pay', p_settings) is null then
		perform api.refuse('invalid_state', 'This order is paid where it is picked up.');
	end if;
	select a.answer into v_answer from api.order_answers(array[p_order_id]) a;
	if v_answer -> 'payment' ->> 'url' is not null then
		perform api.key_keep(v_account_id, p_key, p_digest, v_answer);
	end if;
	return query select null, v_answer;
end
$$;
