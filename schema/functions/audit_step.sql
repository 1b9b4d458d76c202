-- The incremental audit, for a marketplace of any size: api.audit_step does one step of about 70 ms, when it is due. The programs call it in their background
-- threads, one at a time; `shoetopia --audit` calls it until it is through. What a step finds is kept in market.audit_violation.
--
-- New: orders, and entries of ledgers, by their numbers. Their writers have locked a row before they draw a number, so they have a transaction id by then:
-- a mark is the newest numbers, and then the transaction id of the step that read them. Once all transactions with smaller ids have ended, nothing can appear
-- below the mark any more. Orders up to there are checked and summed up in market.audit_sold, and the counters that they moved are compared with these sums,
-- the entries, and what was sold since, in one snapshot.
-- Old: passes go through all keys over and over. The one through the orders sums up anew, so an old line that was changed differs from its counter after it.
-- docs/decisions/0035-the-audit-is-incremental.md says what this finds when.

-- Keeps what was found, in place of what was found before of these keys: those in (p_after, p_upto], or, if given, p_keys.
create function api.audit_keep(p_source text, p_after bigint, p_upto bigint, p_keys bigint[], p_names text[], p_found bigint[]) returns void
language plpgsql as $$
begin
	delete from market.audit_violation v
	where v.source = p_source and (p_keys is null and v.key > p_after and v.key <= p_upto or v.key = any(p_keys));
	insert into market.audit_violation (source, key, name, violations, found_at)
	select p_source, f.key, f.name, count(*), clock_timestamp()
	from unnest(p_names, p_found) as f(name, key)
	group by f.name, f.key;
end
$$;

-- Checks and sums up orders. Returns how far it came.
create function api.audit_orders_step(p_after bigint, p_goal bigint, p_size int, p_generation int, p_touched boolean) returns bigint
language plpgsql as $$
declare
	v_upto bigint;
	v_count bigint;
	v_names text[];
	v_keys bigint[];
begin
	select max(o.order_id), count(*) into v_upto, v_count
	from (select o.order_id from market.orders o where o.order_id > p_after and o.order_id <= p_goal order by o.order_id limit p_size) o;
	if v_count < p_size then
		v_upto := p_goal;
	end if;
	select array_agg(f.name), array_agg(f.key) into v_names, v_keys
	from (select * from api.audit_orders(p_after, v_upto, false) union all select * from api.audit_payments(p_after, v_upto)) f;
	perform api.audit_keep('orders', p_after, v_upto, null, v_names, v_keys);
	select array_agg(f.name), array_agg(f.key) into v_names, v_keys from api.audit_levels(p_after, v_upto, p_generation) f;
	if v_keys is not null then
		select array_agg(f.name), array_agg(f.key) into v_names, v_keys from api.audit_levels_again(v_keys) f;
	end if;
	perform api.audit_keep('levels', p_after, v_upto, null, v_names, v_keys);
	perform api.audit_sum_up(p_after, v_upto, p_generation, p_touched);
	return v_upto;
end
$$;

-- Entries: marks the counters that they moved, and checks the orders that they took back. Returns how far it came.
create function api.audit_entries_step(p_after bigint, p_goal bigint, p_size int, p_generation int) returns bigint
language plpgsql as $$
declare
	v_upto bigint;
	v_count bigint;
	v_order_ids bigint[];
	v_names text[];
	v_keys bigint[];
begin
	select max(e.entry_id), count(*) into v_upto, v_count
	from (
		select e.entry_id
		from (
			(select e.entry_id from market.stock_entry e where e.entry_id > p_after and e.entry_id <= p_goal order by e.entry_id limit p_size)
			union all
			(select e.entry_id from market.discount_entry e where e.entry_id > p_after and e.entry_id <= p_goal order by e.entry_id limit p_size)
			union all
			(select e.entry_id from market.balance_entry e where e.entry_id > p_after and e.entry_id <= p_goal order by e.entry_id limit p_size)
		) e
		order by e.entry_id
		limit p_size
	) e;
	if v_count < p_size then
		v_upto := p_goal;
	end if;
	insert into market.audit_sold as a (generation, kind, shop_id, id, pairs, cents, touched)
	select p_generation, e.kind, e.shop_id, e.id, 0, 0, true
	from (
		select 'listing' as kind, e.shop_id, e.listing_id as id from market.stock_entry e where e.entry_id > p_after and e.entry_id <= v_upto
		union
		select 'sale', e.shop_id, e.sale_id from market.discount_entry e where e.entry_id > p_after and e.entry_id <= v_upto
		union
		select 'shop', e.shop_id, 0 from market.balance_entry e where e.entry_id > p_after and e.entry_id <= v_upto
	) e
	on conflict (generation, kind, shop_id, id) do update set touched = true;

	select array_agg(distinct e.order_id) into v_order_ids from market.balance_entry e where e.entry_id > p_after and e.entry_id <= v_upto;
	if v_order_ids is not null then
		select array_agg(f.name), array_agg(f.key) into v_names, v_keys
		from unnest(v_order_ids) as n(order_id)
		cross join lateral (
			select * from api.audit_orders(n.order_id - 1, n.order_id, false) union all select * from api.audit_payments(n.order_id - 1, n.order_id)) f;
		perform api.audit_keep('orders', null, null, v_order_ids, v_names, v_keys);
	end if;
	return v_upto;
end
$$;

-- Compares counters that were moved with their ledgers.
create function api.audit_touched_step(p_upto bigint, p_size int, p_generation int) returns void
language plpgsql as $$
declare
	v_listing_ids bigint[];
	v_shop_ids bigint[];
	v_names text[];
	v_keys bigint[];
begin
	with touched as (
		update market.audit_sold a
		set touched = false
		from (select a.generation, a.kind, a.shop_id, a.id from market.audit_sold a where a.touched and a.generation = p_generation
			order by a.generation, a.kind, a.shop_id, a.id limit p_size) t
		where a.generation = t.generation and a.kind = t.kind and a.shop_id = t.shop_id and a.id = t.id
		returning a.kind, a.shop_id, a.id
	)
	select array_agg(t.id) filter (where t.kind = 'listing'), array_agg(distinct t.shop_id) filter (where t.kind <> 'listing')
	into v_listing_ids, v_shop_ids
	from touched t;
	if v_listing_ids is not null then
		select array_agg(f.name), array_agg(f.key) into v_names, v_keys from api.audit_stock_twice(v_listing_ids, p_upto, p_generation) f;
		perform api.audit_keep('stock', null, null, v_listing_ids, v_names, v_keys);
	end if;
	if v_shop_ids is not null then
		select array_agg(f.name), array_agg(f.key) into v_names, v_keys from api.audit_money_twice(v_shop_ids, p_upto, p_generation) f;
		perform api.audit_keep('money', null, null, v_shop_ids, v_names, v_keys);
	end if;
end
$$;

-- The next range of keys of a pass. Returns how far it came; NULL: it is through.
create function api.audit_pass_step(p_source text, p_after bigint, p_size int, p_state market.audit_state) returns bigint
language plpgsql as $$
declare
	v_key_name text := case p_source when 'stock' then 'listing' when 'money' then 'shop' else left(p_source, -1) end;
	v_range text := format('select array_agg(k.key) from (select t.%1$I as key from market.%2$I t where t.%1$I > $1 order by t.%1$I limit $2) k',
		v_key_name || '_id', v_key_name);
	v_ids bigint[];
	v_upto bigint;
	v_names text[];
	v_found bigint[];
begin
	execute v_range into v_ids using p_after, p_size;
	v_upto := case when cardinality(v_ids) = p_size then v_ids[p_size] else 9223372036854775807 end;
	if p_source = 'stock' then
		select array_agg(f.name), array_agg(f.key) into v_names, v_found from api.audit_stock_twice(v_ids, p_state.orders_upto, p_state.generation) f;
	elsif p_source = 'money' then
		select array_agg(f.name), array_agg(f.key) into v_names, v_found from api.audit_money_twice(v_ids, p_state.orders_upto, p_state.generation) f;
	else
		execute format('select array_agg(f.name), array_agg(f.key) from api.%I($1, $2) f', 'audit_' || p_source) into v_names, v_found
		using p_after, v_upto;
	end if;
	perform api.audit_keep(p_source, p_after, v_upto, null, v_names, v_found);
	return nullif(v_upto, 9223372036854775807);
end
$$;

-- The next orders of the pass that sums up anew. Once it has come as far as the present sums, its own take their place. Returns how far it came; NULL: it is
-- through.
create function api.audit_orders_pass_step(p_after bigint, p_size int, p_state market.audit_state) returns bigint
language plpgsql as $$
declare
	v_next int := p_state.generation + 1;
	v_upto bigint;
begin
	delete from market.audit_sold a
	using (select a.generation, a.kind, a.shop_id, a.id from market.audit_sold a where a.generation < p_state.generation limit 2 * p_size) o
	where a.generation = o.generation and a.kind = o.kind and a.shop_id = o.shop_id and a.id = o.id;
	v_upto := api.audit_orders_step(p_after, p_state.orders_upto, p_size, v_next, false);
	if v_upto < p_state.orders_upto then
		return v_upto;
	end if;
	insert into market.audit_sold as a (generation, kind, shop_id, id, pairs, cents, touched)
	select v_next, t.kind, t.shop_id, t.id, 0, 0, true from market.audit_sold t where t.generation = p_state.generation and t.touched
	on conflict (generation, kind, shop_id, id) do update set touched = true;
	update market.audit_state set generation = v_next;
	return null;
end
$$;

-- Each comparison reads the tail of orders that are not summed up yet, so counters wait while it is long.
create function api.audit_tail_is_short(p_upto bigint) returns boolean
language sql stable
begin atomic
	select count(*) < 30000 from (select from market.orders o where o.order_id > p_upto limit 30000) o;
end;

-- The newest number that was drawn from each sequence; below the first one if none was. (last_value is then the first that will be drawn.)
create function api.audit_numbers(out orders bigint, out entries bigint)
language sql volatile
begin atomic
	select o.last_value - (not o.is_called)::int, e.last_value - (not e.is_called)::int
	from market.orders_order_id_seq o cross join market.shipment_shipment_id_seq e;
end;

-- Takes a mark, and makes it the goal once nothing can appear below it any more. A goal is left for the next one when all that it asks for was checked, or
-- when the counters wait for a short tail, which only the next goal can bring.
create function api.audit_mark() returns void
language plpgsql as $$
declare
	v_may_mark boolean := pg_current_xact_id_if_assigned() is null; -- else this transaction's id may be older than the numbers
	v_at timestamptz := clock_timestamp();
	v_new record := api.audit_numbers();
	v_xid xid8 := pg_current_xact_id(); -- drawn now: greater than that of every writer that has drawn a number up to here
begin
	update market.audit_state s
	set goal_orders = greatest(s.goal_orders, s.mark_orders), goal_entries = greatest(s.goal_entries, s.mark_entries), goal_at = s.mark_at, mark_xid = null
	where s.mark_xid <= pg_snapshot_xmin(pg_current_snapshot()) and s.mark_at < clock_timestamp() - interval '2 seconds'
		and s.orders_upto >= s.goal_orders and s.entries_upto >= s.goal_entries
		and (s.checked_at is not distinct from s.goal_at or not api.audit_tail_is_short(s.orders_upto));
	if v_may_mark then
		update market.audit_state s
		set mark_orders = v_new.orders, mark_entries = v_new.entries, mark_xid = v_xid, mark_at = v_at
		where s.mark_xid is null;
	end if;
end
$$;

-- What the next step is about.
create function api.audit_next(p_state market.audit_state, p_new_only boolean) returns text
language plpgsql as $$
declare
	v_tail_is_short boolean := api.audit_tail_is_short(p_state.orders_upto);
	v_new text := case
		when p_state.orders_upto < p_state.goal_orders then 'new orders'
		when p_state.entries_upto < p_state.goal_entries then 'new entries'
		when v_tail_is_short and exists (select from market.audit_sold a where a.touched and a.generation = p_state.generation) then 'touched'
	end;
begin
	if p_new_only or (v_new is not null and not p_state.pass_is_next) then
		return v_new;
	end if;
	return coalesce((
		select p.source
		from market.audit_pass p
		where p.source not in ('new orders', 'new entries', 'touched')
			and (p.at_key > -9223372036854775808 or coalesce(p.started_at < clock_timestamp() - interval '4 minutes', true))
			and (v_tail_is_short or p.source not in ('stock', 'money'))
			and (p.source not in ('stock', 'money', 'orders') or p_state.checked_at is not null)
		order by p.stepped_at, p.source
		limit 1), v_new);
end
$$;

-- One step; whether one was made. p_new_only: only what is new, and also if none is due (--audit).
create function api.audit_one_step(p_new_only boolean) returns boolean
language plpgsql set enable_seqscan = off set enable_mergejoin = off set jit = off set plan_cache_mode = force_generic_plan set work_mem = '16MB' as $$
declare
	v_began timestamptz := clock_timestamp();
	v_state market.audit_state;
	v_pass market.audit_pass;
	v_source text;
	v_upto bigint;
	v_ms double precision;
	v_is_late boolean;
begin
	if not pg_try_advisory_xact_lock(3, 0) then
		return false;
	end if;
	if not p_new_only and (select s.next_at > v_began from market.audit_state s) then
		return false;
	end if;
	perform api.audit_mark();
	select * into v_state from market.audit_state s;
	v_source := api.audit_next(v_state, p_new_only);
	if v_source is null then
		update market.audit_state s set next_at = v_began + interval '1 second';
	else
		select * into v_pass from market.audit_pass p where p.source = v_source;
		if v_source = 'new orders' then
			v_upto := api.audit_orders_step(v_state.orders_upto, v_state.goal_orders, v_pass.size, v_state.generation, true);
			update market.audit_state s set orders_upto = v_upto;
		elsif v_source = 'new entries' then
			v_upto := api.audit_entries_step(v_state.entries_upto, v_state.goal_entries, v_pass.size, v_state.generation);
			update market.audit_state s set entries_upto = v_upto;
		elsif v_source = 'touched' then
			perform api.audit_touched_step(v_state.orders_upto, v_pass.size, v_state.generation);
		elsif v_source = 'orders' then
			v_upto := api.audit_orders_pass_step(v_pass.at_key, v_pass.size, v_state);
		else
			v_upto := api.audit_pass_step(v_source, v_pass.at_key, v_pass.size, v_state);
		end if;
		-- The next step is to take 70 ms; nine times as long nothing is done, but a second at most; only as long, while a pass is older than 7 minutes. With
		-- p_new_only somebody waits for the end: what a step costs at any size (a long tail, a listing with many entries) is paid less often.
		v_is_late := exists (
			select from market.audit_pass p
			where p.source not in ('new orders', 'new entries', 'touched', 'orders')
				and coalesce(p.swept_at < clock_timestamp() - interval '7 minutes', true));
		v_ms := 1000 * extract(epoch from clock_timestamp() - v_began);
		update market.audit_pass p
		set size = greatest(case when p_new_only then 1000 else 100 end, least(20000, p.size * least(2, case when p_new_only then 700 else 70 end / v_ms))), stepped_at = v_began,
			at_key = case when v_source in ('new orders', 'new entries', 'touched') then p.at_key else coalesce(v_upto, -9223372036854775808) end,
			started_at = case when p.at_key = -9223372036854775808 then v_began else p.started_at end,
			swept_at = case when v_upto is null then case when p.at_key = -9223372036854775808 then v_began else p.started_at end else p.swept_at end
		where p.source = v_source;
		update market.audit_state s
		set next_at = clock_timestamp() + least(1000, v_ms * case when v_is_late then 1 else 9 end) * interval '1 millisecond',
			pass_is_next = v_source in ('new orders', 'new entries', 'touched');
	end if;
	-- All that was committed before goal_at has been checked.
	update market.audit_state s
	set checked_at = s.goal_at
	where s.orders_upto >= s.goal_orders and s.entries_upto >= s.goal_entries and s.checked_at is distinct from s.goal_at
		and not exists (select from market.audit_sold a where a.touched and a.generation = s.generation);
	return v_source is not null;
end
$$;

-- The same for the background threads of the programs. Needs no caller: what it does depends on the data alone.
create function api.audit_step() returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
	perform api.must_be_durable();
	return api.audit_one_step(false);
end
$$;
