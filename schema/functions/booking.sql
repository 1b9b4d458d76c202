-- Bookings: places at release events, and their waiting list. The event's row is the lock of both; each booking gets a ticket under it, so
-- tickets are in order of arrival. Nothing of them changes once the event has begun or was called off.

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
	v_event market.event := (select e from market.event e where e.shop_id = api.event_shop(p_event_id) and e.event_id = p_event_id);
	v_answer json := api.booking_answer(v_event.shop_id, p_event_id, v_account_id);
begin
	if v_event.called_off_at is not null then
		perform api.refuse('not_found', 'This event was called off; nobody is booked any more.');
	elsif v_answer is null then
		perform api.refuse('not_found', 'You have no place at this event.');
	elsif v_event.starts_at <= market.clock() then
		return v_answer::jsonb || '{"open": false}'; -- it can no longer be given back
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
	v_moved record;
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
	for v_moved in
		with moved as (
			update market.booking b
			set status = 'confirmed', confirmed_at = p_now
			where b.shop_id = p_shop_id and b.event_id = p_event_id and b.status = 'waiting' and b.ticket <= v_last
			returning b.account_id, b.ticket
		)
		insert into market.booking_entry (shop_id, event_id, account_id, ticket, reason, booked, waiting, at)
		select p_shop_id, p_event_id, m.account_id, m.ticket, 'moved up', 1, -1, p_now
		from moved m
		order by m.ticket
		returning account_id, ticket
	loop
		perform api.mail_add('moved_up', format('%s.%s', p_event_id, v_moved.ticket), null, v_moved.account_id, p_now,
			jsonb_build_object('event_id', p_event_id));
	end loop;
	update market.event e set booked = e.booked + v_free, waiting = e.waiting - v_free
	where e.shop_id = p_shop_id and e.event_id = p_event_id;
end
$$;

-- Books places: a batch of calls of {session, event_id} and maybe {key, digest}, see batch.sql. Each call is confirmed while there are free places,
-- and waits otherwise. Codes: unauthenticated, not_found, replayed, key_reused, already_booked, invalid_state.
create function api.create_booking(p_calls jsonb, p_lock_ms int default null, p_stuck text[] default null)
returns table (n int, code text, answer text)
language plpgsql security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off set enable_mergejoin = off set enable_hashjoin = off set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
declare
	v_batch api.batch;
	v_code text[];
	v_answer text[];
	v_winner int[]; -- by v_batch.first: the call that booked
	v_now timestamptz;
	-- for each call
	v_shop_id bigint[];
	v_event_id bigint[]; -- NULL: there is no such event, or the call is refused already
	v_event int[]; -- the element of the events below
	v_same int[]; -- the first call of the same account and event
	v_booked boolean[]; -- by v_same: it has a booking at this event
	v_ticket bigint[]; -- NULL: nothing was booked
	v_waits boolean[];
	-- for each event, in the order of their keys
	v_free int[]; -- places
	v_waiting int[];
	v_last_ticket bigint[];
	v_has_begun boolean[];
	v_is_called_off boolean[];
	v_is_suspended boolean[]; -- its shop
	v_at int; -- the event of the call at hand
begin
	v_batch := api.batch_begin(p_calls, 'member', p_lock_ms => p_lock_ms, p_stuck => p_stuck);
	if v_batch.diverts then
		v_batch := api.batch_divert_by(v_batch, 'event', p_calls, 'event_id');
	end if;
	v_code := v_batch.code;
	v_answer := v_batch.answer;
	v_winner := array_fill(null::int, array[v_batch.calls]);
	v_ticket := array_fill(null::bigint, array[v_batch.calls]);
	v_waits := array_fill(null::boolean, array[v_batch.calls]);
	select array_agg(c.shop_id), array_agg(c.event_id), array_agg(c.event), array_agg(c.same)
	into v_shop_id, v_event_id, v_event, v_same
	from (
		select e.shop_id, e.event_id, dense_rank() over (order by e.shop_id, e.event_id)::int as event,
			min(c.n) over (partition by c.account_id, e.event_id)::int as same
		from rows from (jsonb_to_recordset(p_calls) as (event_id bigint), unnest(v_batch.account_id), unnest(v_code))
			with ordinality as c(event_id, account_id, code, n)
		left join lateral (
			select e.shop_id, e.event_id from market.event e where c.code is null and e.event_id = c.event_id offset 0) e on true
		order by c.n
	) c;

	-- An event that does not exist is not_found, also with a key that was used for another one.
	if 'key_reused' = any(v_code) then
		select array_agg(case when c.code = 'key_reused' and e.event_id is null then 'not_found' else c.code end order by c.n) into v_code
		from rows from (jsonb_to_recordset(p_calls) as (event_id bigint), unnest(v_code)) with ordinality as c(event_id, code, n)
		left join lateral (select e.event_id from market.event e where e.event_id = c.event_id offset 0) e on true;
	end if;

	perform from market.event e
	join (select distinct u.shop_id, u.event_id from unnest(v_shop_id, v_event_id) as u(shop_id, event_id)) u
		on e.shop_id = any(array[u.shop_id]) and e.event_id = any(array[u.event_id])
	order by u.shop_id, u.event_id
	for no key update of e -- guard: places
	;
	v_now := market.clock();

	-- What the locks guard.
	select array_agg(c.booked) into v_booked
	from (
		select b.account_id is not null as booked
		from unnest(v_batch.account_id, v_shop_id, v_event_id) with ordinality as c(account_id, shop_id, event_id, n)
		left join lateral (
			select b.account_id from market.booking b where b.shop_id = c.shop_id and b.event_id = c.event_id and b.account_id = c.account_id
			offset 0 -- guard: one_by_one
		) b on true
		order by c.n
	) c;
	select array_agg(e.capacity - e.booked), array_agg(e.waiting), array_agg(e.last_ticket), array_agg(e.starts_at <= v_now),
		array_agg(e.called_off_at is not null), array_agg((select h.suspended from market.shop h where h.shop_id = e.shop_id))
	into v_free, v_waiting, v_last_ticket, v_has_begun, v_is_called_off, v_is_suspended
	from (
		select e.*
		from (select distinct u.shop_id, u.event_id from unnest(v_shop_id, v_event_id) as u(shop_id, event_id) where u.event_id is not null) u
		join market.event e on e.shop_id = any(array[u.shop_id]) and e.event_id = any(array[u.event_id])
		order by u.shop_id, u.event_id
	) e;

	for i in 1 .. v_batch.calls loop
		if v_code[i] is null and v_event_id[i] is null then
			v_code[i] := 'not_found';
		end if;
		continue when v_code[i] is not null or v_winner[v_batch.first[i]] is not null;
		v_at := v_event[i];
		if v_is_called_off[v_at] then
			v_code[i] := 'invalid_state';
			v_answer[i] := '{"detail": "The shop has called this event off."}';
		elsif v_booked[v_same[i]] then
			v_code[i] := 'already_booked';
			v_answer[i] := '{"unchanged": true}';
		elsif v_is_suspended[v_at] then
			v_code[i] := 'not_found';
		elsif v_has_begun[v_at] then
			v_code[i] := 'invalid_state';
			v_answer[i] := '{"detail": "This event has begun; its places can no longer be booked."}';
		else
			v_winner[v_batch.first[i]] := i;
			v_booked[v_same[i]] := true;
			v_last_ticket[v_at] := v_last_ticket[v_at] + 1;
			v_ticket[i] := v_last_ticket[v_at];
			v_waits[i] := v_free[v_at] < 1;
			if v_waits[i] then
				v_waiting[v_at] := v_waiting[v_at] + 1;
			else
				v_free[v_at] := v_free[v_at] - 1;
			end if;
			v_answer[i] := api.place_answer(case when v_waits[i] then v_waiting[v_at] end);
		end if;
	end loop;

	if 0 < any(v_winner) then
		with made as materialized (
			select c.account_id, c.shop_id, c.event_id, c.event, c.ticket, c.waits
			from unnest(v_batch.account_id, v_shop_id, v_event_id, v_event, v_ticket, v_waits)
				with ordinality as c(account_id, shop_id, event_id, event, ticket, waits, n)
			where c.ticket is not null
			order by c.n
		), add_bookings as (
			insert into market.booking (shop_id, event_id, account_id, ticket, status, created_at, confirmed_at)
			select m.shop_id, m.event_id, m.account_id, m.ticket, case when m.waits then 'waiting' else 'confirmed' end, v_now,
				case when not m.waits then v_now end
			from made m
		), add_entries as (
			insert into market.booking_entry (shop_id, event_id, account_id, ticket, reason, booked, waiting, at)
			select m.shop_id, m.event_id, m.account_id, m.ticket, case when m.waits then 'queued' else 'booked' end, (not m.waits)::int,
				m.waits::int, v_now
			from made m
		)
		update market.event e
		set booked = e.capacity - v_free[m.event], waiting = v_waiting[m.event], last_ticket = v_last_ticket[m.event]
		from (select distinct m.shop_id, m.event_id, m.event from made m) m
		where e.shop_id = any(array[m.shop_id]) and e.event_id = any(array[m.event_id]);
	end if;
	return query select * from api.batch_end(v_batch, v_code, v_answer, v_winner, v_now);
end
$$;

-- Cancels a confirmed or waiting booking, until the event begins; a free place goes to the first on the waiting list.
create function api.cancel_booking(p_session bytea, p_event_id bigint) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off set enable_mergejoin = off set enable_hashjoin = off as $$
declare
	v_account_id bigint := api.require(p_session, 'member');
	v_shop_id bigint := api.event_shop(p_event_id);
	v_event market.event;
	v_booking market.booking;
	v_waits int;
	v_now timestamptz;
begin
	perform from market.event e where e.shop_id = v_shop_id and e.event_id = p_event_id
	for no key update -- guard: cancelled_place
	;
	v_now := market.clock();
	select * into v_event from market.event e where e.shop_id = v_shop_id and e.event_id = p_event_id;
	select * into v_booking from market.booking b where b.shop_id = v_shop_id and b.event_id = p_event_id and b.account_id = v_account_id;
	if v_event.called_off_at is not null then
		perform api.refuse_unchanged('invalid_state', 'The shop has called this event off.');
	elsif v_booking.status is null then
		perform api.refuse_unchanged('not_found', 'You have no place at this event.');
	elsif v_event.starts_at <= v_now then
		perform api.refuse('invalid_state', 'This event has begun; its places can no longer be given back.');
	end if;
	v_waits := (v_booking.status = 'waiting')::int;
	delete from market.booking b where b.shop_id = v_shop_id and b.event_id = p_event_id and b.account_id = v_account_id;
	insert into market.booking_entry (shop_id, event_id, account_id, ticket, reason, booked, waiting, at)
	values (v_shop_id, p_event_id, v_account_id, v_booking.ticket, case v_waits when 1 then 'left' else 'cancelled' end, v_waits - 1, -v_waits, v_now);
	update market.event e set booked = e.booked - (1 - v_waits), waiting = e.waiting - v_waits
	where e.shop_id = v_shop_id and e.event_id = p_event_id;
	perform api.confirm_waiting(v_shop_id, p_event_id, v_now);
end
$$;
