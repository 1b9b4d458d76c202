-- What the provider's objects say: a checkout session, a refund or a dispute, as its API and its webhooks have them, becomes an event of payment.sql. Only here are
-- its names and states known.

-- The number in a text that was ours once; NULL: it is no number of ours.
create function api.provider_number(p_text text) returns bigint
language sql immutable
return case when p_text ~ '^[0-9]{1,18}$' then p_text::bigint end;

-- The order of a refund or dispute: as its charge was booked, or as we named it when we asked for it.
create function api.provider_order(p_object jsonb) returns bigint
language sql stable
begin atomic
	select coalesce(
		(select c.order_id from market.payment_charge c where c.payment_intent = p_object ->> 'payment_intent'),
		api.provider_number(p_object -> 'metadata' ->> 'order_id'));
end;

-- A page: made (if the row of the outbox that asked for it says so), paid or expired. One that is complete and not paid yet says nothing.
create function api.report_session(p_session jsonb, p_outbox_id bigint) returns json
language plpgsql as $$
declare
	v_order_id bigint := api.provider_number(p_session ->> 'client_reference_id');
	v_detail jsonb := jsonb_strip_nulls(jsonb_build_object('session', p_session ->> 'id', 'outbox_id', p_outbox_id,
		'number', api.provider_number(p_session -> 'metadata' ->> 'number')));
	v_result json;
begin
	if p_outbox_id is not null and p_session ->> 'url' is not null then
		v_result := api.payment_event(v_order_id, 'session_created', v_detail || jsonb_build_object(
			'url', p_session ->> 'url', 'expires_at', to_timestamp((p_session ->> 'expires_at')::bigint)));
	end if;
	if p_session ->> 'payment_status' = 'paid' and p_session ->> 'payment_intent' is not null then
		v_result := api.payment_event(v_order_id, 'paid', (v_detail - 'outbox_id') || jsonb_build_object(
			'payment_intent', p_session ->> 'payment_intent', 'amount_cents', (p_session ->> 'amount_total')::bigint,
			'currency', p_session ->> 'currency'));
	elsif p_session ->> 'status' = 'expired' then
		v_result := api.payment_event(v_order_id, 'expired', v_detail);
	end if;
	return v_result;
end
$$;

create function api.report_refund(p_refund jsonb, p_outbox_id bigint) returns json
language sql
begin atomic
	select api.payment_event(api.provider_order(p_refund),
		case p_refund ->> 'status' when 'succeeded' then 'refunded' when 'failed' then 'refund_failed' when 'canceled' then 'refund_failed' else 'refund_created' end,
		jsonb_strip_nulls(jsonb_build_object('refund', p_refund ->> 'id', 'payment_intent', p_refund ->> 'payment_intent',
			'number', api.provider_number(p_refund -> 'metadata' ->> 'number'),
			'amount_cents', (p_refund ->> 'amount')::bigint, 'status', p_refund ->> 'status', 'outbox_id', p_outbox_id)));
end;

-- Applies what an object says. NULL: it says nothing about an order that is paid here.
create function api.report_object(p_object jsonb, p_outbox_id bigint) returns json
language plpgsql as $$
begin
	return case p_object ->> 'object'
		when 'checkout.session' then api.report_session(p_object, p_outbox_id)
		when 'refund' then api.report_refund(p_object, p_outbox_id)
		when 'dispute' then api.payment_event(api.provider_order(p_object), 'dispute',
			jsonb_build_object('dispute', p_object ->> 'id', 'payment_intent', p_object ->> 'payment_intent', 'status', p_object ->> 'status'))
	end;
end
$$;

-- For the worker, which got the object from the provider's API; p_outbox_id: by doing that row.
create function api.payment_object(p_object jsonb, p_outbox_id bigint) returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
	perform api.must_be_durable();
	return api.report_object(p_object, p_outbox_id);
end
$$;

-- What is kept of an event: of its object, what is read here. The buyer's name and e-mail, which the provider adds, are not: they would stay when the account is
-- deleted.
create function api.provider_event_kept(p_event jsonb) returns jsonb
language sql immutable
return jsonb_build_object('id', p_event -> 'id', 'type', p_event -> 'type', 'created', p_event -> 'created', 'data', jsonb_build_object('object', (
	select jsonb_object_agg(m.key, m.value)
	from jsonb_each(p_event #> '{data,object}') m
	where m.key in ('id', 'object', 'created', 'status', 'payment_status', 'payment_intent', 'amount', 'amount_total', 'currency', 'client_reference_id',
		'metadata', 'expires_at', 'reason', 'failure_reason'))));

-- An event of a webhook whose signature was right: stored once, and applied in the same transaction, which locks the order. Its twins wait here for the first one.
-- What it says may be older than what is known, so it is only taken for what it says happened, never for what is.
create function api.take_provider_event(p_event_name text, p_kind text, p_body text) returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_now timestamptz := market.clock();
	v_is_ours boolean := p_kind ~ '^(checkout[.]session|refund|charge[.]refund|charge[.]dispute)[.]';
begin
	perform api.must_be_durable();
	insert into market.provider_event (event_id, kind, body, received_at, applied_at)
	values (p_event_name, p_kind, case when v_is_ours then api.provider_event_kept(p_body::jsonb)::text else '{}' end, v_now, v_now)
	on conflict (event_id) do nothing;
	if found and v_is_ours then
		perform api.report_object(p_body::jsonb -> 'data' -> 'object', null);
	end if;
	return '{}';
end
$$;

-- The page that an expire row is about: its session at the provider (null: not known yet) and its state. The row that makes it is due at once then: no page is
-- closed before it is known whether there is one.
create function api.page_to_expire(p_order_id bigint, p_number int) returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_page market.payment_session;
	v_now timestamptz := market.clock();
begin
	perform api.must_be_durable();
	select * into v_page from market.payment_session s where s.order_id = p_order_id and s.number = p_number;
	if v_page.session_id is null then
		update market.outbox o
		set next_at = v_now
		where o.outbox_id = v_page.outbox_id and o.lease is null and o.next_at > v_now and o.done_at is null and o.flagged_at is null;
	end if;
	return json_build_object('session', v_page.session_id, 'state', v_page.state);
end
$$;
