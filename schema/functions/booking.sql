-- Bookings: places at release events, and their waiting list. The event's row is the lock of both; each booking gets a ticket under it, so
-- tickets are in order of arrival.

-- The answer of a booking: confirmed, or waiting with its position, from 1.
create function api.place_answer(p_position bigint) returns json
language sql immutable
return case
	when p_position > 0 then json_build_object('status', 'waiting', 'position', p_position)
	else json_build_object('status', 'confirmed')
end;

-- An account's booking at an event; its position counts the waiting tickets up to its own. NULL: no booking.
create function api.booking_answer(p_shop_id bigint, p_event_id bigint, p_account_id bigint) returns json
language sql stable
begin atomic
	select api.place_answer(case b.status when 'waiting' then (
		select count(*)
		from market.booking w
		where w.shop_id = b.shop_id and w.event_id = b.event_id and w.status = 'waiting' and w.ticket <= b.ticket) end)
	from market.booking b
	where b.shop_id = p_shop_id and b.event_id = p_event_id and b.account_id = p_account_id;
end;

create function api.booking_one(p_session bytea, p_event_id bigint) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_account_id bigint := api.require(p_session, 'member');
	v_answer json := api.booking_answer(api.event_shop(p_event_id), p_event_id, v_account_id);
begin
	if v_answer is null then
		perform api.refuse('not_found', 'You have no place at this event.');
	end if;
	return v_answer;
end
$$;

-- Confirms waiting bookings for all free places, by ticket. The caller has locked the event.
create function api.confirm_waiting(p_shop_id bigint, p_event_id bigint, p_now timestamptz) returns void
language plpgsql as $$
declare
	v_free int;
	v_last bigint; -- ticket that gets in
begin
	select least(e.capacity - e.booked, e.waiting) into v_free from market.event e where e.shop_id = p_shop_id and e.event_id = p_event_id;
	if v_free < 1 then
		return;
	end if;
	select b.ticket into v_last
	from market.booking b
	where b.shop_id = p_shop_id and b.event_id = p_event_id and b.status = 'waiting'
	order by b.ticket
	offset v_free - 1
	limit 1;
	with moved as (
		update market.booking b
		set status = 'confirmed', confirmed_at = p_now
		where b.shop_id = p_shop_id and b.event_id = p_event_id and b.status = 'waiting' and b.ticket <= v_last
		returning b.account_id, b.ticket
	)
	insert into market.booking_entry (shop_id, event_id, account_id, ticket, reason, booked, waiting, at)
	select p_shop_id, p_event_id, m.account_id, m.ticket, 'moved up', 1, -1, p_now
	from moved m
	order by m.ticket;
	update market.event e set booked = e.booked + v_free, waiting = e.waiting - v_free
	where e.shop_id = p_shop_id and e.event_id = p_event_id;
end
$$;

-- Books a batch: calls of {session, event_id} and maybe {key, digest}, in order of arrival. Each gets a place while there is room, else the end
-- of the line. Codes: unauthenticated, not_found, key_reused, replayed, already_booked, invalid_state. Nothing a client can cause raises.
-- v_... is one element for each call, e_... one for each event, in the order of their keys. The plans hold for every batch, see checkout.
create function api.create_booking(p_calls jsonb)
returns table (n int, code text, answer json)
language plpgsql security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off set enable_mergejoin = off set enable_hashjoin = off set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
declare
	v_now timestamptz;
	v_account bigint[];
	v_shop bigint[];
	v_event_id bigint[];
	v_event int[]; -- which e_... it is about
	v_key text[];
	v_digest bytea[];
	v_same_key int[]; -- the first call of the same account and key
	v_same_place int[]; -- the first call of the same account and event
	v_code text[];
	v_answer json[];
	v_kept json[];
	v_kept_digest bytea[];
	v_booked boolean[]; -- by v_same_place: has a place there, or waits for one
	v_winner int[]; -- by v_same_key: the call that books; its twins get its answer
	v_ticket bigint[];
	v_waits boolean[];
	e_room int[];
	e_waiting int[];
	e_ticket bigint[]; -- the last one that was given
	e_over boolean[];
	v_calls int;
	v_made boolean := false;
	v_at int; -- the event of the call at hand
	v_twin int; -- of the call at hand
begin
	select array_agg(c.account_id), array_agg(c.shop_id), array_agg(c.event_id), array_agg(c.event), array_agg(c.key), array_agg(c.digest),
		array_agg(c.same_key), array_agg(c.same_place), array_agg(c.code)
	into v_account, v_shop, v_event_id, v_event, v_key, v_digest, v_same_key, v_same_place, v_code
	from (
		select s.account_id, e.shop_id, e.event_id, c.key, c.digest::bytea as digest,
			dense_rank() over (order by e.shop_id, e.event_id) as event,
			min(c.n) over (partition by s.account_id, c.key) as same_key,
			min(c.n) over (partition by s.account_id, e.event_id) as same_place,
			case when s.account_id is null then 'unauthenticated' when e.event_id is null then 'not_found' end as code
		from rows from (jsonb_to_recordset(p_calls) as (session text, event_id bigint, key text, digest text))
			with ordinality as c(session, event_id, key, digest, n)
		left join market.session s on s.session_digest = c.session::bytea and s.expires_at > market.clock()
		left join lateral (select e.shop_id, e.event_id from market.event e where e.event_id = c.event_id offset 0) e on true
		order by c.n
	) c;
	v_calls := coalesce(cardinality(v_code), 0);
	v_answer := array_fill(null::json, array[v_calls]); -- from 1 on: unnest counts from the first element that is there
	v_ticket := array_fill(null::bigint, array[v_calls]);
	v_waits := array_fill(null::boolean, array[v_calls]);

	-- Locks: the accounts whose keys matter, then the events. Then, in statements of their own, what they guard.
	perform from market.cart c
	where c.account_id in (select u.account_id from unnest(v_account, v_key, v_code) as u(account_id, key, code)
		where u.key is not null and u.code is null)
	order by c.account_id
	for no key update -- guard: booking_key
	;
	perform from market.event e
	join (select distinct u.shop_id, u.event_id from unnest(v_shop, v_event_id) as u(shop_id, event_id)) u
		on e.shop_id = any(array[u.shop_id]) and e.event_id = any(array[u.event_id])
	order by u.shop_id, u.event_id
	for no key update of e -- guard: places
	;
	v_now := market.clock();

	select array_agg(c.answer), array_agg(c.digest), array_agg(c.booked) into v_kept, v_kept_digest, v_booked
	from (select k.answer, k.digest, b.account_id is not null as booked
		from unnest(v_account, v_key, v_shop, v_event_id) with ordinality as c(account_id, key, shop_id, event_id, n)
		left join lateral (
			select k.answer::json, k.digest from market.idempotency k where k.account_id = c.account_id and k.key = c.key
			offset 0 -- guard: one_by_one
		) k on true
		left join lateral (
			select b.account_id from market.booking b where b.shop_id = c.shop_id and b.event_id = c.event_id and b.account_id = c.account_id
			offset 0 -- guard: one_by_one
		) b on true
		order by c.n) c;
	select array_agg(e.capacity - e.booked), array_agg(e.waiting), array_agg(e.last_ticket), array_agg(e.starts_at <= v_now - interval '1 day')
	into e_room, e_waiting, e_ticket, e_over
	from (select e.*
		from (select distinct u.shop_id, u.event_id from unnest(v_shop, v_event_id) as u(shop_id, event_id) where u.event_id is not null) u
		join market.event e on e.shop_id = any(array[u.shop_id]) and e.event_id = any(array[u.event_id])
		order by u.shop_id, u.event_id) e;

	-- Call by call, in order of arrival, each seeing what those before it took.
	for i in 1 .. v_calls loop
		v_at := v_event[i];
		v_twin := case when v_key[i] is not null then v_winner[v_same_key[i]] end;
		if v_code[i] is not null then
			continue;
		elsif v_kept_digest[i] is not null then
			v_code[i] := case when v_kept_digest[i] = v_digest[i] then 'replayed' else 'key_reused' end;
			v_answer[i] := case when v_kept_digest[i] = v_digest[i] then v_kept[i] end;
		elsif v_twin is not null then
			v_code[i] := case when v_digest[v_twin] = v_digest[i] then 'replayed' else 'key_reused' end;
			v_answer[i] := case when v_digest[v_twin] = v_digest[i] then v_answer[v_twin] end;
		elsif v_booked[v_same_place[i]] then
			v_code[i] := 'already_booked';
		elsif e_over[v_at] then
			v_code[i] := 'invalid_state';
			v_answer[i] := '{"detail": "This event is over."}';
		else
			v_made := true;
			v_booked[v_same_place[i]] := true;
			v_winner[v_same_key[i]] := i;
			e_ticket[v_at] := e_ticket[v_at] + 1;
			v_ticket[i] := e_ticket[v_at];
			v_waits[i] := e_room[v_at] < 1;
			if v_waits[i] then
				e_waiting[v_at] := e_waiting[v_at] + 1;
			else
				e_room[v_at] := e_room[v_at] - 1;
			end if;
			v_answer[i] := api.place_answer(case when v_waits[i] then e_waiting[v_at] end);
		end if;
	end loop;

	if v_made then
		with made as materialized (
			select c.n, c.account_id, c.shop_id, c.event_id, c.event, c.ticket, c.waits
			from unnest(v_account, v_shop, v_event_id, v_event, v_ticket, v_waits) with ordinality as c(account_id, shop_id, event_id, event, ticket, waits, n)
			where c.ticket is not null
			order by c.n
		), add_bookings as (
			insert into market.booking (shop_id, event_id, account_id, ticket, status, created_at, confirmed_at)
			select m.shop_id, m.event_id, m.account_id, m.ticket, case when m.waits then 'waiting' else 'confirmed' end, v_now,
				case when not m.waits then v_now end
			from made m
		), add_entries as (
			insert into market.booking_entry (shop_id, event_id, account_id, ticket, reason, booked, waiting, at)
			select m.shop_id, m.event_id, m.account_id, m.ticket, case when m.waits then 'queued' else 'booked' end, (not m.waits)::int, m.waits::int, v_now
			from made m
		), keep_keys as (
			insert into market.idempotency (account_id, key, digest, answer, created_at)
			select m.account_id, v_key[m.n], v_digest[m.n], v_answer[m.n], v_now
			from made m
			where v_key[m.n] is not null
		)
		update market.event e
		set booked = e.capacity - e_room[m.event], waiting = e_waiting[m.event], last_ticket = e_ticket[m.event]
		from (select distinct m.shop_id, m.event_id, m.event from made m) m
		where e.shop_id = any(array[m.shop_id]) and e.event_id = any(array[m.event_id]);
	end if;

	return query
	select c.n::int, c.code, c.answer
	from unnest(v_code, v_answer) with ordinality as c(code, answer, n)
	order by c.n;
end
$$;

-- Cancels a confirmed or waiting booking; a free place goes to the first on the waiting list.
create function api.cancel_booking(p_session bytea, p_event_id bigint) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off set enable_mergejoin = off set enable_hashjoin = off as $$
declare
	v_account_id bigint := api.require(p_session, 'member');
	v_shop_id bigint := api.event_shop(p_event_id);
	v_booking market.booking;
	v_waits int;
	v_now timestamptz;
begin
	perform from market.event e where e.shop_id = v_shop_id and e.event_id = p_event_id
	for no key update -- guard: cancelled_place
	;
	select * into v_booking from market.booking b where b.shop_id = v_shop_id and b.event_id = p_event_id and b.account_id = v_account_id;
	if v_booking.status is null then
		perform api.refuse('not_found', 'You have no place at this event.');
	end if;
	v_now := market.clock();
	v_waits := (v_booking.status = 'waiting')::int;
	delete from market.booking b where b.shop_id = v_shop_id and b.event_id = p_event_id and b.account_id = v_account_id;
	insert into market.booking_entry (shop_id, event_id, account_id, ticket, reason, booked, waiting, at)
	values (v_shop_id, p_event_id, v_account_id, v_booking.ticket, case v_waits when 1 then 'left' else 'cancelled' end, v_waits - 1, -v_waits, v_now);
	update market.event e set booked = e.booked - (1 - v_waits), waiting = e.waiting - v_waits
	where e.shop_id = v_shop_id and e.event_id = p_event_id;
	perform api.confirm_waiting(v_shop_id, p_event_id, v_now);
end
$$;
