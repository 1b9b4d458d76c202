-- What payments.py tries the state table with, in a schema of its own that goes with its transaction. An order of one pair for 2,000 cents (fee 10 %) is made
-- for each cell; its events are numbered by it: session s1-ORDER, payment_intent p1-ORDER, refund r1-ORDER.
create schema trial;

-- A shop with many pairs, a buyer with a session, and what an order of it is called with.
create function trial.prepare() returns void language plpgsql as $$
declare
	v_shop market.shop;
begin
	select h.* into v_shop from market.shop h order by h.shop_id limit 1;
	insert into market.session (session_digest, account_id, created_at, expires_at)
	select sha256('trial'), a.account_id, now(), now() + interval '1 hour' from market.account a
	where a.role = 'member' and not exists (select from market.shop h where h.account_id = a.account_id) order by a.account_id limit 1;
	create table trial.listing as
	select l.shop_id, l.listing_id, row_number() over (order by l.listing_id) as n from market.listing l
	where l.shop_id = v_shop.shop_id and l.withdrawn_at is null order by l.listing_id limit 2;
	update market.sale f set ends_at = greatest(f.starts_at, market.clock()), replaced_at = market.clock() where f.shop_id = v_shop.shop_id and f.replaced_at is null;
	update market.listing l set price_cents = case when t.n = 1 then 2000 else 1 end from trial.listing t where t.listing_id = l.listing_id;
	with added as (
		insert into market.stock_entry (shop_id, listing_id, delta, reason, at) select t.shop_id, t.listing_id, 1000, 'adjusted', now() from trial.listing t
		returning shop_id, listing_id, delta)
	update market.stock k set available = k.available + a.delta from added a where k.shop_id = a.shop_id and k.listing_id = a.listing_id;
	update market.listing l set in_stock = true from trial.listing t where t.listing_id = l.listing_id;
end
$$;

create function trial.new_order(p_free boolean) returns bigint language plpgsql as $$
declare
	v_answer json;
	v_sale market.sale;
begin
	if p_free then -- a cent, at half the price
		insert into market.sale (shop_id, discounts, discounts_left, percent_off, starts_at)
		select t.shop_id, 1, 1, 50, market.clock() - interval '1 minute' from trial.listing t where t.n = 1 returning * into v_sale;
		insert into market.discount_entry (shop_id, sale_id, delta, reason, at) values (v_sale.shop_id, v_sale.sale_id, 1, 'started', now());
	end if;
	select c.answer into v_answer from api.checkout(jsonb_build_array(jsonb_build_object('session', sha256('trial'), 'payment_terms', array[900, 50, 1000],
		'items', jsonb_build_array(jsonb_build_object('quantity', 1, 'listing_id',
			(select t.listing_id from trial.listing t where t.n = 1 + p_free::int)))))) c;
	if p_free then
		update market.sale f set ends_at = market.clock(), replaced_at = market.clock() where f.sale_id = v_sale.sale_id;
	end if;
	return v_answer ->> 'order_id';
end
$$;

-- Several orders in one batch; their numbers.
create function trial.new_batch(p_orders int) returns bigint[] language plpgsql as $$
begin
	return (
		select array_agg((c.answer::json ->> 'order_id')::bigint)
		from api.checkout((select jsonb_agg(jsonb_build_object('session', sha256('trial'), 'payment_terms', array[900, 50, 1000],
				'items', jsonb_build_array(jsonb_build_object('quantity', 1, 'listing_id', t.listing_id))))
			from trial.listing t, generate_series(1, p_orders) where t.n = 1)) c);
end
$$;

-- One event of an order by its name here.
create function trial.detail(p_event text, p_order_id bigint) returns jsonb language sql as $$
	select case
		when p_event = 'pay' then jsonb_build_object('return_url', 'http://127.0.0.1/orders/{order_id}')
		when p_event = 'second session_created' then jsonb_build_object('session', 's2-' || p_order_id, 'url', 'http://127.0.0.1/2', 'outbox_id',
			(select s.outbox_id from market.payment_session s where s.order_id = p_order_id order by s.number desc limit 1))
		when p_event like 'second %' then jsonb_build_object('refund', 'r2-' || p_order_id, 'payment_intent', 'p1-' || p_order_id, 'amount_cents', 2000,
			'status', 'pending', 'outbox_id', (select r.outbox_id from market.payment_refund r where r.order_id = p_order_id order by r.number desc limit 1))
		when p_event = 'session_created' then jsonb_build_object('session', 's1-' || p_order_id, 'url', 'http://127.0.0.1/1', 'expires_at', now() + interval '1 hour',
			'outbox_id', (select s.outbox_id from market.payment_session s where s.order_id = p_order_id order by s.number limit 1))
		when p_event = 'expired' then jsonb_build_object('session', 's1-' || p_order_id)
		when p_event = 'expired of another' then jsonb_build_object('session', 's9-' || p_order_id)
		when p_event = 'refused' then jsonb_build_object(
			'outbox_id', (select s.outbox_id from market.payment_session s where s.order_id = p_order_id order by s.number desc limit 1))
		when p_event = 'paid' then jsonb_build_object('session', 's1-' || p_order_id, 'payment_intent', 'p1-' || p_order_id, 'amount_cents', 2000, 'currency', 'usd')
		when p_event = 'paid too little' then jsonb_build_object('session', 's1-' || p_order_id, 'payment_intent', 'p2-' || p_order_id, 'amount_cents', 1999, 'currency', 'usd')
		when p_event = 'paid in euros' then jsonb_build_object('session', 's1-' || p_order_id, 'payment_intent', 'p2-' || p_order_id, 'amount_cents', 2000, 'currency', 'eur')
		when p_event = 'paid again' then jsonb_build_object('session', 's1-' || p_order_id, 'payment_intent', 'p2-' || p_order_id, 'amount_cents', 2000, 'currency', 'usd')
		when p_event in ('refund_created', 'refunded', 'refund_failed', 'refund_refused') then jsonb_build_object('refund', 'r1-' || p_order_id, 'payment_intent',
			'p1-' || p_order_id, 'amount_cents', 2000, 'status', 'pending',
			'outbox_id', (select r.outbox_id from market.payment_refund r where r.order_id = p_order_id order by r.number limit 1))
		when p_event like 'half %' then jsonb_build_object('refund', p_event || p_order_id, 'payment_intent', 'p1-' || p_order_id, 'amount_cents', 1000,
			'number', substr(p_event, 6, 1)::int)
		when p_event like 'dispute%' then jsonb_build_object('dispute', 'd1-' || p_order_id, 'payment_intent', 'p1-' || p_order_id,
			'status', case p_event when 'dispute won' then 'won' else 'needs_response' end)
		when p_event = 'refund_shipment' then jsonb_build_object('shop_id', (select p.shop_id from market.shipment p where p.order_id = p_order_id))
		else '{}'::jsonb end;
$$;

create function trial.event(p_event text, p_order_id bigint) returns void language plpgsql as $$
begin
	if p_event = 'late' then
		update market.orders set due_at = market.clock() - interval '1 second' where order_id = p_order_id;
		insert into market.payment_deadline select o.due_at, o.order_id, o.order_id from market.orders o where o.order_id = p_order_id;
	elsif p_event = 'halves' then -- as if two shops had sent half of it each
		update market.payment_refund set amount_cents = 1000 where order_id = p_order_id;
		insert into market.payment_refund (order_id, number, payment_intent, outbox_id, amount_cents, asked_at)
		select r.order_id, 2, r.payment_intent, api.outbox_add('refund', p_order_id || '/2', '', p_order_id, null, r.asked_at), 1000, r.asked_at
		from market.payment_refund r where r.order_id = p_order_id;
	elsif p_event = 'ship' then
		update market.shipment set status = 'shipped' where order_id = p_order_id;
	else
		perform api.payment_event(p_order_id, case when p_event like 'paid%' then 'paid' when p_event like 'expired%' then 'expired'
			when p_event like 'half %' then 'refunded' when p_event like 'dispute%' then 'dispute' else replace(p_event, 'second ', '') end,
			trial.detail(p_event, p_order_id));
	end if;
end
$$;

-- Brings a new order to a state by these events, applies one more, p_times, and says what came of it: the state, or that it is refused; where the pairs are;
-- and what does not add up.
create function trial.cell(p_path text[], p_event text, p_times int default 1) returns text language plpgsql as $$
declare
	v_order_id bigint := trial.new_order('free' = any(p_path));
	v_refused text := '';
	v_event text;
begin
	foreach v_event in array array_remove(p_path, 'free') loop
		perform trial.event(v_event, v_order_id);
	end loop;
	begin
		for i in 1 .. p_times loop
			perform trial.event(p_event, v_order_id);
		end loop;
	exception when sqlstate 'ST000' then
		v_refused := 'refused ' || sqlerrm || ': ';
	end;
	return v_refused || (
		select concat_ws(' ', o.payment_status, o.closing_reason,
			case when o.status = 'cancelled' then 'back' end, o.payment_flag,
			(select 'asks ' || string_agg(b.kind, ',' order by b.outbox_id) from market.outbox b where b.order_id = o.order_id and b.done_at is null),
			(select string_agg('WRONG: ' || f.name, ', ') from (
				select a.name from api.audit_orders(o.order_id - 1, o.order_id, false) a
				union all select a.name from api.audit_payments(o.order_id - 1, o.order_id) a) f))
		from market.orders o where o.order_id = v_order_id);
end
$$;
