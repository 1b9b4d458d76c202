-- Orders that go back: their pairs, discounts and cents, each counter through its ledger, once. For a cancellation (order.sql), and for what the state table of
-- payments says (payment.sql).

-- Locks an order of the account, after the account and before its shipments (a shop changes one shipment at a time and locks nothing after it), and returns it
-- as it is then; NULLs: there is none.
create function api.lock_order(p_order_id bigint, p_account_id bigint) returns market.orders
language plpgsql
set enable_seqscan = off set enable_mergejoin = off set enable_hashjoin = off as $$
declare
	v_order market.orders;
begin
	perform api.lock_account(p_account_id);
	perform from market.orders o where o.order_id = p_order_id and o.account_id = p_account_id
	for no key update -- guard: order
	;
	perform from market.shipment p
	where p.order_id = p_order_id
		and exists (select from market.orders o where o.order_id = p_order_id and o.account_id = p_account_id) -- not another's
	order by p.shop_id
	for no key update -- guard: shipment
	;
	select * into v_order from market.orders o where o.order_id = p_order_id and o.account_id = p_account_id;
	return v_order;
end
$$;

-- The locks of give_back_order: shops whose review by the account lapses, stock, sales, balances. Returns those shops. The order is locked. p_shop_id: only
-- its shipment goes back; NULL: all.
create function api.lock_returns(p_account_id bigint, p_order_id bigint, p_shop_id bigint default null) returns bigint[]
language plpgsql
set enable_seqscan = off set enable_mergejoin = off set enable_hashjoin = off as $$
declare
	v_reviewed_shop_ids bigint[] := api.lock_lapsing_reviews(p_account_id, p_order_id, p_shop_id);
begin
	perform from market.stock k
	join market.order_line i on i.shop_id = k.shop_id and i.listing_id = k.listing_id
	join market.shipment p on p.shop_id = i.shop_id and p.order_id = i.order_id
	where p.order_id = p_order_id and i.order_id = p_order_id and (p_shop_id is null or p.shop_id = p_shop_id)
	order by k.shop_id, k.listing_id
	for no key update of k;
	perform from market.sale f
	where (f.shop_id, f.sale_id) in (select i.shop_id, i.sale_id
		from market.shipment p
		join market.order_line i on i.shop_id = p.shop_id and i.order_id = p.order_id
		where p.order_id = p_order_id and (p_shop_id is null or p.shop_id = p_shop_id))
	order by f.shop_id, f.sale_id
	for no key update;
	perform from market.balance b
	where b.shop_id in (select p.shop_id from market.shipment p where p.order_id = p_order_id and (p_shop_id is null or p.shop_id = p_shop_id))
	order by b.shop_id
	for no key update;
	return v_reviewed_shop_ids;
end
$$;

-- Gives back what has not gone back yet of an order, or of p_shop_id's shipment alone. p_order: as it was before; all locks are had. A sold-out listing is in
-- stock again, unless it was withdrawn or is suspended.
create function api.give_back_order(p_order market.orders, p_shop_id bigint, p_reviewed_shop_ids bigint[], p_now timestamptz) returns void
language plpgsql
set enable_seqscan = off set enable_mergejoin = off set enable_hashjoin = off as $$
declare
	v_order_id bigint := p_order.order_id;
	v_is_earned boolean := coalesce(p_order.payment_status, 'paid') = 'paid';
	v_shop_ids bigint[];
begin
	perform api.lapse_reviews(p_order.account_id, p_reviewed_shop_ids);
	with cancelled as (
		update market.shipment p
		set status = 'cancelled', updated_at = p_now
		where p.order_id = v_order_id and (p_shop_id is null or p.shop_id = p_shop_id) and p.status <> 'cancelled'
		returning p.shop_id
	)
	select array_agg(c.shop_id) into v_shop_ids from cancelled c;

	with back as (
		insert into market.stock_entry (shop_id, listing_id, delta, reason, order_id, at)
		select i.shop_id, i.listing_id, i.quantity, 'cancelled', i.order_id, p_now
		from market.order_line i
		where i.shop_id = any(v_shop_ids) and i.order_id = v_order_id
		returning shop_id, listing_id, delta
	), stocked as (
		update market.stock k
		set available = k.available + b.delta
		from back b
		where k.shop_id = b.shop_id and k.listing_id = b.listing_id
		returning k.shop_id, k.listing_id
	)
	update market.listing l
	set in_stock = true
	from stocked s
	where l.shop_id = s.shop_id and l.listing_id = s.listing_id and l.withdrawn_at is null and not l.suspended and not l.in_stock;

	with back as (
		insert into market.discount_entry (shop_id, sale_id, delta, reason, order_id, at)
		select i.shop_id, i.sale_id, i.discounted, 'cancelled', i.order_id, p_now
		from market.order_line i
		where i.shop_id = any(v_shop_ids) and i.order_id = v_order_id and i.discounted > 0
		returning shop_id, sale_id, delta
	)
	update market.sale f
	set discounts_left = f.discounts_left + b.delta
	from (select b.shop_id, b.sale_id, sum(b.delta) as delta from back b group by b.shop_id, b.sale_id) b
	where f.shop_id = b.shop_id and f.sale_id = b.sale_id;

	update market.sale_share s -- where the sale has a limit for each account
	set pairs = s.pairs - i.pairs
	from (
		select i.shop_id, i.sale_id, sum(i.discounted) as pairs
		from market.order_line i
		where i.shop_id = any(v_shop_ids) and i.order_id = v_order_id and i.discounted > 0
		group by i.shop_id, i.sale_id
	) i
	where s.shop_id = i.shop_id and s.sale_id = i.sale_id and s.account_id = p_order.account_id;

	-- What the shop earned goes, or what it waited for: a shipment with a fee is earned by the payment, another by the sale itself.
	with back as (
		insert into market.balance_entry (shop_id, amount_cents, pairs, pending_cents, fee_cents, reason, order_id, at)
		select p.shop_id,
			case when w.is_pending then 0 else coalesce(p.fee_cents, 0) - p.total_cents end,
			case when w.is_pending then 0 else -p.pairs end,
			case when w.is_pending then -p.total_cents else 0 end,
			case when w.is_pending then 0 else -coalesce(p.fee_cents, 0) end,
			case when w.is_pending then 'lapsed' else 'cancelled' end, p.order_id, p_now
		from market.shipment p
		cross join lateral (select p.fee_bps is not null and not v_is_earned) as w(is_pending)
		where p.order_id = v_order_id and p.shop_id = any(v_shop_ids)
		returning shop_id, amount_cents, pairs, pending_cents
	)
	update market.balance b
	set balance_cents = b.balance_cents + e.amount_cents, pairs_sold = b.pairs_sold + e.pairs, pending_cents = b.pending_cents + e.pending_cents
	from back e
	where b.shop_id = e.shop_id;

	if not exists (select from market.shipment p where p.order_id = v_order_id and p.status <> 'cancelled') then
		update market.orders
		set status = 'cancelled', cancelled_at = p_now,
			payment_status = case when payment_status is null then null else 'void' end, closing_reason = null
		where order_id = v_order_id;
	end if;
end
$$;
