-- Balances: what a shop is owed. Orders and cancellations change them (checkout.sql, order.sql).

-- The first shipment of a shop that is not older than p_since; one beyond the last if there is none. Shipments of a shop get their numbers and times under the
-- lock of its balance, so both grow together: the number is found by halving, by a few dozen look-ups, however many there are. Callers ask in a sub-select, which
-- is evaluated once; beside a column it is evaluated for each row.
create function api.first_shipment_since(p_shop_id bigint, p_since timestamptz) returns bigint
language plpgsql stable as $$
declare
	v_low bigint := 0;
	v_high bigint;
	v_middle bigint;
	v_shipment_id bigint;
	v_at timestamptz;
begin
	select coalesce(max(p.shipment_id), 0) + 1 into v_high from market.shipment p where p.shop_id = p_shop_id;
	while v_low < v_high loop
		v_middle := (v_low + v_high) / 2;
		select p.shipment_id, p.created_at into v_shipment_id, v_at
		from market.shipment p
		where p.shop_id = p_shop_id and p.shipment_id >= v_middle
		order by p.shipment_id
		limit 1;
		if v_shipment_id is null or v_at >= p_since then
			v_high := v_middle;
		else
			v_low := v_shipment_id + 1;
		end if;
	end loop;
	return v_low;
end
$$;

-- What a shop sold since a time, or after a shipment that an earlier answer named: paid or not, cancelled orders apart. Of at most 20,000 shipments; `is_all`
-- says whether that was all, and `last_id` from where to go on. Nothing is missed: see api.first_shipment_since. `newest`: ten at most, with their buyers;
-- `sale`: the shop's present sale, as of the same moment.
create function api.sold_since(p_shop_id bigint, p_since timestamptz, p_after bigint) returns json
language sql stable
begin atomic
	with won as (
		select p.shipment_id, p.order_id, p.status, p.pairs, p.total_cents, p.created_at
		from market.shipment p
		where p.shop_id = p_shop_id and p.shipment_id >= (select coalesce(p_after + 1, api.first_shipment_since(p_shop_id, p_since)))
		order by p.shipment_id
		limit 20000
	), newest as (
		select s.* from won s where s.status <> 'cancelled' order by s.shipment_id desc limit 10
	)
	select json_build_object(
		'orders', count(*) filter (where s.status <> 'cancelled'),
		'pairs', coalesce(sum(s.pairs) filter (where s.status <> 'cancelled'), 0),
		'cents', coalesce(sum(s.total_cents) filter (where s.status <> 'cancelled'), 0),
		'last_id', coalesce(max(s.shipment_id), p_after, (select max(p.shipment_id) from market.shipment p where p.shop_id = p_shop_id), 0),
		'is_all', count(*) < 20000,
		'sale', (select f.answer from api.present_sale f where f.shop_id = p_shop_id),
		'newest', coalesce((
			select json_agg(json_build_object(
				'shipment_id', n.shipment_id,
				'order_id', n.order_id,
				'buyer', a.name,
				'delivery', o.delivery,
				'pairs', n.pairs,
				'total_cents', n.total_cents,
				'created_at', market.rfc3339(n.created_at)) order by n.shipment_id desc)
			from newest n
			join market.orders o on o.order_id = n.order_id
			join market.account a on a.account_id = o.account_id), '[]'))
	from won s;
end;

-- What a shop sold on each of the last days, in UTC, today the last; days without a sale are left out. Of the newest 200,000 shipments: a shop with more gets
-- fewer days, whole ones.
create function api.sold_by_day(p_shop_id bigint, p_days int) returns json
language sql stable
begin atomic
	with won as (
		select p.created_at, p.pairs, p.total_cents, p.status
		from market.shipment p
		where p.shop_id = p_shop_id and p.shipment_id >= (select api.first_shipment_since(p_shop_id,
			date_trunc('day', market.clock(), 'UTC') - make_interval(days => p_days - 1)))
		order by p.shipment_id desc
		limit 200000
	), days as (
		select date_trunc('day', s.created_at, 'UTC') as day, count(*) as orders, sum(s.pairs) as pairs, sum(s.total_cents) as cents
		from won s
		where s.status <> 'cancelled'
		group by 1
	)
	select coalesce(json_agg(json_build_object('day', to_char(d.day at time zone 'UTC', 'YYYY-MM-DD'), 'orders', d.orders, 'pairs', d.pairs, 'cents', d.cents)
		order by d.day), '[]')
	from days d
	where d.day > (select min(s.created_at) from won s) or (select count(*) from won s) < 200000;
end;

-- The shop's balance with its newest ledger entries: pending, what was won and is not paid; balance, what was paid, less the fee; available, what can be paid
-- out; and the terms: the marketplace's fee, and what the promotion tiers cost. (p_payout_days, p_fee_bps and p_tier_cents NULL: payments are off.)
-- `days`: only for p_days; `sold`: only for p_since, p_after or p_sale, which is since the present sale started.
create function api.shop_balance(p_session bytea, p_shop_id bigint, p_limit int, p_cursor text, p_payout_days int default null,
	p_fee_bps int default null, p_tier_cents bigint[] default null, p_days int default null, p_since timestamptz default null,
	p_after bigint default null, p_sale boolean default null) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_before bigint := coalesce(api.cursor_id(p_cursor, 'b'), 9223372036854775807);
begin
	perform api.require(p_session, 'owner', p_shop_id);
	return (
		with page as (
			select e.entry_id, row_number() over (order by e.entry_id desc) as nth, json_build_object(
				'entry_id', e.entry_id,
				'amount_cents', e.amount_cents,
				'gross_cents', e.amount_cents + e.fee_cents,
				'fee_cents', e.fee_cents,
				'net_cents', e.amount_cents,
				'pending_cents', e.pending_cents,
				'pairs', e.pairs,
				'reason', e.reason,
				'order_id', e.order_id,
				'created_at', market.rfc3339(e.at)) as answer
			from market.balance_ledger e
			where e.shop_id = p_shop_id and e.entry_id < v_before
			order by e.entry_id desc
			limit p_limit + 1
		)
		select json_build_object(
			'pending_cents', b.pending_cents,
			'balance_cents', b.balance_cents,
			'available_cents', case when p_payout_days is null then 0 else api.available_cents(p_shop_id, p_payout_days, market.clock()) end,
			'pairs_sold', b.pairs_sold,
			'fee_bps', p_fee_bps,
			'tiers', (select json_agg(json_build_object('tier', t.tier, 'price_cents', t.cents) order by t.tier)
				from unnest(p_tier_cents) with ordinality as t(cents, tier)),
			'days', case when p_days is not null then api.sold_by_day(p_shop_id, p_days) end,
			'sold', case when p_sale or p_since is not null or p_after is not null then api.sold_since(p_shop_id, case when p_sale
				then (select f.starts_at from api.present_sale f where f.shop_id = p_shop_id) else p_since end, p_after) end,
			'entries', coalesce((select json_agg(p.answer order by p.nth) from page p where p.nth <= p_limit), '[]'),
			'next', (select 'b' || max(p.entry_id) filter (where p.nth = p_limit) from page p having count(*) > p_limit))
		from market.balance b
		where b.shop_id = p_shop_id
	);
end
$$;
