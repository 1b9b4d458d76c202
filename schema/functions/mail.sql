-- Mails: which are due. Each is a row of the outbox, (kind 'mail', subject 'KIND:ID'), so it is added once, by the transaction that decides what it tells.
-- What it tells is read when it is sent (mail_message.sql).

-- Adds a mail of a kind about p_id, if a program sends mails. p_facts: what is not to be read elsewhere later.
create function api.mail_add(p_kind text, p_id text, p_order_id bigint, p_account_id bigint, p_now timestamptz, p_facts jsonb default '{}') returns void
language plpgsql as $$
begin
	if exists (select from market.mail_state s where s.on_until > p_now) then
		perform api.outbox_add('mail', p_kind || ':' || p_id, (jsonb_build_object('kind', p_kind) || p_facts)::text, p_order_id, p_account_id, p_now);
	end if;
end
$$;

-- Adds the mails of a change of an order's payment: p_order as it was, p_event as the state table has it, p_detail as the provider said it.
create function api.mail_payment(p_order market.orders, p_became text, p_event text, p_detail jsonb, p_now timestamptz) returns void
language plpgsql as $$
declare
	v_id text := p_order.order_id;
	v_kind text := case
		when p_became = 'paid' and p_order.payment_status <> 'paid' then 'paid'
		when p_became = 'void' and p_order.payment_status <> 'void' then case
			when p_event in ('cancel', 'cancel_free') or p_order.closing_reason = 'cancelled' then 'cancelled'
			else 'lapsed' end
		when p_became = 'refund_due' and p_order.payment_status not in ('refund_due', 'refunded', 'void') then 'cancelled'
		when p_event in ('refunded', 'refunded_in_part') then 'refunded' end;
begin
	if v_kind = 'refunded' then
		perform api.mail_add('refunded', format('%s.%s', v_id, p_detail ->> 'refund'), p_order.order_id, p_order.account_id, p_now,
			jsonb_strip_nulls(jsonb_build_object('refunded_cents', p_detail -> 'amount_cents')));
	elsif v_kind is not null then
		perform api.mail_add(v_kind, v_id, p_order.order_id, p_order.account_id, p_now);
	end if;
	if v_kind = 'paid' then
		perform api.mail_add('to_send', p.shipment_id::text, p_order.order_id, h.account_id, p_now, jsonb_build_object('shipment_id', p.shipment_id))
		from market.shipment p
		join market.shop h on h.shop_id = p.shop_id
		where p.order_id = p_order.order_id
		order by p.shipment_id;
	end if;
end
$$;

-- The last order before a time; orders are numbered about in the order of time. By bisection, since no index has the times: a sale would pay for it.
create function api.order_before(p_at timestamptz) returns bigint
language plpgsql stable as $$
declare
	v_low bigint := 0;
	v_high bigint := coalesce((select max(o.order_id) from market.orders o), 0);
	v_middle bigint;
	v_created_at timestamptz;
begin
	while v_low < v_high loop
		v_middle := (v_low + v_high + 1) / 2;
		select o.created_at into v_created_at from market.orders o where o.order_id >= v_middle order by o.order_id limit 1;
		if v_created_at < p_at then
			v_low := v_middle;
		else
			v_high := v_middle - 1;
		end if;
	end loop;
	return v_low;
end
$$;

-- Adds the mails that new orders are due, with their numbers in (p_from, p_to]: to the buyer, and, where nothing has to be paid first, to each shop. A
-- cancelled order gets none.
create function api.mail_of_orders(p_from bigint, p_to bigint, p_now timestamptz) returns void
language sql
begin atomic
	insert into market.outbox (kind, subject, order_id, account_id, body, key, next_at, created_at)
	select 'mail', m.kind || ':' || m.id, m.order_id, m.account_id, json_build_object('kind', m.kind, 'shipment_id', m.shipment_id)::text,
		market.random_key(), p_now, p_now
	from (
		select case when o.payment_status = 'paid' then 'paid' else 'won' end as kind, o.order_id as id, o.order_id, o.account_id,
			null::bigint as shipment_id
		from market.orders o
		where o.order_id > p_from and o.order_id <= p_to and o.status = 'placed'
		union all
		select 'to_send', p.shipment_id, o.order_id, h.account_id, p.shipment_id
		from market.orders o
		join market.shipment p on p.order_id = o.order_id
		join market.shop h on h.shop_id = p.shop_id
		where o.order_id > p_from and o.order_id <= p_to and o.status = 'placed' and p.status = 'pending'
			and coalesce(o.payment_status = 'paid', true)
	) m
	order by m.order_id, m.kind desc
	on conflict (kind, subject) do nothing;
end;

-- Derives the mails of new orders, so that a checkout writes nothing for them: called by the worker of each program that sends mails, once a second;
-- one of them does it. A number is given before its order is committed. So the last number is noted with the next transaction id, and the orders up to it are
-- read once all older transactions have ended. More than 100 since then are a rush: mails then wait until there was no order for 3 seconds, ten minutes at most,
-- one where buyers have to pay, and take nothing from it. Returns whether there is more to do at once.
create function api.mail_orders() returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off set enable_mergejoin = off set enable_hashjoin = off as $$
declare
	c_step constant int := 100;
	v_now timestamptz := market.clock();
	v_state market.mail_state;
	v_last bigint;
	v_xid xid8;
	v_to bigint;
begin
	perform api.must_be_durable();
	if not pg_try_advisory_xact_lock(5, 0) then
		return false;
	end if;
	select * into v_state from market.mail_state s;
	if v_state.on_until < v_now + interval '30 minutes' then
		v_to := case when v_state.on_until < v_now - interval '1 day' then api.order_before(v_now - interval '1 day') else 0 end;
		update market.mail_state s
		set on_until = v_now + interval '1 hour', order_id = greatest(s.order_id, v_to), next_order_id = greatest(s.next_order_id, v_to);
		return true;
	end if;
	v_last := coalesce(pg_sequence_last_value('market.orders_order_id_seq'), 0);
	v_xid := pg_snapshot_xmax(pg_current_snapshot()); -- after the line above: see there
	if v_state.order_id = v_state.next_order_id then
		if v_last > v_state.order_id then
			update market.mail_state s set next_order_id = v_last, next_xid = v_xid, next_at = v_now;
		end if;
		return false;
	elsif pg_snapshot_xmin(pg_current_snapshot()) < v_state.next_xid then
		return false;
	elsif v_last - v_state.next_order_id > c_step and (
		select o.created_at > v_now - interval '3 seconds'
			and v_state.next_at > v_now - case when o.payment_status is null then interval '10 minutes' else interval '1 minute' end
		from market.orders o order by o.order_id desc limit 1)
	then
		return false;
	end if;
	select max(o.order_id) into v_to
	from (
		select o.order_id from market.orders o
		where o.order_id > v_state.order_id and o.order_id <= v_state.next_order_id
		order by o.order_id limit c_step
	) o
	having count(*) = c_step;
	v_to := coalesce(v_to, v_state.next_order_id);
	perform api.mail_of_orders(v_state.order_id, v_to, v_now);
	update market.mail_state s set order_id = v_to;
	return false;
end
$$;
