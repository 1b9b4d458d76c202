-- The audit: every invariant of the marketplace with its count of violations. `shoetopia --audit` runs it as the owner, GET /admin/audit as an
-- admin. It reads every table from end to end in one snapshot, so it may run while the shops are open. An order line is held to the prices that
-- it stores, never to today's rule (market.sale_price).

-- Counters and their ledgers.
create function api.audit_counters() returns table (name text, violations bigint)
language sql stable
begin atomic
	select 'stock equals its ledger', count(*)
	from market.stock k
	full join (select e.shop_id, e.listing_id, sum(e.delta) as total from market.stock_ledger e group by e.shop_id, e.listing_id) e
		on e.shop_id = k.shop_id and e.listing_id = k.listing_id
	where k.available + k.held is distinct from e.total
	union all
	select 'no stock below zero', count(*) from market.stock k where k.available < 0 or k.held < 0
	union all
	select 'no stock ledger below zero at any time', count(*)
	from (select sum(e.delta) over (partition by e.shop_id, e.listing_id order by e.entry_id) as level from market.stock_ledger e) e
	where e.level < 0
	union all
	select 'every listing has stock', count(*)
	from market.listing l
	full join market.stock k on k.shop_id = l.shop_id and k.listing_id = l.listing_id
	where l.listing_id is null or k.listing_id is null
	union all
	select 'in stock is said where pairs are left and not withdrawn', count(*)
	from market.listing l
	join market.stock k on k.shop_id = l.shop_id and k.listing_id = l.listing_id
	where l.in_stock <> (k.available > 0 and l.withdrawn_at is null)
	union all
	select 'discounts left equal their ledger', count(*)
	from market.sale f
	full join (select e.shop_id, e.sale_id, sum(e.delta) as total from market.discount_ledger e group by e.shop_id, e.sale_id) e
		on e.shop_id = f.shop_id and e.sale_id = f.sale_id
	where f.discounts_left is distinct from e.total
	union all
	select 'discounts left between zero and all', count(*) from market.sale f where f.discounts_left not between 0 and f.discounts
	union all
	select 'discounts start with what the sale gives', count(*)
	from market.sale f
	where f.discounts is distinct from (
		select sum(e.delta) from market.discount_ledger e
		where e.shop_id = f.shop_id and e.sale_id = f.sale_id and e.reason = 'started')
	union all
	select 'balances equal their ledger', count(*)
	from market.balance b
	full join (select e.shop_id, sum(e.amount_cents) as amount, sum(e.pairs) as pairs from market.balance_ledger e group by e.shop_id) e
		on e.shop_id = b.shop_id
	where b.balance_cents is distinct from coalesce(e.amount, 0) or b.pairs_sold is distinct from coalesce(e.pairs, 0);
end;

-- Orders: their lines, and what they moved in stock, discounts and balances.
create function api.audit_orders() returns table (name text, violations bigint)
language sql stable
begin atomic
	select 'order totals equal their lines', count(*)
	from market.orders o
	full join (
		select i.order_id, sum(i.total_cents) as total, sum(i.price_cents * i.quantity - i.total_cents) as discount
		from market.order_line i
		group by i.order_id) i on i.order_id = o.order_id
	where o.total_cents is distinct from i.total or o.discount_cents is distinct from i.discount
	union all
	select 'lines cost what their prices say', count(*)
	from market.order_line i
	where i.total_cents <> i.price_cents * (i.quantity - i.discounted) + i.discounted * coalesce(i.discounted_price_cents, 0)
		or (i.discounted > 0) <> (i.discounted_price_cents is not null)
	union all
	select 'pairs of cancelled orders went back, and only those', count(*)
	from (select i.* from market.order_line i join market.orders o on o.order_id = i.order_id where o.status = 'cancelled') i
	full join (select e.* from market.stock_ledger e where e.reason = 'cancelled') e
		on e.shop_id = i.shop_id and e.order_id = i.order_id and e.listing_id = i.listing_id
	where i.quantity is distinct from e.delta
	union all
	select 'discounts of cancelled orders went back, and only those', count(*)
	from (select i.shop_id, i.order_id, i.sale_id, sum(i.discounted) as pairs
		from market.order_line i join market.orders o on o.order_id = i.order_id
		where i.discounted > 0 and o.status = 'cancelled'
		group by i.shop_id, i.order_id, i.sale_id) i
	full join (select e.shop_id, e.order_id, e.sale_id, sum(e.delta) as pairs from market.discount_ledger e where e.reason = 'cancelled'
		group by e.shop_id, e.order_id, e.sale_id) e
		on e.shop_id = i.shop_id and e.order_id = i.order_id and e.sale_id = i.sale_id
	where i.pairs is distinct from e.pairs
	union all
	select 'no discount after the end of its sale', count(*)
	from market.order_line i
	join market.orders o on o.order_id = i.order_id
	join market.sale f on f.shop_id = i.shop_id and f.sale_id = i.sale_id
	where o.created_at < f.starts_at or o.created_at >= f.ends_at
	union all
	select 'balances of cancelled orders went back, and only those', count(*)
	from (select p.* from market.shipment p join market.orders o on o.order_id = p.order_id where o.status = 'cancelled') p
	full join (select e.* from market.balance_ledger e where e.reason = 'cancelled') e on e.shop_id = p.shop_id and e.order_id = p.order_id
	where p.total_cents is distinct from -e.amount_cents or p.pairs is distinct from -e.pairs
	union all
	select 'every line is in a shipment of its order', count(*)
	from market.order_line i
	left join market.shipment p on p.shop_id = i.shop_id and p.shipment_id = i.shipment_id and p.order_id = i.order_id
	left join market.orders o on o.order_id = i.order_id
	where p.shipment_id is null or o.order_id is null
	union all
	select 'every shipment is of an order, and earned what its lines say', count(*)
	from market.shipment p
	left join (select i.shop_id, i.order_id, i.shipment_id, sum(i.total_cents) as total_cents, sum(i.quantity) as pairs from market.order_line i
		group by i.shop_id, i.order_id, i.shipment_id) i
		on i.shop_id = p.shop_id and i.order_id = p.order_id and i.shipment_id = p.shipment_id
	left join market.orders o on o.order_id = p.order_id
	where o.order_id is null or p.total_cents is distinct from i.total_cents or p.pairs is distinct from i.pairs
	union all
	select 'shipments are cancelled with their order', count(*)
	from market.shipment p
	join market.orders o on o.order_id = p.order_id
	where (p.status = 'cancelled') <> (o.status = 'cancelled')
	union all
	select 'nobody bought in their own shop', count(*)
	from market.shipment p
	join market.orders o on o.order_id = p.order_id
	join market.shop h on h.shop_id = p.shop_id
	where h.account_id = o.account_id;
end;

-- Reservations.
create function api.audit_reservations() returns table (name text, violations bigint)
language sql stable
begin atomic
	select 'pairs held equal the reservations', count(*)
	from market.stock k
	full join (select r.shop_id, r.listing_id, count(*) as holds from market.reservation r group by r.shop_id, r.listing_id) r
		on r.shop_id = k.shop_id and r.listing_id = k.listing_id
	where coalesce(k.held, 0) <> coalesce(r.holds, 0)
	union all
	select 'one hold for each account and listing', count(*) - count(distinct (r.account_id, r.listing_id)) from market.reservation r
	union all
	select 'nobody holds a pair in their own shop, or one that was withdrawn', count(*)
	from market.reservation r
	join market.shop h on h.shop_id = r.shop_id
	join market.listing l on l.shop_id = r.shop_id and l.listing_id = r.listing_id
	where h.account_id = r.account_id or l.withdrawn_at is not null;
end;

-- What exists once: accounts, shops, shoes, sales, keys; and the rows that belong to each.
create function api.audit_uniqueness() returns table (name text, violations bigint)
language sql stable
begin atomic
	with kept as materialized ( -- the orders that kept answers name
		select k.account_id, (k.answer::json ->> 'order_id')::bigint as order_id, k.answer::json ->> 'status' as status
		from market.idempotency k
		where k.answer like '{"order_id"%'
	)
	select 'one account for each e-mail', count(*) - count(distinct market.fold(a.email)) from market.account a
	union all
	select 'every account has a cart', count(*)
	from market.account a
	full join market.cart c on c.account_id = a.account_id
	where a.account_id is null or c.account_id is null
	union all
	select 'one shop for each account', count(*) - count(distinct h.account_id) from market.shop h
	union all
	select 'one shop for each name', count(*) - count(distinct market.fold(h.name)) from market.shop h
	union all
	select 'every shop has a balance', count(*)
	from market.shop h
	full join market.balance b on b.shop_id = h.shop_id
	where h.shop_id is null or b.shop_id is null
	union all
	select 'one shoe for each brand, style and color', count(*) - count(distinct (market.fold(s.brand), market.fold(s.style), s.color::text))
	from market.shoe s
	union all
	select 'every shoe is found by its words', count(*)
	from market.shoe s
	where (select array_agg(u.word order by u.word collate "C") from unnest(market.words(s.brand || ' ' || s.style || ' ' || s.color)) as u(word))
		is distinct from (select array_agg(w.word order by w.word collate "C") from market.shoe_word w
			join market.word_slip k on k.slip = w.word and k.word = w.word
			where w.shoe_id = s.shoe_id)
	union all
	select 'one present sale for each shop', count(*) - count(distinct f.shop_id) from market.sale f where f.replaced_at is null
	union all
	select 'one answer for each key', count(*)
	from (select from market.idempotency k group by k.account_id, k.key having count(*) > 1) k
	union all
	select 'one key for each order', count(*)
	from (select from kept k where k.status = 'placed' group by k.order_id having count(*) > 1) k
	union all
	select 'kept answers name orders of their account', count(*)
	from kept k
	left join market.orders o on o.order_id = k.order_id and o.account_id = k.account_id
	where o.order_id is null
	union all
	select 'listings carry the brand and colour of their shoe', count(*)
	from market.listing l
	left join market.shoe s on s.shoe_id = l.shoe_id
	where l.brand_key is distinct from s.brand_key or l.color is distinct from s.color;
end;

-- Appointments.
create function api.audit_appointments() returns table (name text, violations bigint)
language sql stable
begin atomic
	select 'slots of a station never overlap', count(*)
	from (
		select s.starts_at, max(s.ends_at) over (partition by s.shop_id, market.fold(s.station) order by s.starts_at, s.slot_id
			rows between unbounded preceding and 1 preceding) as busy_until
		from market.slot s
	) s
	where s.starts_at < s.busy_until
	union all
	select 'one appointment for each slot', count(*) - count(distinct (b.shop_id, b.slot_id)) from market.appointment b
	union all
	select 'every appointment was made for a slot that was still to come', count(*)
	from market.appointment b
	left join market.slot s on s.shop_id = b.shop_id and s.slot_id = b.slot_id
	where s.slot_id is null or b.booked_at >= s.starts_at;
end;

-- What is copied to shops and their listings.
create function api.audit_shops() returns table (name text, violations bigint)
language sql stable
begin atomic
	select 'ratings equal the reviews', count(*)
	from market.shop h
	left join (select r.shop_id, sum(r.rating) as total, count(*) as number from market.review r group by r.shop_id) r on r.shop_id = h.shop_id
	where h.rating_sum <> coalesce(r.total, 0) or h.review_count <> coalesce(r.number, 0)
	union all
	select 'one review for each account and shop', count(*) - count(distinct (r.shop_id, r.account_id)) from market.review r
	union all
	select 'only buyers reviewed', count(*)
	from market.review r
	where not exists (
		select from market.orders o
		join market.shipment p on p.order_id = o.order_id and p.shop_id = r.shop_id
		where o.account_id = r.account_id)
	union all
	select 'promotion tiers equal what was asked for', count(*)
	from market.shop h
	where h.promotion_tier <> coalesce((select max(p.tier) from market.promotion p where p.shop_id = h.shop_id), 0)
	union all
	select 'listings carry the tier of their shop', count(*)
	from market.listing l
	join market.shop h on h.shop_id = l.shop_id
	where l.promotion_tier <> h.promotion_tier
	union all
	select 'verified is what an admin decided', count(*)
	from market.shop h
	left join market.verification v on v.shop_id = h.shop_id
	where h.verified <> (coalesce(v.status, 'none') = 'verified');
end;

-- Friendships and wishlists.
create function api.audit_social() returns table (name text, violations bigint)
language sql stable
begin atomic
	select 'one friendship for two accounts', count(*) - count(distinct (least(f.low_account_id, f.high_account_id), greatest(f.low_account_id, f.high_account_id)))
	from market.friendship f
	union all
	select 'friendships are of two, and one of them asked', count(*)
	from market.friendship f
	where f.low_account_id = f.high_account_id or (f.low_asked_at is null and f.high_asked_at is null)
	union all
	select 'a shoe is wished for once', count(*) - count(distinct (w.account_id, w.shoe_id)) from market.wish w
	union all
	select 'a wishlist has at most 1,000 shoes', count(*)
	from (select from market.wish w group by w.account_id having count(*) > 1000) w;
end;

-- Events and their bookings.
create function api.audit_events() returns table (name text, violations bigint)
language sql stable
begin atomic
	select 'places and lines equal their bookings', count(*)
	from market.event e
	full join (
		select b.shop_id, b.event_id, count(*) filter (where b.status = 'confirmed') as booked, count(*) filter (where b.status = 'waiting') as waiting
		from market.booking b
		group by b.shop_id, b.event_id) b on b.shop_id = e.shop_id and b.event_id = e.event_id
	where e.event_id is null or e.booked <> coalesce(b.booked, 0) or e.waiting <> coalesce(b.waiting, 0)
	union all
	select 'places and lines equal their ledger', count(*)
	from market.event e
	full join (select l.shop_id, l.event_id, sum(l.booked) as booked, sum(l.waiting) as waiting from market.booking_entry l
		group by l.shop_id, l.event_id) l on l.shop_id = e.shop_id and l.event_id = e.event_id
	where e.event_id is null or e.booked <> coalesce(l.booked, 0) or e.waiting <> coalesce(l.waiting, 0)
	union all
	select 'no more bookings than places, and no account waits while a place is free', count(*)
	from market.event e
	where e.booked > e.capacity or (e.waiting > 0 and e.booked < e.capacity)
	union all
	select 'places go in order of arrival', count(*)
	from (select max(b.ticket) filter (where b.status = 'confirmed') as last_in, min(b.ticket) filter (where b.status = 'waiting') as first_out
		from market.booking b
		group by b.shop_id, b.event_id) b
	where b.last_in > b.first_out
	union all
	select 'one booking for each account and event', count(*) - count(distinct (b.event_id, b.account_id)) from market.booking b
	union all
	select 'one ticket for each booking', count(*)
	from market.booking b
	left join market.event e on e.shop_id = b.shop_id and e.event_id = b.event_id
	left join market.booking o on o.shop_id = b.shop_id and o.event_id = b.event_id and o.ticket = b.ticket and o.account_id <> b.account_id
	left join market.account a on a.account_id = b.account_id
	where o.ticket is not null or e.last_ticket is null or b.ticket > e.last_ticket or a.account_id is null;
end;

-- Settings and grants on which the rest depends.
create function api.audit_server() returns table (name text, violations bigint)
language sql stable
begin atomic
	select 'the server writes durably (' || s.name || ')', (s.setting <> 'on')::int::bigint
	from pg_settings s
	where s.name in ('fsync', 'full_page_writes', 'synchronous_commit')
	union all
	select 'the program''s role commits durably', count(*)
	from pg_roles r
	where r.rolname = 'shoetopia_app' and not coalesce(r.rolconfig @> array['synchronous_commit=on'], false)
	union all
	select 'ledgers can only grow', count(distinct (t.ledger, r.role))
	from (values ('market.stock_entry', '{}'::name[]), ('market.discount_entry', '{}'), ('market.balance_entry', '{}'), ('market.booking_entry', '{}'),
		('market.order_line', '{}'), ('market.shipment', '{status,tracking,updated_at}')) as t(ledger, other)
	join pg_attribute a on a.attrelid = t.ledger::regclass and a.attnum > 0 and not a.attisdropped and a.attname <> all (t.other)
	cross join (values ('shoetopia_api'), ('shoetopia_app')) as r(role)
	where has_column_privilege(r.role, a.attrelid, a.attnum, 'UPDATE') or has_table_privilege(r.role, a.attrelid, 'DELETE, TRUNCATE')
	union all
	select 'the program reads and writes no table itself', count(*)
	from pg_class c
	where c.relnamespace = 'market'::regnamespace and c.relkind in ('r', 'p', 'v') and c.relname not like 'schema%'
		and (has_any_column_privilege('shoetopia_app', c.oid, 'SELECT, INSERT, UPDATE')
			or has_table_privilege('shoetopia_app', c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE'));;
end;

-- All invariants. (Sorts and hashes of whole tables: with the default work_mem they go to disk.)
create function api.audit_rows() returns table (name text, violations bigint)
language sql stable set work_mem = '64MB'
begin atomic
	select * from api.audit_counters()
	union all
	select * from api.audit_orders()
	union all
	select * from api.audit_reservations()
	union all
	select * from api.audit_uniqueness()
	union all
	select * from api.audit_appointments()
	union all
	select * from api.audit_shops()
	union all
	select * from api.audit_social()
	union all
	select * from api.audit_events()
	union all
	select * from api.audit_server();
end;

-- For an admin.
create function api.audit(p_session bytea) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
	perform api.require(p_session, 'admin');
	return (
		select json_build_object(
			'checks', json_agg(json_build_object('name', a.name, 'violations', a.violations)),
			'violations', sum(a.violations))
		from api.audit_rows() a
	);
end
$$;
