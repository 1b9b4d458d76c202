-- The audit: every invariant of the marketplace with its count of violations. Functions of this file return one row for each violation, with the
-- key of what violates: those of audit_orders an order_id, of audit_listings a listing_id, and so on. They look at the keys in (p_after, p_upto],
-- so that audit_step.sql can go through a large marketplace in small steps; api.audit_rows goes through all of it in one snapshot, and may run while
-- the shops are open. The planner inlines them, so each call is planned for its range. An order line is held to the prices that it stores, never to
-- today's rule (market.sale_price).

-- Counters and their ledgers, from the ledgers' first entry on. (api.audit_stock and api.audit_money find the same without reading what was
-- summed up before.)
create function api.audit_ledgers() returns table (name text, violations bigint)
language sql stable
begin atomic
	select 'stock equals its ledger', count(*)
	from market.stock k
	full join (select e.shop_id, e.listing_id, sum(e.delta) as total from market.stock_ledger e group by e.shop_id, e.listing_id) e
		on e.shop_id = k.shop_id and e.listing_id = k.listing_id
	where k.available + k.held is distinct from e.total
	union all
	select 'no stock ledger below zero at any time', count(*)
	from (select sum(e.delta) over (partition by e.shop_id, e.listing_id order by e.entry_id) as level from market.stock_ledger e) e
	where e.level < 0
	union all
	select 'discounts left equal their ledger', count(*)
	from market.sale f
	full join (select e.shop_id, e.sale_id, sum(e.delta) as total from market.discount_ledger e group by e.shop_id, e.sale_id) e
		on e.shop_id = f.shop_id and e.sale_id = f.sale_id
	where f.discounts_left is distinct from e.total
	union all
	select 'balances equal their ledger', count(*)
	from market.balance b
	full join (select e.shop_id, sum(e.amount_cents) as amount, sum(e.pairs) as pairs, sum(e.pending_cents) as pending
		from market.balance_ledger e group by e.shop_id) e
		on e.shop_id = b.shop_id
	where b.balance_cents is distinct from coalesce(e.amount, 0) or b.pairs_sold is distinct from coalesce(e.pairs, 0)
		or b.pending_cents is distinct from coalesce(e.pending, 0)
	union all
	select 'all money sums up to nothing', (coalesce(sum(m.amount_cents), 0) <> 0)::int::bigint from market.money_entry m;
end;

-- Orders: their lines, and what they moved in stock, discounts and balances. p_whole: lines are read from end to end, which also finds one of an order
-- that has no shipment of that shop; else by the keys of the shipments.
create function api.audit_orders(p_after bigint, p_upto bigint, p_whole boolean) returns table (name text, key bigint)
language sql stable
begin atomic
	with o as materialized (
		select o.order_id, o.account_id, o.status, o.total_cents, o.discount_cents, o.created_at, o.payment_status
		from market.orders o where o.order_id > p_after and o.order_id <= p_upto
	), p as materialized (
		select p.shop_id, p.shipment_id, p.order_id, p.status, p.total_cents, p.shipping_cents, p.pairs, p.fee_cents, o.status as order_status,
			o.payment_status, o.account_id as buyer_id, o.created_at
		from market.shipment p
		left join o on o.order_id = p.order_id
		where p.order_id > p_after and p.order_id <= p_upto
	), i as materialized (
		select i.shop_id, i.order_id, i.listing_id, i.shipment_id, i.quantity, i.discounted, i.sale_id, i.price_cents, i.discounted_price_cents,
			i.total_cents, p.order_status, p.status, p.created_at, i.shipment_id = p.shipment_id as is_sent
		from p join market.order_line i on i.shop_id = p.shop_id and i.order_id = p.order_id
		where not p_whole
		union all
		select i.shop_id, i.order_id, i.listing_id, i.shipment_id, i.quantity, i.discounted, i.sale_id, i.price_cents, i.discounted_price_cents,
			i.total_cents, o.status, p.status, o.created_at, p.shipment_id is not null
		from market.order_line i
		left join o on o.order_id = i.order_id
		left join p on p.shop_id = i.shop_id and p.shipment_id = i.shipment_id and p.order_id = i.order_id
		where p_whole and i.order_id > p_after and i.order_id <= p_upto
	)
	select 'order totals equal their lines and shipping', coalesce(o.order_id, i.order_id)
	from o
	left join (select p.order_id, sum(p.shipping_cents) as shipping from p group by p.order_id) p on p.order_id = o.order_id
	full join (
		select i.order_id, sum(i.total_cents) as total, sum(i.price_cents * i.quantity - i.total_cents) as discount
		from i
		group by i.order_id) i on i.order_id = o.order_id
	where o.total_cents is distinct from i.total + p.shipping or o.discount_cents is distinct from i.discount
	union all
	select 'lines cost what their prices say', i.order_id
	from i
	where i.total_cents <> i.price_cents * (i.quantity - i.discounted) + i.discounted * coalesce(i.discounted_price_cents, 0)
		or (i.discounted > 0) <> (i.discounted_price_cents is not null)
	union all
	select 'pairs of cancelled orders went back, and only those', coalesce(i.order_id, e.order_id)
	from (select i.shop_id, i.order_id, i.listing_id, i.quantity from i where i.status = 'cancelled') i
	full join (select e.shop_id, e.order_id, e.listing_id, e.delta from market.stock_entry e
		where e.reason = 'cancelled' and e.order_id > p_after and e.order_id <= p_upto) e
		on e.shop_id = i.shop_id and e.order_id = i.order_id and e.listing_id = i.listing_id
	where i.quantity is distinct from e.delta
	union all
	select 'discounts of cancelled orders went back, and only those', coalesce(i.order_id, e.order_id)
	from (select i.shop_id, i.order_id, i.sale_id, sum(i.discounted) as pairs
		from i
		where i.discounted > 0 and i.status = 'cancelled'
		group by i.shop_id, i.order_id, i.sale_id) i
	full join (select e.shop_id, e.order_id, e.sale_id, sum(e.delta) as pairs from market.discount_entry e
		where e.reason = 'cancelled' and e.order_id > p_after and e.order_id <= p_upto
		group by e.shop_id, e.order_id, e.sale_id) e
		on e.shop_id = i.shop_id and e.order_id = i.order_id and e.sale_id = i.sale_id
	where i.pairs is distinct from e.pairs
	union all
	select 'no discount after the end of its sale', i.order_id
	from i
	where i.sale_id is not null and exists (select from market.sale f
		where f.shop_id = i.shop_id and f.sale_id = i.sale_id and (i.created_at < f.starts_at or i.created_at >= f.ends_at)
		offset 0)
	union all
	select 'balances follow the payments and cancellations of orders', coalesce(p.order_id, e.order_id)
	from (
		select p.shop_id, p.order_id, case when w.was_earned then p.total_cents - coalesce(p.fee_cents, 0) end as amount,
			case when w.was_earned then p.pairs end as pairs, case when w.was_pending then p.total_cents end as pending, p.fee_cents is null as is_taken_back
		from p
		cross join lateral (select
			case when p.fee_cents is null then p.status = 'cancelled' else p.payment_status = 'paid' and p.status <> 'cancelled' end as was_earned,
			p.fee_cents is not null and p.payment_status not in ('due', 'open', 'closing') as was_pending) w
	) p
	full join (select e.shop_id, e.order_id, sum(e.amount_cents) as amount, sum(e.pairs) as pairs, sum(e.pending_cents) as pending from market.balance_entry e
		where e.order_id > p_after and e.order_id <= p_upto
		group by e.shop_id, e.order_id) e on e.shop_id = p.shop_id and e.order_id = p.order_id
	where p.order_id is null or coalesce(e.amount, 0) <> coalesce(case when p.is_taken_back then -p.amount else p.amount end, 0)
		or coalesce(e.pairs, 0) <> coalesce(case when p.is_taken_back then -p.pairs else p.pairs end, 0)
		or coalesce(e.pending, 0) <> coalesce(-p.pending, 0)
	union all
	select 'every line is in a shipment of its order', i.order_id from i where not i.is_sent or i.order_status is null
	union all
	select 'every shipment is of an order, and earned what its lines and shipping say', a.order_id -- (summed up instead of joined: no plan of it can be slow)
	from (
		select p.shop_id, p.order_id, p.shipment_id, p.total_cents - p.shipping_cents as total_cents, p.pairs, 1 as shipments, (p.order_status is null)::int as lost from p
		union all
		select i.shop_id, i.order_id, i.shipment_id, -i.total_cents, -i.quantity, 0, 0 from i
	) a
	group by a.shop_id, a.order_id, a.shipment_id
	having sum(a.shipments) > 0 and (sum(a.total_cents) <> 0 or sum(a.pairs) <> 0 or count(*) = 1 or sum(a.lost) > 0)
	union all
	select 'shipments are cancelled with their order', p.order_id
	from p
	where p.order_status = 'cancelled' and p.status <> 'cancelled'
		or p.order_status <> 'cancelled' and p.status = 'cancelled' and p.payment_status is distinct from 'paid'
	union all
	select 'no account bought in its own shop', p.order_id
	from p
	where p.buyer_id = (select h.account_id from market.shop h where h.shop_id = p.shop_id);
end;

-- Listings, their stock and their reservations.
create function api.audit_listings(p_after bigint, p_upto bigint) returns table (name text, key bigint)
language sql stable
begin atomic
	with l as materialized (
		select l.*, k.available, k.held, h.account_id as owner_id, h.promotion_tier as tier, h.suspended as shop_suspended,
			s.brand_key as shoe_brand_key, s.color as shoe_color
		from market.listing l
		left join market.stock k on k.shop_id = l.shop_id and k.listing_id = l.listing_id
		left join market.shop h on h.shop_id = l.shop_id
		left join market.shoe s on s.shoe_id = l.shoe_id
		where l.listing_id > p_after and l.listing_id <= p_upto
	), r as materialized (
		select r.shop_id, r.listing_id, r.account_id from market.reservation r where r.listing_id > p_after and r.listing_id <= p_upto
	)
	select 'no stock below zero', l.listing_id from l where l.available < 0 or l.held < 0
	union all
	select 'every listing has stock', l.listing_id from l where l.available is null
	union all
	select 'in stock is said where pairs are left, not withdrawn and not suspended', l.listing_id
	from l
	where l.in_stock <> (l.available > 0 and l.withdrawn_at is null and not l.suspended)
	union all
	select 'pairs held equal the reservations', coalesce(l.listing_id, r.listing_id)
	from l
	full join (select r.shop_id, r.listing_id, count(*) as holds from r group by r.shop_id, r.listing_id) r
		on r.shop_id = l.shop_id and r.listing_id = l.listing_id
	where coalesce(l.held, 0) <> coalesce(r.holds, 0)
	union all
	select 'no account holds a pair of its own shop, or one withdrawn or suspended', l.listing_id
	from r
	join l on l.shop_id = r.shop_id and l.listing_id = r.listing_id
	where l.owner_id = r.account_id or l.withdrawn_at is not null or l.suspended
	union all
	select 'listings carry the brand and colour of their shoe', l.listing_id
	from l
	where l.brand_key is distinct from l.shoe_brand_key or l.color is distinct from l.shoe_color
	union all
	select 'listings carry the tier of their shop', l.listing_id from l where l.promotion_tier <> l.tier
	union all
	select 'listings carry their suspension and that of their shop', l.listing_id
	from l
	where l.suspended <> (l.shop_suspended or exists (select from market.suspension s where s.shop_id = l.shop_id and s.listing_id = l.listing_id));
end;

-- Shops, their sales, their reviews and their slots.
create function api.audit_shops(p_after bigint, p_upto bigint) returns table (name text, key bigint)
language sql stable
begin atomic
	with h as materialized (
		select h.* from market.shop h where h.shop_id > p_after and h.shop_id <= p_upto
	), f as materialized (
		select f.* from market.sale f where f.shop_id > p_after and f.shop_id <= p_upto
	), r as materialized (
		select r.shop_id, r.account_id, r.rating, r.lapsed from market.review r where r.shop_id > p_after and r.shop_id <= p_upto
	), b as materialized (
		select b.shop_id, b.slot_id, b.booked_at from market.appointment b where b.shop_id > p_after and b.shop_id <= p_upto
	), s as materialized (
		select s.shop_id, s.slot_id, s.station, s.starts_at, s.ends_at from market.slot s where s.shop_id > p_after and s.shop_id <= p_upto
	)
	select 'shops carry their suspension', h.shop_id
	from h where h.suspended <> exists (select from market.suspension s where s.shop_id = h.shop_id and s.listing_id = 0)
	union all
	select 'one shop for each account', h.shop_id
	from h where exists (select from market.shop o where o.account_id = h.account_id and o.shop_id < h.shop_id)
	union all
	select 'one shop for each name', h.shop_id
	from h
	where h.name_key <> market.fold(h.name) or exists (select from market.shop o where o.name_key = h.name_key and o.shop_id < h.shop_id)
	union all
	select 'every shop has a balance', coalesce(h.shop_id, b.shop_id)
	from h
	full join (select b.shop_id from market.balance b where b.shop_id > p_after and b.shop_id <= p_upto) b on b.shop_id = h.shop_id
	where h.shop_id is null or b.shop_id is null
	union all
	select 'discounts left between zero and all', f.shop_id from f where f.discounts_left not between 0 and f.discounts
	union all
	select 'discounts start with what the sale gives', f.shop_id
	from f
	where f.discounts is distinct from (
		select sum(e.delta) from market.discount_entry e
		where e.shop_id = f.shop_id and e.sale_id = f.sale_id and e.reason = 'started')
	union all
	select 'discounts of accounts are those of their sale, and no more than it gives to each', f.shop_id
	from f
	cross join lateral (select coalesce(sum(s.pairs), 0) as pairs, max(s.pairs) as most
		from market.sale_share s where s.shop_id = f.shop_id and s.sale_id = f.sale_id) s
	where s.most > f.per_account or s.pairs <> f.discounts - f.discounts_left and f.per_account is not null
	union all
	select 'one present sale for each shop', f.shop_id from f where f.replaced_at is null group by f.shop_id having count(*) > 1
	union all
	select 'ratings equal the reviews', h.shop_id
	from h
	left join (select r.shop_id, sum(r.rating) as total, count(*) as number from r where not r.lapsed group by r.shop_id) r
		on r.shop_id = h.shop_id
	where h.rating_sum <> coalesce(r.total, 0) or h.review_count <> coalesce(r.number, 0)
	union all
	select 'one review for each account and shop', r.shop_id from r group by r.shop_id, r.account_id having count(*) > 1
	union all
	select 'only buyers reviewed', r.shop_id
	from r
	where not exists (
		select from market.orders o
		join market.shipment p on p.order_id = o.order_id and p.shop_id = r.shop_id
		where o.account_id = r.account_id)
	union all
	select 'reviews count while their account has an order there that is not cancelled', r.shop_id
	from r
	where r.lapsed = exists (
		select from market.orders o
		join market.shipment p on p.order_id = o.order_id and p.shop_id = r.shop_id
		where o.account_id = r.account_id and api.is_sold(o.status, o.payment_status) and p.status <> 'cancelled')
	union all
	select 'accounts with a lapsed review are marked', r.shop_id
	from r
	where r.lapsed and not exists (select from market.cart c where c.account_id = r.account_id and c.has_lapsed_review)
	union all
	select 'promotion tiers equal what was asked for', h.shop_id
	from h
	where h.promotion_tier <> coalesce((select max(p.tier) from market.promotion p where p.shop_id = h.shop_id), 0)
	union all
	select 'payouts and tiers equal their entries', h.shop_id
	from h
	where coalesce((select sum(m.amount_cents) from market.money_entry m where m.shop_id = h.shop_id and m.account = 'payout'), 0)
			<> coalesce((select sum(t.amount_cents) from market.payout t where t.shop_id = h.shop_id and t.status <> 'refused'), 0)
		or coalesce((select sum(m.amount_cents) from market.money_entry m where m.shop_id = h.shop_id and m.account = 'promotion'), 0)
			<> coalesce((select sum(r.cents) from market.promotion r where r.shop_id = h.shop_id), 0)
	union all
	select 'verified is what an admin decided', h.shop_id
	from h
	left join market.verification v on v.shop_id = h.shop_id
	where h.verified <> (coalesce(v.status, 'none') = 'verified')
	union all
	select 'slots of a station never overlap', s.shop_id
	from (
		select s.shop_id, s.starts_at, max(s.ends_at) over (partition by s.shop_id, market.fold(s.station) order by s.starts_at, s.slot_id
			rows between unbounded preceding and 1 preceding) as busy_until
		from s
	) s
	where s.starts_at < s.busy_until
	union all
	select 'one appointment for each slot', b.shop_id from b group by b.shop_id, b.slot_id having count(*) > 1
	union all
	select 'every appointment was made for a slot that was still to come', b.shop_id
	from b
	left join s on s.shop_id = b.shop_id and s.slot_id = b.slot_id
	where s.slot_id is null or b.booked_at >= s.starts_at;
end;

-- Accounts: what each has once. An order belongs to one account, and so do the kept answers that name it.
create function api.audit_accounts(p_after bigint, p_upto bigint) returns table (name text, key bigint)
language sql stable
begin atomic
	with a as materialized (
		select a.account_id, a.email, a.email_key from market.account a where a.account_id > p_after and a.account_id <= p_upto
	), kept as materialized ( -- the orders that kept answers name
		select k.account_id, (k.answer::json ->> 'order_id')::bigint as order_id,
			k.answer::json ->> 'status' = 'placed' and coalesce(k.answer::json -> 'payment' ->> 'status', 'due') in ('due', 'paid') as is_new
		from market.idempotency k
		where k.account_id > p_after and k.account_id <= p_upto and k.answer like '{"order_id"%'
	), w as materialized (
		select w.account_id, w.shoe_id from market.wish w where w.account_id > p_after and w.account_id <= p_upto
	), f as materialized (
		select f.* from market.friendship f where f.low_account_id > p_after and f.low_account_id <= p_upto
	)
	select 'one account for each e-mail', a.account_id
	from a
	where a.email_key <> market.email_key(a.email) or exists (select from market.account o where o.email_key = a.email_key and o.account_id < a.account_id)
	union all
	select 'every account has a cart', coalesce(a.account_id, c.account_id)
	from a
	full join (select c.account_id from market.cart c where c.account_id > p_after and c.account_id <= p_upto) c on c.account_id = a.account_id
	where a.account_id is null or c.account_id is null
	union all
	select 'one answer for each key', k.account_id
	from (
		select k.account_id, k.key from market.idempotency k where k.account_id > p_after and k.account_id <= p_upto
		union all
		select o.account_id, o.key from market.orders o where o.account_id > p_after and o.account_id <= p_upto and o.key is not null) k
	group by k.account_id, k.key having count(*) > 1
	union all
	select 'one key for each order', k.account_id from kept k where k.is_new group by k.account_id, k.order_id having count(*) > 1
	union all
	select 'kept answers name orders of their account', k.account_id
	from kept k
	left join market.orders o on o.order_id = k.order_id and o.account_id = k.account_id
	where o.order_id is null
	union all
	select 'one hold for each account and listing', r.account_id
	from market.reservation r
	where r.account_id > p_after and r.account_id <= p_upto
	group by r.account_id, r.listing_id having count(*) > 1
	union all
	select 'appointments of an account never overlap', b.account_id
	from market.appointment b
	where b.account_id > p_after and b.account_id <= p_upto and exists (select from market.appointment o
		where o.account_id = b.account_id and o.appointment_id < b.appointment_id and o.during && b.during)
	union all
	select 'one friendship for two accounts', least(f.low_account_id, f.high_account_id)
	from f
	group by least(f.low_account_id, f.high_account_id), greatest(f.low_account_id, f.high_account_id) having count(*) > 1
	union all
	select 'friendships are of two, and one of them asked', f.low_account_id
	from f
	where f.low_account_id >= f.high_account_id or (f.low_asked_at is null and f.high_asked_at is null)
	union all
	select 'a shoe is wished for once', w.account_id from w group by w.account_id, w.shoe_id having count(*) > 1
	union all
	select 'a wishlist has at most 1,000 shoes', w.account_id from w group by w.account_id having count(*) > 1000;
end;

create function api.audit_shoes(p_after bigint, p_upto bigint) returns table (name text, key bigint)
language sql stable
begin atomic
	with s as materialized (
		select s.* from market.shoe s where s.shoe_id > p_after and s.shoe_id <= p_upto
	)
	select 'one shoe for each brand, style and color', s.shoe_id
	from s
	where s.brand_key <> market.fold(s.brand) or s.style_key <> market.fold(s.style)
		or exists (select from market.shoe o where o.brand_key = s.brand_key and o.style_key = s.style_key and o.color = s.color and o.shoe_id < s.shoe_id)
	union all
	select 'every shoe is found by its words', s.shoe_id
	from s
	where (select array_agg(u.word order by u.word collate "C") from unnest(market.shoe_words(s.brand, s.style, s.color)) as u(word))
			is distinct from (select array_agg(w.word order by w.word collate "C") from market.shoe_word w where w.shoe_id = s.shoe_id)
		or exists (
			select from unnest(market.words(s.brand || ' ' || s.style || ' ' || s.color)) as u(word)
			where not exists (select from market.word_slip k where k.slip = u.word and k.word = u.word));
end;

-- Events and their bookings.
create function api.audit_events(p_after bigint, p_upto bigint) returns table (name text, key bigint)
language sql stable
begin atomic
	with e as materialized (
		select e.* from market.event e where e.event_id > p_after and e.event_id <= p_upto
	), b as materialized (
		select b.shop_id, b.event_id, b.account_id, b.ticket, b.status
		from e join market.booking b on b.shop_id = e.shop_id and b.event_id = e.event_id
	), l as materialized (
		select l.shop_id, l.event_id, sum(l.booked) as booked, sum(l.waiting) as waiting
		from e join market.booking_entry l on l.shop_id = e.shop_id and l.event_id = e.event_id
		group by l.shop_id, l.event_id
	)
	select 'places and lines equal their bookings', e.event_id
	from e
	left join (
		select b.shop_id, b.event_id, count(*) filter (where b.status = 'confirmed') as booked, count(*) filter (where b.status = 'waiting') as waiting
		from b
		group by b.shop_id, b.event_id) b on b.shop_id = e.shop_id and b.event_id = e.event_id
	where e.booked <> coalesce(b.booked, 0) or e.waiting <> coalesce(b.waiting, 0)
	union all
	select 'places and lines equal their ledger', e.event_id
	from e
	left join l on l.shop_id = e.shop_id and l.event_id = e.event_id
	where e.booked <> coalesce(l.booked, 0) or e.waiting <> coalesce(l.waiting, 0)
	union all
	select 'no more bookings than places, and no account waits while a place is free', e.event_id
	from e
	where e.booked > e.capacity or (e.waiting > 0 and e.booked < e.capacity)
	union all
	select 'places go in order of arrival', b.event_id
	from (select b.event_id, max(b.ticket) filter (where b.status = 'confirmed') as last_in, min(b.ticket) filter (where b.status = 'waiting') as first_out
		from b
		group by b.shop_id, b.event_id) b
	where b.last_in > b.first_out
	union all
	select 'one booking for each account and event', b.event_id from b group by b.event_id, b.account_id having count(*) > 1
	union all
	select 'one ticket for each booking', b.event_id
	from (select b.*, count(*) over (partition by b.shop_id, b.event_id, b.ticket) as with_ticket from b) b
	join e on e.shop_id = b.shop_id and e.event_id = b.event_id
	left join market.account a on a.account_id = b.account_id
	where b.with_ticket > 1 or b.ticket > e.last_ticket or a.account_id is null;
end;

-- Settings and grants on which the rest depends.
create function api.audit_server() returns table (name text, violations bigint)
language sql stable
begin atomic
	select 'the server writes durably (' || s.name || ')',
		(s.setting <> 'on' and not (s.name = 'synchronous_commit' and s.setting = 'remote_apply'))::int::bigint
	from pg_settings s
	where s.name in ('fsync', 'full_page_writes', 'synchronous_commit')
	union all
	select 'the program''s role commits durably', count(*)
	from pg_roles r
	where r.rolname = 'shoetopia_app'
		and (not coalesce(r.rolconfig && array['synchronous_commit=on', 'synchronous_commit=remote_apply'], false)
			or exists (select
				from pg_db_role_setting s
				cross join unnest(s.setconfig) as c(setting)
				where s.setrole = r.oid and s.setdatabase = (select d.oid from pg_database d where d.datname = current_database())
					and c.setting like 'synchronous\_commit=%' and c.setting not in ('synchronous_commit=on', 'synchronous_commit=remote_apply')))
	union all
	select 'ledgers can only grow', count(distinct (t.ledger, r.role))
	from (values ('market.stock_entry', '{}'::name[]), ('market.discount_entry', '{}'), ('market.balance_entry', '{}'), ('market.booking_entry', '{}'),
		('market.act', '{}'), ('market.order_line', '{}'), ('market.money_entry', '{}'), ('market.payment_log', '{}'),
		('market.shipment', '{status,tracking,updated_at,shipped_at,delivered_at}')) as t(ledger, other)
	join pg_attribute a on a.attrelid = t.ledger::regclass and a.attnum > 0 and not a.attisdropped and a.attname <> all (t.other)
	cross join (values ('shoetopia_api'), ('shoetopia_app')) as r(role)
	where has_column_privilege(r.role, a.attrelid, a.attnum, 'UPDATE') or has_table_privilege(r.role, a.attrelid, 'DELETE, TRUNCATE')
	union all
	select 'the program reads and writes no table itself', count(*)
	from pg_class c
	where c.relnamespace = 'market'::regnamespace and c.relkind in ('r', 'p', 'v') and c.relname not like 'schema%'
		and (has_any_column_privilege('shoetopia_app', c.oid, 'SELECT, INSERT, UPDATE')
			or has_table_privilege('shoetopia_app', c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE'));
end;
