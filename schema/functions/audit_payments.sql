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

-- Orders that were placed with payments on: money, charges, refunds and pages say the same as the state.
create function api.audit_payments(p_after bigint, p_upto bigint) returns table (name text, key bigint)
language sql stable
begin atomic
	with o as materialized (
		select o.order_id, o.status, o.payment_status, o.payment_flag, o.total_cents, o.refunded_cents, o.due_at
		from market.orders o where o.order_id > p_after and o.order_id <= p_upto and o.payment_status is not null
	), m as materialized (
		select m.order_id, sum(m.amount_cents) as total, coalesce(sum(m.amount_cents) filter (where m.account = 'provider'), 0) as provider,
			coalesce(sum(m.amount_cents) filter (where m.account = 'owed'), 0) as owed,
			coalesce(sum(m.amount_cents) filter (where m.account = 'shop'), 0) as shop,
			coalesce(sum(m.amount_cents) filter (where m.account = 'fee'), 0) as fee
		from market.money_entry m where m.order_id > p_after and m.order_id <= p_upto
		group by m.order_id
	), c as materialized (
		select c.order_id, sum(c.amount_cents) as charged, sum(c.amount_cents) filter (where not c.is_extra) as wanted,
			count(*) filter (where not c.is_extra) as wanted_charges
		from market.payment_charge c where c.order_id > p_after and c.order_id <= p_upto
		group by c.order_id
	), r as materialized (
		select r.order_id, coalesce(sum(r.amount_cents) filter (where r.status = 'succeeded'), 0) as refunded
		from market.payment_refund r where r.order_id > p_after and r.order_id <= p_upto
		group by r.order_id
	), p as materialized (
		select p.order_id, coalesce(sum(p.total_cents - p.fee_cents) filter (where p.status <> 'cancelled'), 0) as net,
			coalesce(sum(p.fee_cents) filter (where p.status <> 'cancelled'), 0) as fee
		from market.shipment p where p.order_id > p_after and p.order_id <= p_upto and p.fee_cents is not null
		group by p.order_id
	)
	select 'the money of an order sums up to nothing', m.order_id from m where m.total <> 0
	union all
	select 'money is where the payment of its order says', coalesce(o.order_id, m.order_id)
	from o
	full join m on m.order_id = o.order_id
	left join c on c.order_id = o.order_id
	left join r on r.order_id = o.order_id
	left join p on p.order_id = o.order_id
	where o.order_id is null
		or coalesce(m.provider, 0) <> coalesce(r.refunded, 0) - coalesce(c.charged, 0)
		or coalesce(m.shop, 0) <> case when o.payment_status = 'paid' then coalesce(p.net, 0) else 0 end
		or coalesce(m.fee, 0) <> case when o.payment_status = 'paid' then coalesce(p.fee, 0) else 0 end
		or o.refunded_cents <> coalesce(r.refunded, 0)
	union all
	select 'an order is sold, owed or given back as its payment says', o.order_id
	from o
	left join m on m.order_id = o.order_id
	left join c on c.order_id = o.order_id
	where case o.payment_status
		when 'paid' then o.total_cents > 0 and (c.wanted is distinct from o.total_cents or c.wanted_charges is distinct from 1)
		when 'refund_due' then coalesce(m.owed, 0) <= 0
		when 'refunded' then coalesce(m.owed, 0) <> 0 or c.charged is null
		else c.charged is not null end
	union all
	select 'refunds are asked for or flagged', o.order_id
	from o
	where o.payment_flag is null and exists (select from api.payment_missing_refunds(o.order_id))
	union all
	select 'an order that waits to be paid has a deadline', o.order_id
	from o
	where o.payment_status in ('due', 'open') and not exists (
		select from market.payment_deadline d
		where d.due_at = o.due_at and d.first_order_id <= o.order_id and d.last_order_id >= o.order_id)
	union all
	select 'one open page for each payment', o.order_id
	from o
	cross join lateral (
		select count(*) as pages, count(*) filter (where e.outbox_id is not null) as ending
		from market.payment_session s
		left join market.outbox e on e.kind = 'expire' and e.subject = format('%s/%s', s.order_id, s.number) and e.done_at is null
		where s.order_id = o.order_id and s.state in ('creating', 'open')) s
	where case when o.payment_status in ('open', 'closing') then s.pages <> 1 else s.pages > s.ending end
		or o.payment_status = 'closing' and s.ending = 0;
end;
