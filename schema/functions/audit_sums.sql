-- The incremental audit of counters: what was sold is summed up once, in market.audit_sold, and a counter is compared with that sum, its entries and what was
-- sold since. api.audit_ledgers finds the same by reading the ledgers from their first entry on. The look-ups are lateral with offset 0, so that a plan
-- that was made when the tables were empty is as good as a later one.

-- The lines of the orders in (p_after, p_upto], by the keys of their shipments.
create function api.audit_lines(p_after bigint, p_upto bigint)
returns table (shop_id bigint, order_id bigint, listing_id bigint, shipment_id bigint, quantity int, sale_id bigint, discounted int)
language sql stable
begin atomic
	select i.shop_id, i.order_id, i.listing_id, i.shipment_id, i.quantity, i.sale_id, i.discounted
	from market.shipment p
	join market.order_line i on i.shop_id = p.shop_id and i.order_id = p.order_id
	where p.order_id > p_after and p.order_id <= p_upto;
end;

-- Whether these lines took more pairs than there were then. What was sold before is in the sums of p_generation.
create function api.audit_levels(p_after bigint, p_upto bigint, p_generation int) returns table (name text, key bigint)
language sql stable
begin atomic
	with i as materialized (
		select i.* from api.audit_lines(p_after, p_upto) i
	), l as materialized (
		select i.shop_id, i.listing_id, min(i.shipment_id) as first_id, max(i.shipment_id) as last_id from i group by i.shop_id, i.listing_id
	), level as (
		select e.shop_id, e.listing_id, e.order_id, sum(e.delta) over (partition by e.shop_id, e.listing_id order by e.entry_id) as pairs
		from (
			select i.shop_id, i.listing_id, i.shipment_id as entry_id, -i.quantity::bigint as delta, i.order_id from i
			union all -- entries before the lines are summed up, not sorted: a listing may have many cancellations
			select l.shop_id, l.listing_id, -9223372036854775808, e.delta, null
			from l
			cross join lateral (select sum(e.delta)::bigint as delta from market.stock_entry e
				where e.shop_id = l.shop_id and e.listing_id = l.listing_id and e.entry_id < l.first_id offset 0) e
			union all
			select l.shop_id, l.listing_id, e.entry_id, e.delta, null
			from l
			cross join lateral (select e.entry_id, e.delta from market.stock_entry e
				where e.shop_id = l.shop_id and e.listing_id = l.listing_id and e.entry_id between l.first_id and l.last_id offset 0) e
		) e
	)
	select 'no stock ledger below zero at any time', v.order_id
	from level v
	where v.order_id is not null and v.pairs < coalesce((
		select a.pairs from market.audit_sold a
		where a.generation = p_generation and a.kind = 'listing' and a.shop_id = v.shop_id and a.id = v.listing_id), 0);
end;

-- Adds what these orders sold to the sums of p_generation.
create function api.audit_sum_up(p_after bigint, p_upto bigint, p_generation int, p_touched boolean) returns void
language plpgsql as $$
begin
	insert into market.audit_sold as a (generation, kind, shop_id, id, pairs, cents, touched)
	select p_generation, s.kind, s.shop_id, s.id, s.pairs, s.cents, p_touched
	from (
		select 'listing' as kind, i.shop_id, i.listing_id as id, sum(i.quantity) as pairs, 0 as cents
		from api.audit_lines(p_after, p_upto) i group by i.shop_id, i.listing_id
		union all
		select 'sale', i.shop_id, i.sale_id, sum(i.discounted), 0
		from api.audit_lines(p_after, p_upto) i where i.discounted > 0 group by i.shop_id, i.sale_id
		union all
		select case when p.fee_bps is null then 'shop' else 'pending' end, p.shop_id, 0, sum(p.pairs), sum(p.total_cents)
		from market.shipment p where p.order_id > p_after and p.order_id <= p_upto group by 1, p.shop_id
	) s
	order by s.kind, s.shop_id, s.id
	on conflict (generation, kind, shop_id, id) do update
	set pairs = a.pairs + excluded.pairs, cents = a.cents + excluded.cents, touched = a.touched or excluded.touched;
end
$$;

-- The stock of these listings and its ledger: the sums up to order p_upto, the entries, and what was sold since.
create function api.audit_stock(p_listing_ids bigint[], p_upto bigint, p_generation int) returns table (name text, key bigint)
language sql stable
begin atomic
	with since as materialized (
		select i.shop_id, i.listing_id, sum(i.quantity) as pairs from api.audit_lines(p_upto, 9223372036854775807) i group by i.shop_id, i.listing_id
	)
	select 'stock equals its ledger', l.listing_id
	from unnest(p_listing_ids) as n(listing_id)
	cross join lateral (select l.shop_id, l.listing_id from market.listing l where l.listing_id = n.listing_id offset 0) l
	cross join lateral (
		select k.available, k.held from market.stock k where k.shop_id = l.shop_id and k.listing_id = l.listing_id offset 0) k
	left join lateral (
		select a.pairs from market.audit_sold a
		where a.generation = p_generation and a.kind = 'listing' and a.shop_id = l.shop_id and a.id = l.listing_id offset 0) a on true
	left join since s on s.shop_id = l.shop_id and s.listing_id = l.listing_id
	where k.available + k.held is distinct from
		(select sum(e.delta) from market.stock_entry e where e.shop_id = l.shop_id and e.listing_id = l.listing_id)
		- coalesce(a.pairs, 0) - coalesce(s.pairs, 0);
end;

-- The balances of these shops and the discounts of their sales, likewise.
create function api.audit_money(p_shop_ids bigint[], p_upto bigint, p_generation int) returns table (name text, key bigint)
language sql stable
begin atomic
	with line as materialized (
		select i.shop_id, i.sale_id, sum(i.discounted) as pairs from api.audit_lines(p_upto, 9223372036854775807) i
		where i.discounted > 0 group by i.shop_id, i.sale_id
	), shipment as materialized (
		select p.shop_id, sum(p.pairs) filter (where p.fee_bps is null) as pairs, sum(p.total_cents) filter (where p.fee_bps is null) as cents,
			sum(p.total_cents) filter (where p.fee_bps is not null) as pending
		from market.shipment p where p.order_id > p_upto group by p.shop_id
	)
	select 'discounts left equal their ledger', f.shop_id
	from unnest(p_shop_ids) as n(shop_id)
	cross join lateral (select f.* from market.sale f where f.shop_id = n.shop_id offset 0) f
	left join lateral (
		select a.pairs from market.audit_sold a
		where a.generation = p_generation and a.kind = 'sale' and a.shop_id = f.shop_id and a.id = f.sale_id offset 0) a on true
	left join line s on s.shop_id = f.shop_id and s.sale_id = f.sale_id
	where f.discounts_left is distinct from
		(select sum(e.delta) from market.discount_entry e where e.shop_id = f.shop_id and e.sale_id = f.sale_id)
		- coalesce(a.pairs, 0) - coalesce(s.pairs, 0)
	union all
	select 'balances equal their ledger', b.shop_id
	from unnest(p_shop_ids) as n(shop_id)
	cross join lateral (select b.* from market.balance b where b.shop_id = n.shop_id offset 0) b
	left join lateral (
		select a.pairs, a.cents from market.audit_sold a
		where a.generation = p_generation and a.kind = 'shop' and a.shop_id = b.shop_id and a.id = 0 offset 0) a on true
	left join lateral (
		select a.cents from market.audit_sold a
		where a.generation = p_generation and a.kind = 'pending' and a.shop_id = b.shop_id and a.id = 0 offset 0) d on true
	left join shipment s on s.shop_id = b.shop_id
	cross join lateral (
		select coalesce(sum(e.amount_cents), 0) as cents, coalesce(sum(e.pairs), 0) as pairs, coalesce(sum(e.pending_cents), 0) as pending
		from market.balance_entry e where e.shop_id = b.shop_id) e
	where b.balance_cents <> e.cents + coalesce(a.cents, 0) + coalesce(s.cents, 0)
		or b.pairs_sold <> e.pairs + coalesce(a.pairs, 0) + coalesce(s.pairs, 0)
		or b.pending_cents <> e.pending + coalesce(d.cents, 0) + coalesce(s.pending, 0);
end;

-- What a comparison with the sums has found is compared once more, with the ledgers from their first entry on, as api.audit_ledgers does, in one snapshot: nothing
-- is called violated because a sum is wrong. These functions read all lines of the shops that they are about, so they are asked about few.
create function api.audit_stock_again(p_listing_ids bigint[]) returns table (name text, key bigint)
language sql stable
begin atomic
	with l as materialized (
		select l.shop_id, l.listing_id from market.listing l where l.listing_id = any(p_listing_ids)
	), e as materialized (
		select e.shop_id, e.listing_id, sum(e.delta) as total
		from market.stock_ledger e where e.shop_id = any(array(select l.shop_id from l))
		group by e.shop_id, e.listing_id
	)
	select 'stock equals its ledger', l.listing_id
	from l
	join market.stock k on k.shop_id = l.shop_id and k.listing_id = l.listing_id
	left join e on e.shop_id = l.shop_id and e.listing_id = l.listing_id
	where k.available + k.held is distinct from e.total;
end;

create function api.audit_money_again(p_shop_ids bigint[]) returns table (name text, key bigint)
language sql stable
begin atomic
	select 'discounts left equal their ledger', f.shop_id
	from unnest(p_shop_ids) as n(shop_id)
	cross join lateral (select f.* from market.sale f where f.shop_id = n.shop_id offset 0) f
	left join (
		select e.shop_id, e.sale_id, sum(e.delta) as total
		from market.discount_ledger e where e.shop_id = any(p_shop_ids)
		group by e.shop_id, e.sale_id) e on e.shop_id = f.shop_id and e.sale_id = f.sale_id
	where f.discounts_left is distinct from e.total
	union all
	select 'balances equal their ledger', b.shop_id
	from unnest(p_shop_ids) as n(shop_id)
	cross join lateral (select b.* from market.balance b where b.shop_id = n.shop_id offset 0) b
	cross join lateral (
		select coalesce(sum(e.amount_cents), 0) as cents, coalesce(sum(e.pairs), 0) as pairs, coalesce(sum(e.pending_cents), 0) as pending
		from market.balance_ledger e where e.shop_id = b.shop_id) e
	where b.balance_cents <> e.cents or b.pairs_sold <> e.pairs or b.pending_cents <> e.pending;
end;

create function api.audit_levels_again(p_order_ids bigint[]) returns table (name text, key bigint)
language sql stable
begin atomic
	select 'no stock ledger below zero at any time', v.order_id
	from (
		select e.order_id, e.reason, sum(e.delta) over (partition by e.shop_id, e.listing_id order by e.entry_id) as level
		from market.stock_ledger e
		where e.shop_id = any(array(select p.shop_id from market.shipment p where p.order_id = any(p_order_ids)))
	) v
	where v.level < 0 and v.reason = 'sold' and v.order_id = any(p_order_ids);
end;

-- Compares with the sums, and what differs with the ledgers.
create function api.audit_stock_twice(p_listing_ids bigint[], p_upto bigint, p_generation int) returns table (name text, key bigint)
language plpgsql as $$
declare
	v_found bigint[] := array(select f.key from api.audit_stock(p_listing_ids, p_upto, p_generation) f);
begin
	if v_found <> '{}' then
		return query select f.name, f.key from api.audit_stock_again(v_found) f;
	end if;
end
$$;

create function api.audit_money_twice(p_shop_ids bigint[], p_upto bigint, p_generation int) returns table (name text, key bigint)
language plpgsql as $$
declare
	v_found bigint[] := array(select distinct f.key from api.audit_money(p_shop_ids, p_upto, p_generation) f);
begin
	if v_found <> '{}' then
		return query select f.name, f.key from api.audit_money_again(v_found) f;
	end if;
end
$$;
