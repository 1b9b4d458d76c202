-- Payments for admins: all of them, or those that need attention, each with what happened to it; and for metrics.

create function api.payment_admin_json(p_order market.orders) returns json
language sql stable
begin atomic
	select json_build_object(
		'status', p_order.payment_status, -- first: a kept answer that begins with an order_id is the account's own order to the audit
		'order_id', p_order.order_id,
		'flag', p_order.payment_flag,
		'amount_cents', p_order.total_cents,
		'charged_cents', coalesce((select sum(c.amount_cents) from market.payment_charge c where c.order_id = p_order.order_id), 0),
		'refunded_cents', p_order.refunded_cents,
		'created_at', market.rfc3339(p_order.created_at),
		'due_at', market.rfc3339(p_order.due_at),
		'refundable', exists (select from api.payment_missing_refunds(p_order.order_id)),
		'events', coalesce((
			select json_agg(json_build_object('event', l.event, 'was', l.was, 'became', l.became, 'at', market.rfc3339(l.at), 'detail', l.detail::text) order by l.entry_id)
			from market.payment_log l
			where l.order_id = p_order.order_id), '[]'));
end;

-- The payments, newest order first; p_attention: only those with a flag. A page reads some orders of the time when payments were off, if there are any.
create function api.payment_rows(p_session bytea, p_attention boolean, p_limit int, p_cursor text) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_before bigint := api.cursor_id(p_cursor, 'y');
begin
	perform api.require(p_session, 'admin');
	return (
		with page as (
			select o as line, o.order_id, row_number() over (order by o.order_id desc) as nth
			from market.orders o
			where o.payment_status is not null and (v_before is null or o.order_id < v_before) and (not p_attention or o.payment_flag is not null)
			order by o.order_id desc
			limit p_limit + 1
		)
		select json_build_object(
			'payments', coalesce((select json_agg(api.payment_admin_json(g.line) order by g.nth) from page g where g.nth <= p_limit), '[]'),
			'next', (select 'y' || max(g.order_id) filter (where g.nth = p_limit) from page g having count(*) > p_limit))
	);
end
$$;

-- An admin gives back what is owed once more (refund: a new row of the outbox, with a new key), or says that what the flag is about is settled (settle).
create function api.decide_payment(p_session bytea, p_order_id bigint, p_action text) returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_account_id bigint := api.require(p_session, 'admin');
begin
	if api.payment_event(p_order_id, case p_action when 'refund' then 'refund_again' else 'settle' end) is null then
		perform api.refuse('not_found');
	end if;
	perform api.note_act(v_account_id, p_action || '_payment', format('the payment of order %s', p_order_id), null);
	return (select api.payment_admin_json(o) from market.orders o where o.order_id = p_order_id);
end
$$;

-- For metrics, without a session: payments with a flag.
create function api.metrics_of_payments() returns bigint
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
	select count(*) from market.orders o where o.payment_flag is not null;
end;
