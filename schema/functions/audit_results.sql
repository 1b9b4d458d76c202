-- The results of the audit: all invariants anew, or what the steps have found.

-- Every invariant: its name and the function that looks for violations.
create function api.audit_invariants() returns table (name text, source text)
language sql immutable
begin atomic
	select n.name, s.source
	from (values
		('ledgers', array['stock equals its ledger', 'no stock ledger below zero at any time', 'discounts left equal their ledger',
			'balances equal their ledger', 'all money sums up to nothing']),
		('orders', array['order totals equal their lines and shipping', 'lines cost what their prices say', 'pairs of cancelled orders went back, and only those',
			'discounts of cancelled orders went back, and only those', 'no discount after the end of its sale',
			'balances follow the payments and cancellations of orders', 'every line is in a shipment of its order',
			'every shipment is of an order, and earned what its lines and shipping say', 'shipments are cancelled with their order',
			'no account bought in its own shop', 'the money of an order sums up to nothing', 'money is where the payment of its order says',
			'refunds are asked for or flagged', 'one open page for each payment', 'an order that waits to be paid has a deadline', 'an order is sold, owed or given back as its payment says']),
		('listings', array['no stock below zero', 'every listing has stock', 'in stock is said where pairs are left, not withdrawn and not suspended',
			'pairs held equal the reservations', 'no account holds a pair of its own shop, or one withdrawn or suspended',
			'listings carry the brand and colour of their shoe', 'listings carry the tier of their shop',
			'listings carry their suspension and that of their shop']),
		('shops', array['shops carry their suspension', 'one shop for each account', 'one shop for each name', 'every shop has a balance', 'discounts left between zero and all',
			'discounts start with what the sale gives',
			'discounts of accounts are those of their sale, and no more than it gives to each', 'one present sale for each shop', 'ratings equal the reviews',
			'one review for each account and shop', 'only buyers reviewed',
			'reviews count while their account has an order there that is not cancelled', 'accounts with a lapsed review are marked', 'promotion tiers equal what was asked for', 'payouts and tiers equal their entries',
			'verified is what an admin decided', 'slots of a station never overlap', 'one appointment for each slot',
			'every appointment was made for a slot that was still to come']),
		('accounts', array['one account for each e-mail', 'every account has a cart', 'one answer for each key', 'one key for each order',
			'kept answers name orders of their account', 'one hold for each account and listing', 'appointments of an account never overlap', 'one friendship for two accounts',
			'friendships are of two, and one of them asked', 'a shoe is wished for once', 'a wishlist has at most 1,000 shoes']),
		('shoes', array['one shoe for each brand, style and color', 'every shoe is found by its words']),
		('events', array['places and lines equal their bookings', 'places and lines equal their ledger',
			'no more bookings than places, and no account waits while a place is free', 'places go in order of arrival',
			'one booking for each account and event', 'one ticket for each booking'])) as s(source, names)
	cross join lateral unnest(s.names) as n(name);
end;

-- All invariants, everything anew, in one snapshot. (Sorts and hashes of whole tables: with the default work_mem they go to disk.)
create function api.audit_rows() returns table (name text, violations bigint)
language sql stable set work_mem = '64MB' set jit = off
begin atomic
	with found as (
		select f.name from api.audit_orders(-9223372036854775808, 9223372036854775807, true) f
		union all
		select f.name from api.audit_payments(-9223372036854775808, 9223372036854775807) f
		union all
		select f.name from api.audit_listings(-9223372036854775808, 9223372036854775807) f
		union all
		select f.name from api.audit_shops(-9223372036854775808, 9223372036854775807) f
		union all
		select f.name from api.audit_accounts(-9223372036854775808, 9223372036854775807) f
		union all
		select f.name from api.audit_shoes(-9223372036854775808, 9223372036854775807) f
		union all
		select f.name from api.audit_events(-9223372036854775808, 9223372036854775807) f
	)
	select l.name, l.violations from api.audit_ledgers() l
	union all
	select i.name, count(f.name)
	from api.audit_invariants() i
	left join found f on f.name = i.name
	where i.source <> 'ledgers'
	group by i.name
	union all
	select s.name, s.violations from api.audit_server() s;
end;

-- Whether all of it can be checked anew within a second.
create function api.audit_is_small() returns boolean
language sql stable
begin atomic
	select coalesce((select max(o.order_id) from market.orders o), 0) < 5000
		and coalesce((select max(a.account_id) from market.account a), 0) < 5000
		and coalesce((select max(l.listing_id) from market.listing l), 0) < 5000;
end;

-- Every invariant: its violations as of checked_at, and since when all rows, also old ones that nothing has touched, have been checked again
-- (swept_at; NULL: not yet). A small marketplace is checked now, a large one has its kept results.
create function api.audit_results(p_now boolean)
returns table (name text, violations bigint, checked_at timestamptz, swept_at timestamptz)
language plpgsql stable as $$
#variable_conflict use_column
declare
	v_state market.audit_state;
begin
	if p_now then
		return query select a.name, a.violations, clock_timestamp(), clock_timestamp() from api.audit_rows() a;
		return;
	end if;
	select * into v_state from market.audit_state s;
	return query
	select i.name, coalesce(sum(v.violations), 0)::bigint,
		case when i.source in ('ledgers', 'orders') then v_state.checked_at else p.swept_at end, p.swept_at
	from api.audit_invariants() i
	cross join lateral (
		select case when count(p.swept_at) = count(*) then min(p.swept_at) end as swept_at
		from market.audit_pass p
		where p.source = i.source or i.source = 'ledgers' and p.source in ('orders', 'stock', 'money')) p
	left join market.audit_violation v on v.name = i.name
	group by i.name, i.source, p.swept_at
	union all
	select s.name, s.violations, clock_timestamp(), clock_timestamp() from api.audit_server() s;
end
$$;

-- For an admin.
create function api.audit(p_session bytea) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
	perform api.require(p_session, 'admin');
	return (
		select json_build_object(
			'checks', json_agg(json_build_object('name', a.name, 'violations', a.violations, 'checked_at', market.rfc3339(a.checked_at),
				'swept_at', market.rfc3339(a.swept_at))),
			'violations', sum(a.violations),
			'checked_at', market.rfc3339(min(a.checked_at)),
			'swept_at', case when count(a.swept_at) = count(*) then market.rfc3339(min(a.swept_at)) end)
		from api.audit_results(api.audit_is_small()) a
	);
end
$$;
