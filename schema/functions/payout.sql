-- Payouts: what of its money a shop can have, and its requests for it. All that spends it (payouts, promotion tiers) reads what is available under the lock of
-- the shop's row, by the one function here.

-- What the shop earned by shipments that were delivered p_payout_days ago, less its payouts that were not refused, its promotion tiers, and what is in doubt:
-- orders whose payment is flagged or disputed. Negative if a payment was disputed after its payout.
create function api.available_cents(p_shop_id bigint, p_payout_days int, p_now timestamptz) returns bigint
language sql stable
begin atomic
	with doubtful as (
		select o.order_id from market.orders o where o.payment_flag is not null
		union
		select c.order_id from market.payment_charge c where c.dispute is not null and c.dispute <> 'won'
	)
	select coalesce((
			select sum(p.total_cents - p.fee_cents) from market.shipment p
			where p.shop_id = p_shop_id and p.delivered_at <= p_now - make_interval(days => p_payout_days) and p.fee_bps is not null), 0)::bigint
		- coalesce((
			select sum(p.total_cents - p.fee_cents)
			from doubtful d
			join market.shipment p on p.order_id = d.order_id and p.shop_id = p_shop_id
			where p.delivered_at <= p_now - make_interval(days => p_payout_days) and p.fee_bps is not null), 0)::bigint
		- coalesce((select sum(t.amount_cents) from market.payout t where t.shop_id = p_shop_id and t.status <> 'refused'), 0)::bigint
		- coalesce((select sum(r.cents) from market.promotion r where r.shop_id = p_shop_id), 0)::bigint;
end;

-- Refuses what costs more than the shop has available. The shop is locked.
create function api.must_be_available(p_shop_id bigint, p_cents bigint, p_payout_days int, p_now timestamptz) returns void
language plpgsql as $$
declare
	v_available_cents bigint := api.available_cents(p_shop_id, p_payout_days, p_now);
begin
	if p_cents > v_available_cents then
		perform api.refuse('out_of_funds', format('That is $%s, and $%s is available.', (p_cents / 100.0)::numeric(16, 2),
			(v_available_cents / 100.0)::numeric(16, 2)), json_build_object('available_cents', v_available_cents));
	end if;
end
$$;

create function api.payout_answer(p_payout market.payout) returns json
language sql stable
begin atomic
	select json_build_object(
		'payout_id', p_payout.payout_id,
		'shop_id', p_payout.shop_id,
		'shop_name', h.name,
		'amount_cents', p_payout.amount_cents,
		'status', p_payout.status,
		'note', p_payout.note,
		'requested_at', market.rfc3339(p_payout.requested_at),
		'decided_at', market.rfc3339(p_payout.decided_at))
	from market.shop h
	where h.shop_id = p_payout.shop_id;
end;

-- p_payout_days NULL: payments are off.
create function api.request_payout(p_session bytea, p_shop_id bigint, p_amount_cents bigint, p_payout_days int) returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_payout market.payout;
	v_now timestamptz;
begin
	perform api.require(p_session, 'owner', p_shop_id);
	if p_payout_days is null then
		perform api.refuse('invalid_state', 'Orders are paid where they are picked up, so there is nothing to pay out.');
	end if;
	perform from market.shop h where h.shop_id = p_shop_id for no key update; -- guard: shop
	v_now := market.clock();
	perform api.must_be_available(p_shop_id, p_amount_cents, p_payout_days, v_now);
	insert into market.payout (shop_id, amount_cents, requested_at) values (p_shop_id, p_amount_cents, v_now) returning * into v_payout;
	perform api.book_spending('payout', v_payout.shop_id, v_payout.payout_id, v_payout.amount_cents, 'payout', v_now);
	return api.payout_answer(v_payout);
end
$$;

-- Moves money of a shop to one of the accounts payout and promotion (negative: back).
create function api.book_spending(p_account text, p_shop_id bigint, p_payout_id bigint, p_cents bigint, p_reason text, p_now timestamptz) returns void
language sql
begin atomic
	insert into market.money_entry (account, shop_id, payout_id, amount_cents, reason, at)
	values ('shop', p_shop_id, p_payout_id, -p_cents, p_reason, p_now), (p_account, p_shop_id, p_payout_id, p_cents, p_reason, p_now);
end;

-- Payouts of a shop, newest first; p_shop_id NULL: of all, those to be decided first and oldest first, then the others.
create function api.payout_page(p_shop_id bigint, p_limit int, p_cursor text) returns json
language plpgsql stable as $$
declare
	v_after bigint[] := api.cursor_parts(p_cursor, case when p_shop_id is null then 'q' else 'p' end, 2);
	v_part bigint := coalesce(v_after[1], 1);
begin
	return (
		with rows as (
			(select t, t.payout_id, 1 as part
			from market.payout t
			where p_shop_id is null and t.status = 'requested' and v_part <= 1 and t.payout_id > coalesce(v_after[2], 0)
			order by t.payout_id limit p_limit + 1)
			union all
			(select t, t.payout_id, 2
			from market.payout t
			where (t.shop_id = p_shop_id or p_shop_id is null and t.status <> 'requested')
				and t.payout_id < case when v_part = 2 then v_after[2] else 9223372036854775807 end
			order by t.payout_id desc limit p_limit + 1)
		), page as (
			select r.t, r.payout_id, r.part, row_number() over (order by r.part, case r.part when 2 then -r.payout_id else r.payout_id end) as nth
			from rows r
		)
		select json_build_object(
			'payouts', coalesce((select json_agg(api.payout_answer(g.t) order by g.nth) from page g where g.nth <= p_limit), '[]'),
			'next', (select format('%s%s.%s', case when p_shop_id is null then 'q' else 'p' end, g.part, g.payout_id) from page g
				where g.nth = p_limit and exists (select from page o where o.nth > p_limit)))
	);
end
$$;

create function api.shop_payouts(p_session bytea, p_shop_id bigint, p_limit int, p_cursor text) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
	perform api.require(p_session, 'owner', p_shop_id);
	return api.payout_page(p_shop_id, p_limit, p_cursor);
end
$$;

create function api.payouts(p_session bytea, p_limit int, p_cursor text) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
	perform api.require(p_session, 'admin');
	return api.payout_page(null, p_limit, p_cursor);
end
$$;

-- An admin's decision, once: a refused one goes back to the shop.
create function api.decide_payout(p_session bytea, p_payout_id bigint, p_status text, p_note text) returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_account_id bigint := api.require(p_session, 'admin');
	v_payout market.payout;
	v_now timestamptz;
begin
	perform from market.payout t where t.payout_id = p_payout_id
	for no key update -- guard: payout
	;
	select * into v_payout from market.payout t where t.payout_id = p_payout_id;
	if v_payout.payout_id is null then
		perform api.refuse('not_found');
	elsif v_payout.status = p_status then
		perform api.refuse_unchanged('invalid_state', format('This payout is %s already.', p_status));
	elsif v_payout.status <> 'requested' then
		perform api.refuse('invalid_state', format('This payout is %s; it stays so.', v_payout.status));
	end if;
	v_now := market.clock();
	update market.payout t set status = p_status, note = nullif(p_note, ''), decided_at = v_now where t.payout_id = p_payout_id
	returning * into v_payout;
	if p_status = 'refused' then
		perform api.book_spending('payout', v_payout.shop_id, v_payout.payout_id, -v_payout.amount_cents, 'payout_refused', v_now);
	end if;
	perform api.mail_add('payout', p_payout_id::text, null, h.account_id, v_now, jsonb_build_object('shop_id', h.shop_id,
		'amount_cents', v_payout.amount_cents, 'is_paid', p_status = 'paid', 'is_refused', p_status = 'refused', 'note', nullif(p_note, '')))
	from market.shop h where h.shop_id = v_payout.shop_id;
	perform api.note_act(v_account_id, case p_status when 'paid' then 'pay_payout' else 'refuse_payout' end,
		format('payout %s of shop %s', v_payout.payout_id, v_payout.shop_id), nullif(p_note, ''));
	return api.payout_answer(v_payout);
end
$$;
