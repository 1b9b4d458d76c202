-- Reservations: an account holds one pair of a listing until the reservation expires. The lock of the listing's stock guards its reservations too:
-- whatever takes, uses, cancels or releases one has it first, so a reservation ends once.

-- Ends these reservations, returns their pairs to the stock, and returns how many. p_shown: a listing that was sold out is in stock again; a checkout
-- sells the pairs at once and leaves it sold out. p_now: those that have expired by then are noted in market.hold_lapse. The caller has locked the stock and has read the reservations under that lock. The tables may be
-- nearly empty when a plan is made and large a minute later: the settings, and any(array[...]), leave the index as the only plan.
create function api.end_holds(p_shop_ids bigint[], p_reservation_ids bigint[], p_shown boolean, p_now timestamptz default null)
returns bigint
language plpgsql
set enable_seqscan = off set enable_mergejoin = off set enable_hashjoin = off set enable_material = off as $$
declare
	v_pairs bigint;
begin
	with ended as (
		delete from market.reservation r
		using unnest(p_shop_ids, p_reservation_ids) as e(shop_id, reservation_id)
		where r.shop_id = any(array[e.shop_id]) and r.reservation_id = any(array[e.reservation_id])
		returning r.shop_id, r.listing_id, r.account_id, r.expires_at
	), lapsed as (
		insert into market.hold_lapse as h (account_id, listing_id, lapsed_at)
		select e.account_id, e.listing_id, e.expires_at from ended e where e.expires_at <= p_now
		on conflict (account_id, listing_id) do update set before_at = h.lapsed_at, lapsed_at = excluded.lapsed_at
	), back as (
		update market.stock k
		set available = k.available + e.pairs, held = k.held - e.pairs
		from (select e.shop_id, e.listing_id, count(*) as pairs from ended e group by e.shop_id, e.listing_id) e
		where k.shop_id = any(array[e.shop_id]) and k.listing_id = e.listing_id
		returning k.shop_id, k.listing_id
	), shown as (
		update market.listing l
		set in_stock = true
		from back b
		where p_shown and l.shop_id = b.shop_id and l.listing_id = b.listing_id and l.withdrawn_at is null and not l.suspended and not l.in_stock
	)
	select count(*) into v_pairs from ended e;
	return v_pairs;
end
$$;

-- Locks these reservations, and returns those that no other transaction holds. The lock of the stock guards them, so there is such a transaction only by
-- an operator's hand; the pair stays held until it ends, and nothing else has to wait for it.
create function api.lock_expired(p_shop_ids bigint[], p_reservation_ids bigint[]) returns table (shop_id bigint, reservation_id bigint)
language sql as $$
	select r.shop_id, r.reservation_id
	from market.reservation r
	join unnest(p_shop_ids, p_reservation_ids) as e(shop_id, reservation_id)
		on r.shop_id = any(array[e.shop_id]) and r.reservation_id = any(array[e.reservation_id])
	for update of r skip locked -- guard: release
$$;

-- Ends the expired reservations of these listings, and returns how many. The caller has locked their stock. It reads all expired reservations, which
-- are no more than those of the last half second (release_expired runs that often), instead of all reservations of a listing.
create function api.free_expired(p_listing_ids bigint[], p_now timestamptz) returns bigint
language plpgsql
set enable_seqscan = off as $$
declare
	v_shop_ids bigint[];
	v_reservation_ids bigint[];
begin
	select array_agg(r.shop_id), array_agg(r.reservation_id) into v_shop_ids, v_reservation_ids
	from (
		select r.shop_id, r.listing_id, r.reservation_id
		from market.reservation r
		where r.expires_at <= p_now offset 0) r
	where r.listing_id = any(p_listing_ids);
	if v_reservation_ids is null then
		return 0;
	end if;
	return (
		select coalesce(api.end_holds(array_agg(r.shop_id), array_agg(r.reservation_id), true, p_now), 0)
		from api.lock_expired(v_shop_ids, v_reservation_ids) r);
end
$$;

-- The reservation that the account of each line holds of its listing; 0: none.
create function api.checkout_read_reservations(p_batch api.batch, p_lines api.checkout_lines) returns bigint[]
language plpgsql as $$
begin
	return (
		select array_agg(coalesce(r.reservation_id, 0) order by i.n)
		from unnest(p_lines.call, p_lines.listing_id) with ordinality as i(call, listing_id, n)
		left join lateral (
			select r.reservation_id from market.reservation r
			where r.account_id = p_batch.account_id[i.call] and r.listing_id = i.listing_id offset 0) r on true
	);
end
$$;

-- The lines of the calls that are still to be decided. A listing that a call names twice is reserved once.
create function api.reservation_read_lines(p_calls jsonb, p_batch api.batch) returns api.reservation_lines
language plpgsql as $$
declare
	v_lines api.reservation_lines;
begin
	select array_agg(i.n), array_agg(i.shop_id), array_agg(i.listing_id), array_agg(i.listing), array_agg(i.holder)
	into v_lines.call, v_lines.shop_id, v_lines.listing_id, v_lines.listing, v_lines.holder
	from (
		select i.n, i.shop_id, i.listing_id,
			dense_rank() over (order by i.shop_id, i.listing_id)::int as listing,
			dense_rank() over (order by i.account_id, i.listing_id)::int as holder
		from (
			select c.n::int as n, c.account_id, coalesce(l.shop_id, 0) as shop_id, a.listing_id::bigint as listing_id, min(a.position) as position
			from rows from (jsonb_to_recordset(p_calls) as (listing_ids jsonb), unnest(p_batch.account_id), unnest(p_batch.code))
				with ordinality as c(listing_ids, account_id, code, n)
			cross join lateral jsonb_array_elements_text(c.listing_ids) with ordinality as a(listing_id, position)
			left join lateral (select l.shop_id from market.listing l where l.listing_id = a.listing_id::bigint offset 0) l on true
			where c.code is null
			group by c.n, c.account_id, l.shop_id, a.listing_id
		) i
		order by i.n, i.position
	) i;
	return v_lines;
end
$$;

-- Writes the reservations, and takes their pairs from the stock: each table once.
create function api.reservation_write(p_batch api.batch, p_lines api.reservation_lines, p_reservation_id bigint[], p_expires_at timestamptz[],
	p_now timestamptz) returns void
language plpgsql as $$
begin
	with line as materialized (
		select i.shop_id, i.listing_id, i.reservation_id, p_batch.account_id[i.call] as account_id, p_expires_at[i.call] as expires_at
		from unnest(p_lines.call, p_lines.shop_id, p_lines.listing_id, p_reservation_id) as i(call, shop_id, listing_id, reservation_id)
		where i.reservation_id > 0
	), add_reservations as (
		insert into market.reservation (shop_id, reservation_id, listing_id, account_id, created_at, expires_at)
		select l.shop_id, l.reservation_id, l.listing_id, l.account_id, p_now, l.expires_at
		from line l
	), stock_left as (
		update market.stock k
		set available = k.available - l.pairs, held = k.held + l.pairs
		from (select l.shop_id, l.listing_id, count(*) as pairs from line l group by l.shop_id, l.listing_id) l
		where k.shop_id = any(array[l.shop_id]) and k.listing_id = l.listing_id
		returning k.shop_id, k.listing_id, k.available
	)
	update market.listing l
	set in_stock = false
	from stock_left k
	where k.available = 0 and l.shop_id = k.shop_id and l.listing_id = k.listing_id;
end
$$;

-- Reserves pairs: a batch of calls of {session, listing_ids, hold_seconds, holds_max} and maybe {key, digest}, see batch.sql. Codes: unauthenticated,
-- replayed, key_reused; and where nothing could be reserved, that of the first listing: not_found, forbidden, already_reserved, too_many_requests,
-- out_of_stock.
create function api.create_reservation(p_calls jsonb, p_lock_ms int default null, p_stuck text[] default null)
returns table (n int, code text, answer text)
language plpgsql security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off set enable_mergejoin = off set enable_hashjoin = off set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
declare
	v_batch api.batch;
	v_lines api.reservation_lines;
	v_code text[];
	v_answer text[];
	v_winner int[]; -- by v_batch.first: the call that reserved
	v_seconds int[]; -- of each call
	v_expires_at timestamptz[]; -- NULL: nothing was reserved
	v_wait_seconds int[]; -- of a call that is refused as too_many_requests
	v_now timestamptz;
	-- for each listing, in the order of the keys
	v_is_there boolean[];
	v_owner_id bigint[];
	v_available bigint[];
	v_held boolean; -- any pair of any of them
	v_has boolean[]; -- by v_lines.holder: the account holds a pair of this listing
	v_is_barred boolean[]; -- likewise: it let a hold on it expire twice within an hour, less than an hour ago
	v_max int[]; -- of each call: pairs that its account may hold
	v_same_account int[]; -- the first call of the same account
	v_holds int[]; -- by v_same_account: pairs that it holds
	-- for each line
	v_line_code text[];
	v_reservation_id bigint[]; -- 0: none
	-- of the call at hand
	v_first int; -- its lines
	v_next int := 1;
	v_listing int;
begin
	v_batch := api.batch_begin(p_calls, 'member', p_every_account => true, p_lock_ms => p_lock_ms, p_stuck => p_stuck);
	v_lines := api.reservation_read_lines(p_calls, v_batch);
	if v_batch.diverts then
		v_batch := api.batch_divert(v_batch, 'listing', v_lines.call, v_lines.listing_id);
		v_lines := api.reservation_read_lines(p_calls, v_batch);
	end if;
	v_code := v_batch.code;
	v_winner := array_fill(null::int, array[v_batch.calls]);
	v_expires_at := array_fill(null::timestamptz, array[v_batch.calls]);
	v_wait_seconds := array_fill(null::int, array[v_batch.calls]);
	select array_agg(coalesce(c.hold_seconds, 900) order by c.n), array_agg(coalesce(c.holds_max, 100) order by c.n) into v_seconds, v_max
	from rows from (jsonb_to_recordset(p_calls) as (hold_seconds int, holds_max int)) with ordinality as c(hold_seconds, holds_max, n);

	perform from market.stock k
	join unnest(v_lines.shop_id, v_lines.listing_id) as l(shop_id, listing_id)
		on k.shop_id = any(array[l.shop_id]) and k.listing_id = l.listing_id
	order by l.shop_id, l.listing_id -- guard: stock_order
	for no key update of k -- guard: stock
	;
	v_now := market.clock();

	-- What the locks guard. What has expired is free to the next call, which is here now.
	select array_agg(i.is_there), array_agg(i.owner_id), array_agg(i.available), bool_or(i.held > 0)
	into v_is_there, v_owner_id, v_available, v_held
	from (
		select k.available is not null and l.withdrawn_at is null and not l.suspended as is_there, h.account_id as owner_id, k.available, k.held
		from (select distinct i.shop_id, i.listing_id from unnest(v_lines.shop_id, v_lines.listing_id) as i(shop_id, listing_id)) i
		left join lateral (
			select l.withdrawn_at, l.suspended from market.listing l where l.shop_id = i.shop_id and l.listing_id = i.listing_id offset 0) l on true
		left join lateral (
			select k.available, k.held from market.stock k where k.shop_id = i.shop_id and k.listing_id = i.listing_id
			offset 0 -- guard: one_by_one
		) k on true
		left join lateral (select h.account_id from market.shop h where h.shop_id = i.shop_id offset 0) h on true
		order by i.shop_id, i.listing_id
	) i;
	if v_held and api.free_expired(v_lines.listing_id, v_now) > 0 then
		v_available := api.listings_left(v_lines.shop_id, v_lines.listing_id);
	end if;
	select array_agg(h.has), array_agg(h.is_barred) into v_has, v_is_barred
	from (
		select r.reservation_id is not null as has, e.account_id is not null as is_barred
		from (
			select distinct v_batch.account_id[i.call] as account_id, i.listing_id
			from unnest(v_lines.call, v_lines.listing_id) as i(call, listing_id)) i
		left join lateral (
			select r.reservation_id from market.reservation r where r.account_id = i.account_id and r.listing_id = i.listing_id
			offset 0 -- guard: one_by_one
		) r on true
		left join lateral (
			select e.account_id from market.hold_lapse e
			where e.account_id = i.account_id and e.listing_id = i.listing_id
				and e.before_at >= e.lapsed_at - interval '1 hour' and e.lapsed_at > v_now - interval '1 hour'
			offset 0) e on true
		order by i.account_id, i.listing_id
	) h;
	-- The accounts are locked: nothing else adds to what they hold.
	select array_agg(c.same_account order by c.n), array_agg(c.holds order by c.n) into v_same_account, v_holds
	from (
		select c.n, min(c.n) over (partition by c.account_id)::int as same_account, r.holds
		from unnest(v_batch.account_id) with ordinality as c(account_id, n)
		cross join lateral (
			select count(*)::int as holds from (
				select r.expires_at from market.reservation r where r.account_id = c.account_id offset 0) r where r.expires_at > v_now) r
	) c;
	v_line_code := array_fill(null::text, array[coalesce(cardinality(v_lines.call), 0)]);
	v_reservation_id := array_fill(0::bigint, array[coalesce(cardinality(v_lines.call), 0)]);

	for i in 1 .. v_batch.calls loop
		v_first := v_next;
		while v_lines.call[v_next] = i loop
			v_next := v_next + 1;
		end loop;
		continue when v_code[i] is not null or v_winner[v_batch.first[i]] is not null;
		for j in v_first .. v_next - 1 loop
			v_listing := v_lines.listing[j];
			if not v_is_there[v_listing] then
				v_line_code[j] := 'not_found';
			elsif v_owner_id[v_listing] = v_batch.account_id[i] then
				v_line_code[j] := 'forbidden';
			elsif v_has[v_lines.holder[j]] then
				v_line_code[j] := 'already_reserved';
			elsif v_is_barred[v_lines.holder[j]] or v_holds[v_same_account[i]] >= v_max[i] then
				v_line_code[j] := 'too_many_requests';
			elsif v_available[v_listing] < 1 then
				v_line_code[j] := 'out_of_stock';
			else
				v_reservation_id[j] := nextval('market.reservation_reservation_id_seq');
				v_available[v_listing] := v_available[v_listing] - 1;
				v_has[v_lines.holder[j]] := true;
				v_holds[v_same_account[i]] := v_holds[v_same_account[i]] + 1;
				v_expires_at[i] := v_now + v_seconds[i] * interval '1 second';
			end if;
		end loop;
		if v_expires_at[i] is null then
			v_code[i] := v_line_code[v_first];
			if v_code[i] = 'too_many_requests' then
				v_wait_seconds[i] := api.hold_wait_seconds(v_batch.account_id[i], v_lines.listing_id[v_first], v_max[i], v_seconds[i], v_now);
			end if;
		else
			v_winner[v_batch.first[i]] := i;
		end if;
	end loop;

	v_answer := api.reservation_answers(v_lines, v_code, v_batch.answer, v_expires_at, v_reservation_id, v_line_code, v_wait_seconds);
	if 0 < any(v_winner) then
		perform api.reservation_write(v_batch, v_lines, v_reservation_id, v_expires_at, v_now);
	end if;
	return query select * from api.batch_end(v_batch, v_code, v_answer, v_winner, v_now);
end
$$;

-- The account's reservations that have not expired, oldest first, with the present price.
create function api.reservations(p_session bytea, p_limit int, p_cursor text) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_account_id bigint := api.require(p_session, 'member');
	v_after bigint := api.cursor_id(p_cursor, 'h');
begin
	return (
		with page as (
			select r.reservation_id, r.shop_id, r.listing_id, r.expires_at, row_number() over (order by r.reservation_id) as nth
			from (select r.* from market.reservation r where r.account_id = v_account_id offset 0) r
			where r.expires_at > (select market.clock()) and (v_after is null or r.reservation_id > v_after)
			order by r.reservation_id
			limit p_limit + 1
		)
		select json_build_object(
			'reservations', coalesce((
				select json_agg(json_build_object(
					'reservation_id', p.reservation_id,
					'listing_id', p.listing_id,
					'shop_id', p.shop_id,
					'shop_name', h.name,
					'brand', s.brand,
					'style', s.style,
					'color', s.color,
					'size', trim_scale(o.size),
					'price_cents', o.price_cents,
					'sale_price_cents', o.sale_price_cents,
					'expires_at', market.rfc3339(p.expires_at)) order by p.nth)
				from page p
				join api.offer o on o.shop_id = p.shop_id and o.listing_id = p.listing_id
				join market.shoe s on s.shoe_id = o.shoe_id
				join market.shop h on h.shop_id = p.shop_id
				where p.nth <= p_limit), '[]'),
			'next', (select 'h' || max(p.reservation_id) filter (where p.nth = p_limit) from page p having count(*) > p_limit))
	);
end
$$;

-- Ends a reservation of the account. not_found: of another account, used, or expired. It has an id of its own, so that a late call cannot end a
-- later reservation of the same listing.
create function api.cancel_reservation(p_session bytea, p_reservation_id bigint) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off set enable_mergejoin = off set enable_hashjoin = off as $$
declare
	v_account_id bigint := api.require(p_session, 'member');
	v_now timestamptz;
	v_shop_id bigint;
	v_listing_id bigint;
	v_holder bigint;
begin
	select r.shop_id, r.listing_id, r.account_id into v_shop_id, v_listing_id, v_holder
	from market.reservation r
	where r.reservation_id = p_reservation_id;
	if v_holder is null then -- it has ended
		perform api.refuse_unchanged('not_found');
	elsif v_holder <> v_account_id then
		perform api.refuse('not_found');
	end if;
	perform from market.stock k where k.shop_id = v_shop_id and k.listing_id = v_listing_id
	for no key update -- guard: cancel
	;
	v_now := market.clock();
	if not exists (select from market.reservation r
		where r.shop_id = v_shop_id and r.reservation_id = p_reservation_id and r.expires_at > v_now) then
		perform api.refuse_unchanged('not_found');
	end if;
	perform api.end_holds(array[v_shop_id], array[p_reservation_id], true);
end
$$;

-- Ends expired reservations, some hundreds at a time, and returns how many. It needs no caller: what it does depends on the time alone. Listings
-- that are locked are skipped: whatever has that lock ends them itself if it needs a pair, and the next run follows in half a second.
create function api.release_expired() returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off set enable_mergejoin = off set enable_hashjoin = off as $$
declare
	v_now timestamptz := market.clock();
	v_shop_ids bigint[];
	v_listing_ids bigint[];
	v_reservation_ids bigint[];
	v_locked bigint[];
begin
	perform api.must_be_durable();
	if not exists (select from market.reservation r where r.expires_at <= v_now) then
		return 0;
	end if;
	delete from market.hold_lapse h where h.lapsed_at < v_now - interval '2 hours';
	select array_agg(r.shop_id), array_agg(r.listing_id), array_agg(r.reservation_id) into v_shop_ids, v_listing_ids, v_reservation_ids
	from (
		select r.shop_id, r.listing_id, r.reservation_id
		from market.reservation r
		where r.expires_at <= v_now
		order by r.expires_at
		limit 400
	) r;
	select array_agg(k.listing_id) into v_locked
	from (
		select k.listing_id
		from (select distinct r.shop_id, r.listing_id from unnest(v_shop_ids, v_listing_ids) as r(shop_id, listing_id)) r
		join market.stock k on k.shop_id = any(array[r.shop_id]) and k.listing_id = r.listing_id
		order by r.shop_id, r.listing_id
		for no key update of k skip locked -- guard: release
	) k;
	return (
		select coalesce(api.end_holds(array_agg(r.shop_id), array_agg(r.reservation_id), true, v_now), 0)
		from api.lock_expired(
			array(select r.shop_id from unnest(v_shop_ids, v_listing_ids) as r(shop_id, listing_id) where r.listing_id = any(v_locked)),
			array(select r.reservation_id from unnest(v_reservation_ids, v_listing_ids) as r(reservation_id, listing_id)
				where r.listing_id = any(v_locked))) r
	);
end
$$;
