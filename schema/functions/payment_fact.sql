-- What the provider said about a payment: the rows of sessions, charges and refunds, and the event of the state table (payment.sql) that it amounts to. A fact
-- that is known already is the event `known`, which the table does not have.

-- Numbers of the outbox's rows that make and close this page.
create function api.session_rows(p_session market.payment_session) returns bigint[]
language sql stable
begin atomic
	select array_append(array(
		select o.outbox_id from market.outbox o
		where o.kind = 'expire' and o.subject = format('%s/%s', (p_session).order_id, (p_session).number)), (p_session).outbox_id);
end;

-- Whether a fact is about this page: by the provider's id, by the row that brought it, or by its number, which the provider repeats.
create function api.is_of_session(p_session market.payment_session, p_detail jsonb) returns boolean
language sql stable
begin atomic
	select coalesce((p_session).session_id = p_detail ->> 'session', false)
		or coalesce((p_detail ->> 'outbox_id')::bigint = any(api.session_rows(p_session)), false)
		or (p_session).session_id is null and coalesce((p_session).number = (p_detail ->> 'number')::int, false);
end;

-- The page was made.
create function api.session_created(p_order market.orders, p_detail jsonb, p_now timestamptz) returns text
language plpgsql as $$
declare
	v_session market.payment_session;
begin
	update market.payment_session s
	set session_id = p_detail ->> 'session', url = p_detail ->> 'url', expires_at = (p_detail ->> 'expires_at')::timestamptz,
		state = case s.state when 'creating' then 'open' else s.state end
	where s.order_id = p_order.order_id and (p_detail ->> 'outbox_id')::bigint = any(api.session_rows(s)) and s.session_id is null
	returning * into v_session;
	if v_session.order_id is null then
		return 'known';
	end if;
	perform api.payment_rows_done(array[v_session.outbox_id], p_now);
	return 'session_created';
end
$$;

-- The page is closed, or there will be none. It counts for the present page only.
create function api.session_ended(p_order market.orders, p_event text, p_detail jsonb, p_now timestamptz) returns text
language plpgsql as $$
declare
	v_session market.payment_session;
	v_is_present boolean;
begin
	select * into v_session from market.payment_session s
	where s.order_id = p_order.order_id and s.state in ('creating', 'open')
		and api.is_of_session(s, p_detail) -- guard: session
	order by s.number desc limit 1;
	if v_session.order_id is null or p_event = 'refused' and v_session.session_id is not null then
		return 'known';
	end if;
	v_is_present := v_session.number = (api.present_payment_session(p_order.order_id)).number;
	update market.payment_session s
	set state = p_event, session_id = coalesce(s.session_id, p_detail ->> 'session')
	where s.order_id = v_session.order_id and s.number = v_session.number;
	perform api.payment_rows_done(api.session_rows(v_session), p_now);
	return case when v_is_present then p_event else 'known' end;
end
$$;

-- The provider charged. A charge is known by its payment_intent.
create function api.charge_made(p_order market.orders, p_detail jsonb, p_now timestamptz) returns text
language plpgsql as $$
declare
	v_is_awaited boolean := p_order.payment_status in ('due', 'open', 'closing');
	v_is_right boolean := (p_detail ->> 'amount_cents')::bigint = p_order.total_cents and lower(p_detail ->> 'currency') = 'usd';
	v_session market.payment_session;
begin
	select * into v_session from market.payment_session s
	where s.order_id = p_order.order_id and (s.session_id = p_detail ->> 'session'
		or s.session_id is null and s.number = coalesce((p_detail ->> 'number')::int, (api.present_payment_session(p_order.order_id)).number))
	order by s.session_id nulls last
	limit 1;
	if v_session.order_id is not null then
		update market.payment_session s
		set state = 'complete', session_id = p_detail ->> 'session'
		where s.order_id = v_session.order_id and s.number = v_session.number;
		perform api.payment_rows_done(api.session_rows(v_session), p_now);
	end if;
	if exists (select from market.payment_charge c where c.payment_intent = p_detail ->> 'payment_intent') then
		return 'known';
	end if;
	insert into market.payment_charge (payment_intent, order_id, session_id, amount_cents, currency, is_extra, booked_at)
	values (p_detail ->> 'payment_intent', p_order.order_id, p_detail ->> 'session', (p_detail ->> 'amount_cents')::bigint,
		lower(p_detail ->> 'currency'), not (v_is_awaited and v_is_right), p_now);
	return case when v_is_awaited and not v_is_right then 'paid_wrong' else 'paid' end;
end
$$;

-- A refund is at the provider what p_status says: asked, pending, succeeded, failed; or it was refused. One that failed never counts again. Refunds of two
-- shipments may be equal but for the number that they were asked for with, which the provider repeats.
create function api.refund_made(p_order market.orders, p_status text, p_detail jsonb, p_now timestamptz) returns text
language plpgsql as $$
declare
	v_refund market.payment_refund;
begin
	select * into v_refund from market.payment_refund r
	where r.order_id = p_order.order_id and (r.outbox_id = (p_detail ->> 'outbox_id')::bigint or r.refund_id = p_detail ->> 'refund'
		or r.refund_id is null and r.status = 'asked' and r.payment_intent = p_detail ->> 'payment_intent'
			and r.amount_cents = coalesce((p_detail ->> 'amount_cents')::bigint, r.amount_cents)
			and r.number = coalesce((p_detail ->> 'number')::int, r.number))
	order by (r.refund_id is not distinct from p_detail ->> 'refund') desc, coalesce(r.outbox_id = (p_detail ->> 'outbox_id')::bigint, false) desc, r.number
	limit 1;
	if v_refund.order_id is null or v_refund.refund_id <> p_detail ->> 'refund' then
		return case when exists (
			select from market.payment_charge c where c.payment_intent = p_detail ->> 'payment_intent' and c.order_id = p_order.order_id)
			and not exists ( -- an admin has seen it
				select from market.payment_log l where l.order_id = p_order.order_id and l.detail ->> 'refund' = p_detail ->> 'refund')
			then 'refund_unknown' else 'known' end;
	end if;
	perform api.payment_rows_done(array[v_refund.outbox_id], p_now);
	if v_refund.status in ('failed', 'refused') or v_refund.status = p_status or v_refund.status = 'succeeded' and p_status = 'pending'
		or v_refund.status <> 'asked' and p_status = 'refused'
	then
		return 'known';
	end if;
	update market.payment_refund r
	set refund_id = coalesce(r.refund_id, p_detail ->> 'refund'), status = p_status, ended_at = case when p_status <> 'pending' then p_now end
	where r.order_id = v_refund.order_id and r.number = v_refund.number;
	if p_status = 'succeeded' then
		perform api.book_refund(v_refund, 1, p_now);
		return case when p_order.payment_status = 'refund_due' and api.is_all_refunded(p_order.order_id) then 'refunded' else 'refunded_in_part' end;
	elsif v_refund.status = 'succeeded' then
		perform api.book_refund(v_refund, -1, p_now);
		return 'refund_reversed';
	end if;
	return case p_status when 'pending' then 'refund_created' when 'refused' then 'refund_refused' else 'refund_failed' end;
end
$$;

-- The buyer disputes a charge with the bank, or that has ended: an event that comes late does not open it again.
create function api.charge_disputed(p_order market.orders, p_detail jsonb) returns text
language plpgsql as $$
declare
	v_dispute text := case when p_detail ->> 'status' = 'warning_closed' then 'won' else p_detail ->> 'status' end;
begin
	if exists (
		select from market.payment_log l
		where l.order_id = p_order.order_id and l.event = 'dispute' and l.detail ->> 'dispute' = p_detail ->> 'dispute'
			and l.detail ->> 'status' in ('won', 'lost', 'warning_closed'))
	then
		return 'known';
	end if;
	update market.payment_charge c
	set dispute = v_dispute
	where c.payment_intent = p_detail ->> 'payment_intent' and c.order_id = p_order.order_id and c.dispute is distinct from v_dispute;
	return case when not found then 'known' when v_dispute = 'won' then 'dispute_won' else 'disputed' end;
end
$$;

create function api.payment_fact(p_order market.orders, p_event text, p_detail jsonb, p_now timestamptz) returns text
language plpgsql as $$
begin
	return case p_event
		when 'session_created' then api.session_created(p_order, p_detail, p_now)
		when 'expired' then api.session_ended(p_order, p_event, p_detail, p_now)
		when 'refused' then api.session_ended(p_order, p_event, p_detail, p_now)
		when 'paid' then api.charge_made(p_order, p_detail, p_now)
		when 'refund_created' then api.refund_made(p_order,
			case p_detail ->> 'status' when 'succeeded' then 'succeeded' when 'failed' then 'failed' when 'canceled' then 'failed' else 'pending' end,
			p_detail, p_now)
		when 'refunded' then api.refund_made(p_order, 'succeeded', p_detail, p_now)
		when 'refund_failed' then api.refund_made(p_order, 'failed', p_detail, p_now)
		when 'refund_refused' then api.refund_made(p_order, 'refused', p_detail, p_now)
		when 'dispute' then api.charge_disputed(p_order, p_detail)
	end;
end
$$;
