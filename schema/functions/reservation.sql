-- Reservations: an account holds one pair of a listing until the reservation expires. The lock of the listing's stock guards its reservations too:
-- whatever takes, uses, cancels or releases one has it first, so a reservation ends once.

-- Ends these reservations, returns their pairs to the stock, and returns how many. p_shown: a listing that was sold out is in stock again; a checkout
-- sells the pairs at once and leaves it sold out. The caller has locked the stock and has read the reservations under that lock. The tables may be
-- nearly empty when a plan is made and large a minute later: the settings, and any(array[...]), leave the index as the only plan.
create function api.end_holds(p_shop_ids bigint[], p_reservation_ids bigint[], p_shown boolean) returns bigint
language plpgsql
set enable_seqscan = off set enable_mergejoin = off set enable_hashjoin = off set enable_material = off as $$
declare
	v_pairs bigint;
begin
	with ended as (
		delete from market.reservation r
		using unnest(p_shop_ids, p_reservation_ids) as e(shop_id, reservation_id)
		where r.shop_id = any(array[e.shop_id]) and r.reservation_id = any(array[e.reservation_id])
		returning r.shop_id, r.listing_id
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
		where p_shown and l.shop_id = b.shop_id and l.listing_id = b.listing_id and l.withdrawn_at is null and not l.in_stock
	)
	select count(*) into v_pairs from ended e;
	return v_pairs;
end
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
	return api.end_holds(v_shop_ids, v_reservation_ids, true);
end
$$;

-- The answer of create_reservation: {"reserved": [...], "refused": [...]}; if all were refused, the extra members of the problem.
create function api.reserved_answer(p_reserved json, p_refused json, p_code text) returns json
language sql immutable
return case
	when p_reserved is not null then json_build_object('reserved', p_reserved, 'refused', coalesce(p_refused, '[]'))
	when p_code = 'forbidden' then json_build_object('detail', 'One does not hold a pair in one''s own shop.', 'refused', p_refused)
	else json_build_object('refused', p_refused)
end;

-- Holds pairs: calls of {session, listing_ids, hold_seconds} and maybe {key, digest}, in order of arrival. A listing that is named twice in
-- a call is held once. Codes: unauthenticated, key_reused, replayed; and where nothing could be held, the first listing's: not_found,
-- forbidden, already_reserved, out_of_stock. Nothing a client can cause raises. As in api.checkout, a batch is held in arrays, and for plans
-- the same holds: v_... is one element for each call, l_... for each line, g_... for each listing, h_... for each account and listing.
create function api.create_reservation(p_calls jsonb)
returns table (n int, code text, answer json)
language plpgsql security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off set enable_mergejoin = off set enable_hashjoin = off set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
declare
	v_now timestamptz;
	-- what the calls say
	v_account bigint[];
	v_ids jsonb[];
	v_seconds int[];
	v_key text[];
	v_digest bytea[];
	v_same_key int[]; -- the first call of the same account and key
	-- what their keys were answered before
	v_kept json[];
	v_kept_digest bytea[];
	-- their lines
	l_call int[];
	l_shop_id bigint[]; -- 0: there is no such listing
	l_listing_id bigint[];
	l_goods int[]; -- which g_... it asks for
	l_whose int[]; -- which h_...
	-- the goods, in the order of their keys
	g_there boolean[];
	g_owner bigint[];
	g_left bigint[];
	v_held boolean; -- somebody holds some of them
	h_held boolean[]; -- this account holds a pair of this listing
	-- what is decided
	v_code text[];
	v_answer json[];
	v_until timestamptz[];
	v_winner int[]; -- by v_same_key: the call that reserved; its twins get its answer
	v_taken int[]; -- pairs
	l_code text[];
	l_reservation bigint[]; -- 0: none
	-- of the call at hand
	v_calls int;
	v_lines int;
	v_first int;
	v_next int := 1;
	v_goods int;
begin
	-- Who asks, and for what.
	select array_agg(c.account_id), array_agg(c.listing_ids), array_agg(c.hold_seconds), array_agg(c.key), array_agg(c.digest),
		array_agg(c.same_key), array_agg(case when c.account_id is null then 'unauthenticated' end)
	into v_account, v_ids, v_seconds, v_key, v_digest, v_same_key, v_code
	from (
		select s.account_id, c.listing_ids, coalesce(c.hold_seconds, 900) as hold_seconds, c.key, c.digest::bytea as digest,
			min(c.n) over (partition by s.account_id, c.key) as same_key
		from rows from (jsonb_to_recordset(p_calls) as (session text, listing_ids jsonb, hold_seconds int, key text, digest text))
			with ordinality as c(session, listing_ids, hold_seconds, key, digest, n)
		left join market.session s on s.session_digest = c.session::bytea and s.expires_at > market.clock()
		order by c.n
	) c;
	v_calls := coalesce(cardinality(v_account), 0);
	v_winner := array_fill(0, array[v_calls]);
	v_taken := v_winner;
	v_answer := array_fill(null::json, array[v_calls]); -- from 1 on: unnest counts from the first element that is there
	v_until := array_fill(null::timestamptz, array[v_calls]);

	-- Locks: the accounts whose keys matter, and then what their keys were answered; the goods.
	perform from market.cart c
	where c.account_id in (select u.account_id from unnest(v_account, v_key) as u(account_id, key) where u.key is not null)
	order by c.account_id
	for no key update -- guard: cart
	;
	select array_agg(k.answer), array_agg(k.digest) into v_kept, v_kept_digest
	from (select k.answer, k.digest
		from unnest(v_account, v_key) with ordinality as c(account_id, key, n)
		left join lateral (
			select k.answer::json, k.digest from market.idempotency k where k.account_id = c.account_id and k.key = c.key
			offset 0 -- guard: one_by_one
		) k on true
		order by c.n) k;

	select array_agg(i.n), array_agg(i.shop_id), array_agg(i.listing_id), array_agg(i.goods), array_agg(i.whose)
	into l_call, l_shop_id, l_listing_id, l_goods, l_whose
	from (
		select i.n, i.shop_id, i.listing_id,
			dense_rank() over (order by i.shop_id, i.listing_id) as goods,
			dense_rank() over (order by v_account[i.n], i.listing_id) as whose
		from (
			select c.n::int as n, coalesce(l.shop_id, 0) as shop_id, a.listing_id::bigint as listing_id, min(a.position) as position
			from unnest(v_ids) with ordinality as c(ids, n)
			cross join lateral jsonb_array_elements_text(c.ids) with ordinality as a(listing_id, position)
			left join lateral (select l.shop_id from market.listing l where l.listing_id = a.listing_id::bigint offset 0) l on true
			where v_account[c.n] is not null and v_kept_digest[c.n] is null
			group by c.n, l.shop_id, a.listing_id
		) i
		order by i.n, i.position
	) i;
	v_lines := coalesce(cardinality(l_call), 0);

	perform from market.stock k
	join unnest(l_shop_id, l_listing_id) as l(shop_id, listing_id) on k.shop_id = any(array[l.shop_id]) and k.listing_id = l.listing_id
	order by l.shop_id, l.listing_id -- guard: stock_order
	for no key update of k -- guard: stock
	;
	v_now := market.clock();

	-- What there is. What has expired is free to the next taker, who is here now.
	select array_agg(g.there), array_agg(g.owner), array_agg(g.available), bool_or(g.held > 0)
	into g_there, g_owner, g_left, v_held
	from (
		select k.available is not null and l.withdrawn_at is null as there, h.account_id as owner, k.available, k.held
		from (select distinct i.shop_id, i.listing_id from unnest(l_shop_id, l_listing_id) as i(shop_id, listing_id)) i
		left join lateral (
			select l.withdrawn_at from market.listing l where l.shop_id = i.shop_id and l.listing_id = i.listing_id offset 0) l on true
		left join lateral (
			select k.available, k.held from market.stock k where k.shop_id = i.shop_id and k.listing_id = i.listing_id
			offset 0 -- guard: one_by_one
		) k on true
		left join lateral (select h.account_id from market.shop h where h.shop_id = i.shop_id offset 0) h on true
		order by i.shop_id, i.listing_id
	) g;
	if v_held then
		if api.free_expired(l_listing_id, v_now) > 0 then
			g_left := api.listings_left(l_shop_id, l_listing_id);
		end if;
		select array_agg(h.held) into h_held
		from (
			select r.reservation_id is not null as held
			from (select distinct v_account[i.call] as account_id, i.listing_id from unnest(l_call, l_listing_id) as i(call, listing_id)) i
			left join lateral (
				select r.reservation_id from market.reservation r where r.account_id = i.account_id and r.listing_id = i.listing_id
				offset 0 -- guard: one_by_one
			) r on true
			order by i.account_id, i.listing_id
		) h;
	else
		h_held := array_fill(false, array[v_lines]);
	end if;
	l_code := array_fill(null::text, array[v_lines]);
	l_reservation := array_fill(0, array[v_lines]);

	-- Call by call, in order of arrival, each seeing what those before it took.
	for i in 1 .. v_calls loop
		v_first := v_next;
		while l_call[v_next] = i loop
			v_next := v_next + 1;
		end loop;
		if v_code[i] is not null then
			continue;
		elsif v_kept_digest[i] is not null then
			v_code[i] := case when v_kept_digest[i] = v_digest[i] then 'replayed' else 'key_reused' end;
			v_answer[i] := case when v_kept_digest[i] = v_digest[i] then v_kept[i] end;
			continue;
		elsif v_key[i] is not null and v_winner[v_same_key[i]] > 0 then
			v_code[i] := case when v_digest[v_winner[v_same_key[i]]] = v_digest[i] then 'replayed' else 'key_reused' end;
			continue;
		end if;
		for j in v_first .. v_next - 1 loop
			v_goods := l_goods[j];
			if not g_there[v_goods] then
				l_code[j] := 'not_found';
			elsif g_owner[v_goods] = v_account[i] then
				l_code[j] := 'forbidden';
			elsif h_held[l_whose[j]] then
				l_code[j] := 'already_reserved';
			elsif g_left[v_goods] < 1 then
				l_code[j] := 'out_of_stock';
			else
				l_reservation[j] := nextval('market.reservation_reservation_id_seq');
				g_left[v_goods] := g_left[v_goods] - 1;
				h_held[l_whose[j]] := true;
				v_taken[i] := v_taken[i] + 1;
			end if;
		end loop;
		if v_taken[i] = 0 then
			v_code[i] := l_code[v_first];
		else
			v_until[i] := v_now + v_seconds[i] * interval '1 second';
			v_winner[v_same_key[i]] := i;
		end if;
	end loop;

	-- What is answered; and if something was taken, all writes, each table once.
	select array_agg(coalesce(c.answer, api.reserved_answer(a.reserved, a.refused, c.code)) order by c.n) into v_answer
	from unnest(v_answer, v_code, v_until) with ordinality as c(answer, code, until, n)
	left join (
		select i.call,
			json_agg(json_build_object('reservation_id', i.reservation_id, 'listing_id', i.listing_id,
				'expires_at', market.rfc3339(v_until[i.call])) order by i.nth) filter (where i.reservation_id > 0) as reserved,
			json_agg(json_build_object('listing_id', i.listing_id, 'code', i.code) order by i.nth) filter (where i.code is not null) as refused
		from unnest(l_call, l_listing_id, l_reservation, l_code) with ordinality as i(call, listing_id, reservation_id, code, nth)
		where i.reservation_id > 0 or i.code is not null
		group by i.call
	) a on a.call = c.n;

	if 0 < any(v_taken) then
		with line as materialized (
			select i.shop_id, i.listing_id, i.reservation_id, v_account[i.call] as account_id, v_until[i.call] as expires_at
			from unnest(l_call, l_shop_id, l_listing_id, l_reservation) as i(call, shop_id, listing_id, reservation_id)
			where i.reservation_id > 0
		), add_holds as (
			insert into market.reservation (shop_id, reservation_id, listing_id, account_id, created_at, expires_at)
			select l.shop_id, l.reservation_id, l.listing_id, l.account_id, v_now, l.expires_at
			from line l
		), stock_left as (
			update market.stock k
			set available = k.available - l.pairs, held = k.held + l.pairs
			from (select l.shop_id, l.listing_id, count(*) as pairs from line l group by l.shop_id, l.listing_id) l
			where k.shop_id = any(array[l.shop_id]) and k.listing_id = l.listing_id
			returning k.shop_id, k.listing_id, k.available
		), hide_sold_out as (
			update market.listing l
			set in_stock = false
			from stock_left k
			where k.available = 0 and l.shop_id = k.shop_id and l.listing_id = k.listing_id
		)
		insert into market.idempotency (account_id, key, digest, answer, created_at)
		select c.account_id, c.key, c.digest, c.answer, v_now
		from unnest(v_account, v_key, v_digest, v_answer, v_taken) as c(account_id, key, digest, answer, taken)
		where c.taken > 0 and c.key is not null;
	end if;

	return query
	select c.n::int, c.code,
		case when c.code = 'replayed' and v_winner[c.same_key] > 0 then v_answer[v_winner[c.same_key]]
			when c.code is distinct from 'unauthenticated' and c.code is distinct from 'key_reused' then c.answer end
	from unnest(v_code, v_answer, v_same_key) with ordinality as c(code, answer, same_key, n)
	order by c.n;
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
	if v_holder is distinct from v_account_id then
		perform api.refuse('not_found');
	end if;
	perform from market.stock k where k.shop_id = v_shop_id and k.listing_id = v_listing_id
	for no key update -- guard: cancel
	;
	v_now := market.clock();
	if not exists (select from market.reservation r
		where r.shop_id = v_shop_id and r.reservation_id = p_reservation_id and r.expires_at > v_now) then
		perform api.refuse('not_found');
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
	if not exists (select from market.reservation r where r.expires_at <= v_now) then
		return 0;
	end if;
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
		select api.end_holds(array_agg(r.shop_id), array_agg(r.reservation_id), true)
		from unnest(v_shop_ids, v_listing_ids, v_reservation_ids) as r(shop_id, listing_id, reservation_id)
		where r.listing_id = any(v_locked)
	);
end
$$;
