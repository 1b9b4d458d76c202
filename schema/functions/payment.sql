-- Payments: the state table, and the one function that applies events to it. Effects outside the database are rows of the outbox, added here; what the
-- provider says comes back as events. Facts are never refused and may come twice, late and in any order; a request of a person that the table does not have is
-- refused. docs/decisions say why each rule is there, tests/statements/payments.py tries each cell.

-- The state table: with which event a payment becomes what, and what is done in the same transaction. in_time: only before due_at (true), only from then on
-- (false), always (NULL). What is not in it changes nothing. acts: see api.payment_act.
create function api.payment_table() returns table (was text, reason text, event text, in_time boolean, became text, new_reason text, acts text[])
language sql immutable
begin atomic
	values
		('due', null::text, 'pay', true, 'open', null::text, '{session}'::text[]),
		('open', null, 'pay', null, 'open', null, '{}'),
		('due', null, 'deadline', false, 'void', null, '{release}'),
		('due', null, 'cancel', null, 'void', null, '{release}'),
		('due', null, 'paid', null, 'paid', null, '{earn}'),
		('open', null, 'paid', null, 'paid', null, '{earn}'),
		('open', null, 'expired', true, 'due', null, '{}'),
		('open', null, 'expired', false, 'void', null, '{release}'),
		('open', null, 'refused', true, 'due', null, '{}'),
		('open', null, 'refused', false, 'void', null, '{release}'),
		('open', null, 'deadline', false, 'closing', 'deadline', '{expire}'),
		('open', null, 'cancel', null, 'closing', 'cancelled', '{expire}'),
		('closing', 'deadline', 'cancel', null, 'closing', 'cancelled', '{}'),
		('closing', 'deadline', 'expired', null, 'void', null, '{release}'),
		('closing', 'cancelled', 'expired', null, 'void', null, '{release}'),
		('closing', 'deadline', 'refused', null, 'void', null, '{release}'),
		('closing', 'cancelled', 'refused', null, 'void', null, '{release}'),
		('closing', 'deadline', 'paid', null, 'paid', null, '{earn}'),
		('closing', 'cancelled', 'paid', null, 'refund_due', null, '{owe,release,refund}'),
		('paid', null, 'cancel', null, 'refund_due', null, '{release,refund}'),
		('paid', null, 'cancel_free', null, 'void', null, '{release}'),
		('paid', null, 'refund_shipment', null, 'paid', null, '{release,refund}'),
		('refund_due', null, 'refunded', null, 'refunded', null, '{}'),
		('refunded', null, 'refund_reversed', null, 'refund_due', null, '{}'),
		('paid', null, 'paid', null, 'paid', null, '{owe,refund}'),
		('refund_due', null, 'paid', null, 'refund_due', null, '{owe,refund}'),
		('refunded', null, 'paid', null, 'refund_due', null, '{owe,refund}'),
		('void', null, 'paid', null, 'refund_due', null, '{owe,refund}'),
		('due', null, 'paid_wrong', null, 'refund_due', null, '{owe,release,refund}'),
		('open', null, 'paid_wrong', null, 'refund_due', null, '{owe,release,refund}'),
		('closing', 'deadline', 'paid_wrong', null, 'refund_due', null, '{owe,release,refund}'),
		('closing', 'cancelled', 'paid_wrong', null, 'refund_due', null, '{owe,release,refund}'),
		('paid', null, 'refund_again', null, 'paid', null, '{refund}'),
		('refund_due', null, 'refund_again', null, 'refund_due', null, '{refund}');
end;

-- The order's page, of the highest number; NULLs: none was asked for.
create function api.present_payment_session(p_order_id bigint) returns market.payment_session
language sql stable
begin atomic
	select s from market.payment_session s where s.order_id = p_order_id order by s.number desc limit 1;
end;

-- Nothing is left for the worker to do by these rows of the outbox.
create function api.payment_rows_done(p_outbox_ids bigint[], p_now timestamptz) returns void
language sql
begin atomic
	update market.outbox o
	set done_at = p_now, flagged_at = null, lease = null, leased_until = null
	where o.outbox_id = any(p_outbox_ids) and o.done_at is null;
end;

-- The name under which the state table has an event of a person, or a deadline. The order is locked.
create function api.payment_request(p_order market.orders, p_event text, p_detail jsonb, p_now timestamptz) returns text
language plpgsql as $$
begin
	case p_event
	when 'deadline' then
		return case when p_order.due_at <= p_now then 'deadline' else 'known' end;
	when 'cancel', 'refund_shipment' then
		if p_order.payment_status = 'closing' and p_order.closing_reason = 'cancelled' then
			perform api.refuse_unchanged('invalid_state', 'This order is being cancelled already.');
		elsif exists (select from market.payment_charge c where c.order_id = p_order.order_id and c.dispute is not null and c.dispute <> 'won') then
			perform api.refuse('invalid_state', 'The payment of this order is disputed; the bank decides who gets the money.');
		elsif p_event = 'refund_shipment' and not exists (
			select from market.shipment p
			where p.order_id = p_order.order_id and p.shop_id = (p_detail ->> 'shop_id')::bigint and p.status = 'pending')
		then
			perform api.refuse('invalid_state', 'Only a shipment that was not sent can be refunded.');
		elsif p_event = 'cancel' and exists (
			select from market.shipment p where p.order_id = p_order.order_id and p.status in ('shipped', 'delivered'))
		then
			perform api.refuse('invalid_state', 'A part of this order is on its way.');
		end if;
		return case when p_event = 'cancel' and p_order.total_cents = 0 then 'cancel_free' else p_event end;
	when 'refund_again' then
		if not exists (select from api.payment_missing_refunds(p_order.order_id)) then
			perform api.refuse('invalid_state', 'There is nothing to give back, or it is on its way.');
		end if;
	when 'settle' then
		if exists (select from api.payment_missing_refunds(p_order.order_id)) then
			perform api.refuse('invalid_state', 'There is money to give back first.');
		end if;
	else
		null;
	end case;
	return p_event;
end
$$;

-- What happens with a change of state. earn: the shops get the money; owe: it is owed to the buyer; release: everything goes back, or one shop's shipment;
-- refund: what is owed goes back to the buyer, by the outbox; session, expire: a page is made or closed, by the outbox. p_order: as it was.
create function api.payment_act(p_order market.orders, p_acts text[], p_event text, p_detail jsonb) returns void
language plpgsql as $$
declare
	v_shop_id bigint := case when p_event = 'refund_shipment' then (p_detail ->> 'shop_id')::bigint end;
	v_shop_ids bigint[];
	v_now timestamptz;
begin
	if 'release' = any(p_acts) then
		v_shop_ids := api.lock_returns(p_order.account_id, p_order.order_id, v_shop_id);
	elsif 'earn' = any(p_acts) then
		v_shop_ids := api.lock_earnings(p_order);
	end if;
	v_now := market.clock();
	if 'earn' = any(p_acts) then
		perform api.book_earnings(p_order, v_shop_ids, p_detail ->> 'payment_intent', v_now);
	end if;
	if 'owe' = any(p_acts) then
		perform api.book_debt(p_order, (p_detail ->> 'amount_cents')::bigint, p_detail ->> 'payment_intent', v_now);
	end if;
	if 'release' = any(p_acts) then
		if p_order.payment_status = 'paid' then
			perform api.book_return(p_order, v_shop_id, v_now);
		end if;
		perform api.give_back_order(p_order, v_shop_id, v_shop_ids, v_now);
	end if;
	if 'session' = any(p_acts) then
		perform api.ask_session(p_order, p_detail, v_now);
	elsif 'expire' = any(p_acts) then
		perform api.outbox_add('expire', format('%s/%s', p_order.order_id, (api.present_payment_session(p_order.order_id)).number), '',
			p_order.order_id, null, v_now);
	end if;
	if 'refund' = any(p_acts) then
		perform api.ask_refunds(p_order.order_id, p_detail ->> 'payment_intent', v_now);
	end if;
end
$$;

-- Applies an event to the payment of an order, in the order of locks: account, order, shipments, shops, stock, sales, balances. Events:
--	of persons: pay (detail: see api.ask_session), cancel, refund_again, refund_shipment {shop_id}, settle; refused where the table does not have them
--	of time: deadline
--	of the provider, each maybe with the outbox_id of the row that brought it, which it ends:
--		session_created {outbox_id, session, url, expires_at}, paid {session, payment_intent, amount_cents, currency}, expired {session},
--		refused {outbox_id} (it makes no session, for good), refund_created {outbox_id, refund, payment_intent, status}, refund_refused {outbox_id},
--		refunded {refund, payment_intent, amount_cents}, refund_failed {refund, payment_intent}, dispute {payment_intent, status}
-- Returns {order_id, was, became, event (as the table has it)}; NULL: there is no such order, or it was placed while payments were off.
create function api.payment_event(p_order_id bigint, p_event text, p_detail jsonb default '{}') returns json
language plpgsql
set enable_seqscan = off set enable_mergejoin = off set enable_hashjoin = off as $$
declare
	v_order market.orders;
	v_event text;
	v_cell record;
	v_became text;
	v_now timestamptz;
begin
	v_order := (select api.lock_order(o.order_id, o.account_id) from market.orders o where o.order_id = p_order_id and o.payment_status is not null);
	if v_order.payment_status is null then
		return null;
	end if;
	v_now := market.clock();
	v_event := case when p_event in ('pay', 'cancel', 'deadline', 'refund_again', 'refund_shipment', 'settle')
		then api.payment_request(v_order, p_event, p_detail, v_now)
		else api.payment_fact(v_order, p_event, p_detail, v_now) end;
	select c.became, c.new_reason, c.acts into v_cell
	from api.payment_table() c
	where c.was = v_order.payment_status and c.reason is not distinct from v_order.closing_reason and c.event = v_event
		and coalesce(c.in_time = (v_order.due_at > v_now), true);
	if v_cell.became is null and p_event in ('pay', 'cancel', 'refund_again', 'refund_shipment') then
		perform api.refuse('invalid_state', api.payment_refusal(v_order.payment_status, p_event));
	elsif v_cell.became is not null then
		perform api.payment_act(v_order, v_cell.acts, v_event, p_detail);
	end if;
	v_became := case
		when v_event = 'refund_shipment' and (select o.status from market.orders o where o.order_id = p_order_id) = 'cancelled' -- it was the last one
			then case v_order.total_cents when 0 then 'void' else 'refund_due' end
		else coalesce(v_cell.became, v_order.payment_status) end;
	perform api.payment_became(v_order, v_became, coalesce(v_cell.new_reason, case when v_cell.became is null then v_order.closing_reason end), v_event, v_now);
	perform api.mail_payment(v_order, v_became, v_event, p_detail, v_now);
	insert into market.payment_log (order_id, event, detail, was, became, at)
	select p_order_id, p_event, p_detail - array['url', 'lease'], v_order.payment_status, v_became, v_now
	where v_cell.became is not null or not exists (
		select from market.payment_log l where l.order_id = p_order_id and l.event = p_event and l.detail = p_detail - array['url', 'lease']);
	return json_build_object('order_id', p_order_id, 'was', v_order.payment_status, 'became', v_became, 'event', v_event);
end
$$;

-- Closes pages that are not to be paid any more, by the outbox.
create function api.close_pages(p_order_id bigint, p_now timestamptz) returns void
language sql
begin atomic
	select api.outbox_add('expire', format('%s/%s', s.order_id, s.number), '', s.order_id, null, p_now)
	from market.payment_session s
	where s.order_id = p_order_id and s.state in ('creating', 'open');
end;

-- Writes the state, the flag that the event raises or takes away, and when the provider is asked next: soon after a change, then in pauses that grow (see
-- api.payments_due).
create function api.payment_became(p_order market.orders, p_became text, p_reason text, p_event text, p_now timestamptz) returns void
language plpgsql as $$
declare
	v_flag text := case
		when p_event = 'paid_wrong' then 'wrong_amount'
		when p_event = 'paid' and p_order.payment_status in ('paid', 'refund_due', 'refunded', 'void') then 'extra_charge'
		when p_event in ('refund_failed', 'refund_reversed', 'refund_refused') then 'refund_failed'
		when p_event = 'disputed' then 'disputed'
		when p_event = 'refund_unknown' then 'unknown_refund' end;
	v_flag_ended text := case
		when p_event = 'dispute_won' then 'disputed'
		when p_event in ('refunded', 'refunded_in_part') and not exists (select from api.payment_missing_refunds(p_order.order_id)) then 'refund_failed' end;
	v_asks boolean := p_became in ('open', 'closing') or exists (
		select from market.payment_refund r where r.order_id = p_order.order_id and r.status in ('asked', 'pending', 'succeeded'));
begin
	if p_became not in ('due', 'open', 'closing') then
		perform api.close_pages(p_order.order_id, p_now);
	end if;
	update market.orders o
	set payment_status = p_became, closing_reason = p_reason,
		payment_flag = case when p_event = 'settle' then null else coalesce(nullif(o.payment_flag, v_flag_ended), v_flag) end,
		next_ask_at = case
			when not v_asks then null
			when p_became <> p_order.payment_status or o.next_ask_at is null then p_now + interval '20 seconds'
			else o.next_ask_at end,
		ask_pause_seconds = case when p_became <> p_order.payment_status then 20 else greatest(o.ask_pause_seconds, 20) end
	where o.order_id = p_order.order_id;
end
$$;

create function api.payment_refusal(p_status text, p_event text) returns text
language sql immutable
return case
	when p_event = 'refund_shipment' then 'This order is not paid.'
	when p_event = 'refund_again' then 'There is nothing to give back.'
	when p_status = 'due' then 'The time to pay this order is over.'
	when p_status = 'closing' then 'The payment of this order is being closed. Look again in a moment.'
	when p_status = 'paid' then 'This order is paid.'
	else 'This order was cancelled already.' end;

-- For the worker, which says what the provider said, and for the deadlines: the events of persons have statements of their own.
create function api.payment_report(p_order_id bigint, p_event text, p_detail jsonb) returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
	perform api.must_be_durable();
	if p_event not in ('deadline', 'session_created', 'paid', 'expired', 'refused', 'refund_created', 'refund_refused', 'refunded', 'refund_failed', 'dispute')
	then
		perform api.refuse('invalid', format('There is no event %s.', p_event));
	end if;
	return api.payment_event(p_order_id, p_event, p_detail);
end
$$;

-- Orders whose time to be paid is over, those of the oldest deadlines first.
create function api.overdue_orders(p_now timestamptz) returns table (order_id bigint)
language sql stable
begin atomic
	select o.order_id
	from (select d.* from market.payment_deadline d where d.due_at <= p_now order by d.due_at limit 1000) d
	cross join lateral (
		select o.order_id from market.orders o
		where o.order_id between d.first_order_id and d.last_order_id and o.payment_status in ('due', 'open') and o.due_at <= p_now
		offset 0) o;
end;

-- The buyer looks at an order whose page is open, perhaps back from it: the provider is asked within two seconds. This waits for no lock.
create function api.ask_about_payment(p_order_id bigint) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_soon timestamptz := market.clock() + interval '2 seconds';
begin
	perform api.must_be_durable();
	update market.orders o
	set next_ask_at = v_soon
	where o.order_id = (
		select o.order_id from market.orders o
		where o.order_id = p_order_id and o.payment_status in ('open', 'closing') and o.next_ask_at > v_soon
		for no key update skip locked);
end
$$;

-- What the worker has to look at now: {"deadlines": [order_id, ...], "ask": [{order_id, status, session, payment_intents, refunds}, ...]}. An order to ask about
-- is given to one worker, and again after a pause that doubles: up to 5 minutes while it is open or closes, up to a day later; until 30 days after its last
-- refund.
create function api.payments_due(p_limit int) returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off as $$
declare
	v_now timestamptz := market.clock();
	v_ask bigint[];
	v_due bigint[];
begin
	perform api.must_be_durable();
	if exists (select from market.payment_deadline d where d.due_at <= v_now) then
		v_due := array(select o.order_id from api.overdue_orders(v_now) o limit p_limit);
		delete from market.payment_deadline d -- of one that another worker deletes, too, nothing is left to do
		where d.due_at = any(array(select e.due_at from market.payment_deadline e where e.due_at <= v_now order by e.due_at limit 100))
			and not exists (
				select from market.orders o
				where o.order_id between d.first_order_id and d.last_order_id and o.payment_status in ('due', 'open') and o.due_at <= d.due_at);
	end if;
	if exists (select from market.orders o where o.next_ask_at <= v_now) then
		v_ask := array(select o.order_id from market.orders o where o.next_ask_at <= v_now order by o.next_ask_at limit p_limit
			for no key update skip locked);
		update market.orders o
		set ask_pause_seconds = least(o.ask_pause_seconds * 2, case when o.payment_status in ('open', 'closing') then 300 else 86400 end),
			next_ask_at = case
				when o.payment_status in ('open', 'closing', 'refund_due') or exists (
					select from market.payment_refund r
					where r.order_id = o.order_id and coalesce(r.ended_at, v_now) > v_now - interval '30 days')
				then v_now + o.ask_pause_seconds * interval '1 second' end
		where o.order_id = any(v_ask);
	end if;
	return json_build_object(
		'deadlines', coalesce((select json_agg(d.order_id) from unnest(v_due) as d(order_id)), '[]'),
		'ask', coalesce((
			select json_agg(json_build_object('order_id', o.order_id, 'status', o.payment_status,
				'session', (api.present_payment_session(o.order_id)).session_id,
				'payment_intents', array(select c.payment_intent from market.payment_charge c where c.order_id = o.order_id),
				'refunds', array(select r.refund_id from market.payment_refund r where r.order_id = o.order_id and r.refund_id is not null)))
			from market.orders o where o.order_id = any(v_ask)), '[]'));
end
$$;
