-- shoetopia --reconcile: what the provider has against what the ledger has, object by object, and back.

-- How a page at the provider differs from what is known of it; NULL: it does not.
create function api.session_difference(p_session jsonb) returns text
language plpgsql stable as $$
declare
	v_order market.orders;
	v_page market.payment_session;
	v_charge market.payment_charge;
	v_name text := p_session ->> 'id';
begin
	select * into v_order from market.orders o
	where o.order_id = api.provider_number(p_session ->> 'client_reference_id') and o.payment_status is not null;
	if v_order.order_id is null then
		return case when p_session ->> 'payment_status' = 'paid' and p_session -> 'metadata' ->> 'order_id' is not null
			then format('%s is paid for order %s, which is not here', v_name, p_session ->> 'client_reference_id') end;
	end if;
	select * into v_page from market.payment_session s where s.session_id = v_name;
	if p_session ->> 'payment_status' = 'paid' then
		select * into v_charge from market.payment_charge c where c.payment_intent = p_session ->> 'payment_intent';
		return case
			when v_charge.payment_intent is null then format('%s is paid for order %s, and the charge is not booked', v_name, v_order.order_id)
			when v_charge.amount_cents <> (p_session ->> 'amount_total')::bigint then
				format('%s charged %s cents for order %s, and %s are booked', v_name, p_session ->> 'amount_total', v_order.order_id, v_charge.amount_cents) end;
	elsif p_session ->> 'status' = 'expired' then
		return case when v_page.state in ('creating', 'open') then format('%s of order %s is closed, and open here', v_name, v_order.order_id) end;
	elsif p_session ->> 'status' = 'open' and v_page.state is distinct from 'open' and not exists (
		select from market.outbox o where o.order_id = v_order.order_id and o.kind in ('session', 'expire') and o.done_at is null)
	then
		return format('%s of order %s is open, and %s here', v_name, v_order.order_id, coalesce(v_page.state, 'unknown'));
	end if;
	return null;
end
$$;

create function api.refund_difference(p_refund jsonb) returns text
language plpgsql stable as $$
declare
	v_order_id bigint := (select o.order_id from market.orders o where o.order_id = api.provider_order(p_refund) and o.payment_status is not null);
	v_refund market.payment_refund;
	v_status text := case p_refund ->> 'status' when 'canceled' then 'failed' when 'requires_action' then 'pending' else p_refund ->> 'status' end;
begin
	select * into v_refund from market.payment_refund r where r.refund_id = p_refund ->> 'id';
	return case
		when v_order_id is null then null
		when v_refund.order_id is null then format('%s gave back %s cents of order %s, and is unknown here', p_refund ->> 'id', p_refund ->> 'amount', v_order_id)
		when v_refund.amount_cents <> (p_refund ->> 'amount')::bigint then
			format('%s gave back %s cents of order %s, and %s are booked', p_refund ->> 'id', p_refund ->> 'amount', v_order_id, v_refund.amount_cents)
		when v_refund.status <> v_status then format('%s of order %s is %s, and %s here', p_refund ->> 'id', v_order_id, v_status, v_refund.status) end;
end
$$;

-- Compares a session or refund of the provider. What is merely late is applied: `difference` is NULL where there was none, `healed` whether it is gone.
create function api.reconcile_object(p_object jsonb) returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_is_refund boolean := p_object ->> 'object' = 'refund';
	v_before text := case when v_is_refund then api.refund_difference(p_object) else api.session_difference(p_object) end;
	v_after text;
begin
	perform api.must_be_durable();
	if v_before is not null then
		perform api.report_object(p_object, null);
		v_after := case when v_is_refund then api.refund_difference(p_object) else api.session_difference(p_object) end;
	end if;
	return json_build_object('difference', v_before, 'healed', v_after is null);
end
$$;

-- What the ledger has of the last p_seconds and the provider has not: sentences. p_seen: the names of its payments and refunds of that time.
create function api.reconcile_rest(p_seconds int, p_seen text[]) returns json
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
	select coalesce(json_agg(d.difference order by d.difference), '[]')
	from (
		select format('%s cents of order %s are booked as %s, which the provider does not have', c.amount_cents, c.order_id, c.payment_intent) as difference
		from market.payment_charge c
		where c.booked_at > market.clock() - p_seconds * interval '1 second' and c.payment_intent <> all(p_seen)
		union all
		select format('%s of order %s is booked, and the provider does not have it', r.refund_id, r.order_id)
		from market.payment_refund r
		where r.refund_id is not null and r.asked_at > market.clock() - p_seconds * interval '1 second' and r.refund_id <> all(p_seen)) d;
end;
