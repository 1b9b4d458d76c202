-- The money of payments, in double entry (market.money_entry), with the counters of the shops (market.balance) through their ledger. The caller has
-- locked the order, its shipments, and what api.lock_earnings or api.lock_returns locks.

-- The locks of book_earnings: shops whose review by the account counts again, and balances. Returns those shops.
create function api.lock_earnings(p_order market.orders) returns bigint[]
language plpgsql
set enable_seqscan = off set enable_mergejoin = off set enable_hashjoin = off as $$
declare
	v_shop_ids bigint[] := array(
		select r.shop_id
		from market.shipment p
		join market.review r on r.shop_id = p.shop_id and r.account_id = p_order.account_id
		where p.order_id = p_order.order_id and r.lapsed);
begin
	perform from market.shop h where h.shop_id = any(v_shop_ids) order by h.shop_id for no key update;
	perform from market.balance b
	where b.shop_id in (select p.shop_id from market.shipment p where p.order_id = p_order.order_id)
	order by b.shop_id
	for no key update;
	return v_shop_ids;
end
$$;

-- The shops earned what was charged, less the fee that was fixed at checkout.
create function api.book_earnings(p_order market.orders, p_reviewed_shop_ids bigint[], p_payment_intent text, p_now timestamptz) returns void
language plpgsql
set enable_seqscan = off set enable_mergejoin = off set enable_hashjoin = off as $$
begin
	insert into market.money_entry (account, shop_id, order_id, amount_cents, reason, reference, at)
	select 'provider', null, p_order.order_id, -p_order.total_cents, 'paid', p_payment_intent, p_now
	union all
	select e.account, p.shop_id, p.order_id, e.amount_cents, 'paid', p_payment_intent, p_now
	from market.shipment p
	cross join lateral (values ('shop', p.total_cents - p.fee_cents), ('fee', p.fee_cents)) as e(account, amount_cents)
	where p.order_id = p_order.order_id;

	with earned as (
		insert into market.balance_entry (shop_id, amount_cents, pairs, pending_cents, fee_cents, reason, order_id, at)
		select p.shop_id, p.total_cents - p.fee_cents, p.pairs, -p.total_cents, p.fee_cents, 'paid', p.order_id, p_now
		from market.shipment p
		where p.order_id = p_order.order_id
		returning shop_id, amount_cents, pairs, pending_cents
	)
	update market.balance b
	set balance_cents = b.balance_cents + e.amount_cents, pairs_sold = b.pairs_sold + e.pairs, pending_cents = b.pending_cents + e.pending_cents
	from earned e
	where b.shop_id = e.shop_id;
	if p_reviewed_shop_ids <> '{}' then
		perform api.restore_account_reviews(p_order.account_id, p_reviewed_shop_ids);
	end if;
end
$$;

-- What was charged is the buyer's.
create function api.book_debt(p_order market.orders, p_amount_cents bigint, p_payment_intent text, p_now timestamptz) returns void
language sql
begin atomic
	insert into market.money_entry (account, order_id, amount_cents, reason, reference, at)
	values ('provider', (p_order).order_id, -p_amount_cents, 'extra', p_payment_intent, p_now),
		('owed', (p_order).order_id, p_amount_cents, 'extra', p_payment_intent, p_now);
end;

-- Takes back from the shops what they earned by the shipments that go back now (p_shop_id NULL: all that did not before): the entries, negated.
create function api.book_return(p_order market.orders, p_shop_id bigint, p_now timestamptz) returns void
language sql
begin atomic
	insert into market.money_entry (account, shop_id, order_id, amount_cents, reason, at)
	select e.account, case when e.account <> 'owed' then p.shop_id end, p.order_id, e.amount_cents, 'cancelled', p_now
	from market.shipment p
	cross join lateral (values ('shop', p.fee_cents - p.total_cents), ('fee', -p.fee_cents), ('owed', p.total_cents)) as e(account, amount_cents)
	where p.order_id = (p_order).order_id and (p_shop_id is null or p.shop_id = p_shop_id) and p.status <> 'cancelled' and p.fee_bps is not null;
end;

-- A refund happened (p_sign 1), or failed after it had (-1).
create function api.book_refund(p_refund market.payment_refund, p_sign int, p_now timestamptz) returns void
language sql
begin atomic
	insert into market.money_entry (account, order_id, amount_cents, reason, reference, at)
	select e.account, (p_refund).order_id, e.amount_cents, case p_sign when 1 then 'refunded' else 'refund_failed' end, (p_refund).payment_intent, p_now
	from (values ('provider', p_sign * (p_refund).amount_cents), ('owed', -p_sign * (p_refund).amount_cents)) as e(account, amount_cents);
	update market.orders o set refunded_cents = o.refunded_cents + p_sign * (p_refund).amount_cents where o.order_id = (p_refund).order_id;
end;

-- Whether every charge of the order has gone back.
create function api.is_all_refunded(p_order_id bigint) returns boolean
language sql stable
begin atomic
	select not exists (
		select from market.payment_charge c
		where c.order_id = p_order_id and c.amount_cents <> coalesce((
			select sum(r.amount_cents) from market.payment_refund r where r.payment_intent = c.payment_intent and r.status = 'succeeded'), 0));
end;

-- Asks the provider, by the outbox, for the refunds that are missing: a new row, so a new key, for each. p_payment_intent: of this charge only; NULL: of all.
create function api.ask_refunds(p_order_id bigint, p_payment_intent text, p_now timestamptz) returns void
language plpgsql as $$
declare
	v_refund record;
	v_number int;
	v_outbox_id bigint;
begin
	for v_refund in
		select m.payment_intent, m.amount_cents from api.payment_missing_refunds(p_order_id) m
		where m.payment_intent = coalesce(p_payment_intent, m.payment_intent) order by m.payment_intent
	loop
		select coalesce(max(r.number), 0) + 1 into v_number from market.payment_refund r where r.order_id = p_order_id;
		v_outbox_id := api.outbox_add('refund', format('%s/%s', p_order_id, v_number),
			api.form_text('payment_intent', v_refund.payment_intent, 'amount', v_refund.amount_cents::text,
				'metadata[order_id]', p_order_id::text, 'metadata[number]', v_number::text), p_order_id, null, p_now);
		insert into market.payment_refund (order_id, number, payment_intent, outbox_id, amount_cents, asked_at)
		values (p_order_id, v_number, v_refund.payment_intent, v_outbox_id, v_refund.amount_cents, p_now);
	end loop;
end
$$;
