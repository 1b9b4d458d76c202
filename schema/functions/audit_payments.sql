-- The audit of payments and their money; see audit.sql.

-- What has to go back of each charge and has no refund that is under way or done: all of it if the order is cancelled or did not ask for it, else what the
-- cancelled shipments cost. api.ask_refunds goes by it too.
create function api.payment_missing_refunds(p_order_id bigint) returns table (payment_intent text, amount_cents bigint)
language sql stable
begin atomic
	select c.payment_intent, w.amount_cents - coalesce(r.amount_cents, 0)
	from market.payment_charge c
	join market.orders o on o.order_id = c.order_id
	left join lateral (
		select sum(r.amount_cents)::bigint as amount_cents from market.payment_refund r
		where r.payment_intent = c.payment_intent and r.status not in ('failed', 'refused')) r on true
	cross join lateral (select case when c.is_extra or o.status = 'cancelled' then c.amount_cents else coalesce((
		select sum(p.total_cents)::bigint from market.shipment p where p.order_id = c.order_id and p.status = 'cancelled'), 0) end) as w(amount_cents)
	where c.order_id = p_order_id and w.amount_cents > coalesce(r.amount_cents, 0);
end;

-- Orders that were placed with payments on: money, charges, refunds and pages say the same as the state. All facts of an order are gathered by one
-- aggregate and not by joins: the planner does not know how many there are, and its nested loops grew with the square (5,000 orders took 1.5 s).
create function api.audit_payments(p_after bigint, p_upto bigint) returns table (name text, key bigint)
language sql stable
begin atomic
	with fact as (
		select o.order_id, o.payment_status, o.payment_flag, o.total_cents, o.refunded_cents, o.due_at, null::text as account,
			null::bigint as money, null::bigint as charged, null::bigint as wanted, null::bigint as given_back, null::bigint as net, null::bigint as kept,
			null::int as page, null::int as ending
		from market.orders o where o.order_id > p_after and o.order_id <= p_upto and o.payment_status is not null
		union all
		select m.order_id, null, null, null, null, null, m.account, m.amount_cents, null, null, null, null, null, null, null
		from market.money_entry m where m.order_id > p_after and m.order_id <= p_upto
		union all
		select c.order_id, null, null, null, null, null, null, null, c.amount_cents, case when not c.is_extra then c.amount_cents end,
			null, null, null, null, null
		from market.payment_charge c where c.order_id > p_after and c.order_id <= p_upto
		union all
		select r.order_id, null, null, null, null, null, null, null, null, null, r.amount_cents, null, null, null, null
		from market.payment_refund r where r.order_id > p_after and r.order_id <= p_upto and r.status = 'succeeded'
		union all
		select p.order_id, null, null, null, null, null, null, null, null, null, null, p.total_cents - p.fee_cents, p.fee_cents, null, null
		from market.shipment p where p.order_id > p_after and p.order_id <= p_upto and p.fee_cents is not null and p.status <> 'cancelled'
		union all
		select s.order_id, null, null, null, null, null, null, null, null, null, null, null, null, 1, case when e.outbox_id is not null then 1 end
		from market.payment_session s
		left join market.outbox e on e.kind = 'expire' and e.subject = format('%s/%s', s.order_id, s.number) and e.done_at is null
		where s.order_id > p_after and s.order_id <= p_upto and s.state in ('creating', 'open')
	), o as materialized (
		select f.order_id, max(f.payment_status) as payment_status, max(f.payment_flag) as payment_flag, max(f.total_cents) as total_cents,
			max(f.refunded_cents) as refunded_cents, max(f.due_at) as due_at, coalesce(sum(f.money), 0) as money, count(f.account) > 0 as has_money,
			coalesce(sum(f.money) filter (where f.account = 'provider'), 0) as provider,
			coalesce(sum(f.money) filter (where f.account = 'owed'), 0) as owed,
			coalesce(sum(f.money) filter (where f.account = 'shop'), 0) as shop,
			coalesce(sum(f.money) filter (where f.account = 'fee'), 0) as fee,
			sum(f.charged) as charged, sum(f.wanted) as wanted, count(f.wanted) as wanted_charges, coalesce(sum(f.given_back), 0) as given_back,
			coalesce(sum(f.net), 0) as net, coalesce(sum(f.kept), 0) as kept, count(f.page) as pages, count(f.ending) as ending
		from fact f
		group by f.order_id
	)
	select 'the money of an order sums up to nothing', o.order_id from o where o.money <> 0
	union all
	select 'money is where the payment of its order says', o.order_id
	from o
	where case when o.payment_status is null then o.has_money
		else o.provider <> o.given_back - coalesce(o.charged, 0)
			or o.shop <> case when o.payment_status = 'paid' then o.net else 0 end
			or o.fee <> case when o.payment_status = 'paid' then o.kept else 0 end
			or o.refunded_cents <> o.given_back end
	union all
	select 'an order is sold, owed or given back as its payment says', o.order_id
	from o
	where o.payment_status is not null and case o.payment_status
		when 'paid' then o.total_cents > 0 and (o.wanted is distinct from o.total_cents or o.wanted_charges <> 1)
		when 'refund_due' then o.owed <= 0
		when 'refunded' then o.owed <> 0 or o.charged is null
		else o.charged is not null end
	union all
	select 'refunds are asked for or flagged', o.order_id
	from o
	where o.payment_status is not null and o.payment_flag is null and o.charged is not null
		and exists (select from api.payment_missing_refunds(o.order_id))
	union all
	select 'an order that waits to be paid has a deadline', o.order_id
	from o
	where o.payment_status in ('due', 'open') and not exists (
		select from market.payment_deadline d
		where d.due_at = o.due_at and d.first_order_id <= o.order_id and d.last_order_id >= o.order_id)
	union all
	select 'one open page for each payment', o.order_id
	from o
	where o.payment_status is not null
		and (case when o.payment_status in ('open', 'closing') then o.pages <> 1 else o.pages > o.ending end
			or o.payment_status = 'closing' and o.ending = 0);
end;
