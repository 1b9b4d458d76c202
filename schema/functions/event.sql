-- Release events. The event's row is the lock of its places and its waiting list (booking.sql). Its version counts edits alone: bookings do not
-- change it.
--
-- Until an event begins, places are booked and cancelled, and it can be edited and called off. Once it has begun, or was called off, its bookings stay as they are;
-- of one that has begun the title can still be edited. An event that was called off has no bookings in any answer.

-- Whether the account booked a place at the event, or waits for one.
create function api.was_booked(p_shop_id bigint, p_event_id bigint, p_account_id bigint) returns boolean
language sql stable
begin atomic
	select exists (
		select from market.booking b where b.shop_id = p_shop_id and b.event_id = p_event_id and b.account_id = p_account_id);
end;

create function api.event_answer(e market.event, p_account_id bigint) returns json
language sql stable
begin atomic
	select json_build_object(
		'event_id', (e).event_id,
		'shop_id', (e).shop_id,
		'shop_name', h.name,
		'title', (e).title,
		'starts_at', market.rfc3339((e).starts_at),
		'capacity', (e).capacity,
		'booked', case when (e).called_off_at is null then (e).booked else 0 end,
		'waiting', case when (e).called_off_at is null then (e).waiting else 0 end,
		'version', (e).version,
		'status', case when (e).called_off_at is null then 'planned' else 'called_off' end,
		'called_off_at', market.rfc3339((e).called_off_at),
		'open', (e).called_off_at is null and (e).starts_at > market.clock(),
		'booking', case when (e).called_off_at is null then api.booking_answer((e).shop_id, (e).event_id, p_account_id) end,
		'was_booked', (e).called_off_at is not null and api.was_booked((e).shop_id, (e).event_id, p_account_id))
	from market.shop h
	where h.shop_id = (e).shop_id;
end;

-- Events that are on or to come, ordered by start. An event is on until a day after its start. One that was called off, or whose shop is suspended, is shown
-- to those who were in it, and to its shop. p_shop_id: those of one shop alone; NULL: of all.
create function api.events(p_session bytea, p_shop_id bigint, p_limit int, p_cursor text) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_account_id bigint := api.require(p_session, 'anyone');
	v_shop_id bigint := (select h.shop_id from market.shop h where h.account_id = v_account_id);
	v_after bigint[] := api.cursor_parts(p_cursor, 'e', 2); -- microseconds of the start, event
begin
	return (
		with page as (
			select e, e.event_id, api.time_mark(e.starts_at) as start, row_number() over (order by e.starts_at, e.event_id) as nth
			from market.event e
			where e.starts_at > (select market.clock()) - interval '1 day' and (p_shop_id is null or e.shop_id = p_shop_id)
				and (v_after is null or (e.starts_at, e.event_id) > (api.mark_time(v_after[1]), v_after[2]))
				and (e.called_off_at is null and not (select h.suspended from market.shop h where h.shop_id = e.shop_id)
					or e.shop_id = v_shop_id or api.was_booked(e.shop_id, e.event_id, v_account_id))
			order by e.starts_at, e.event_id
			limit p_limit + 1
		)
		select json_build_object(
			'events', coalesce((select json_agg(api.event_answer(p.e, v_account_id) order by p.nth) from page p where p.nth <= p_limit), '[]'),
			'next', (select 'e' || l.start || '.' || l.event_id from page l
				where l.nth = p_limit and exists (select from page m where m.nth > p_limit)))
	);
end
$$;

-- One event, with the caller's booking.
create function api.event_one(p_session bytea, p_event_id bigint) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_account_id bigint := api.require(p_session, 'anyone');
	v_shop_id bigint;
	v_answer json;
begin
	select e.shop_id, api.event_answer(e, v_account_id) into v_shop_id, v_answer from market.event e where e.event_id = p_event_id;
	if v_answer is null then
		perform api.refuse('not_found');
	elsif not api.was_booked(v_shop_id, p_event_id, v_account_id) then
		perform api.must_see_shop(v_account_id, v_shop_id);
	end if;
	return v_answer;
end
$$;

-- The shop of an event; refuses one that is not there.
create function api.event_shop(p_event_id bigint) returns bigint
language plpgsql stable as $$
declare
	v_shop_id bigint;
begin
	select e.shop_id into v_shop_id from market.event e where e.event_id = p_event_id;
	if v_shop_id is null then
		perform api.refuse('not_found');
	end if;
	return v_shop_id;
end
$$;

-- Refuses a start that is past, or too far ahead.
create function api.check_start(p_starts_at timestamptz, p_now timestamptz) returns void
language plpgsql as $$
begin
	if p_starts_at <= p_now then
		perform api.refuse('invalid', null, api.field_error('starts_at', 'This moment is past.'));
	elsif p_starts_at >= '2200-01-01 00:00Z' then
		perform api.refuse('invalid', null, api.field_error('starts_at', 'Events can be announced until the year 2200.'));
	end if;
end
$$;

create function api.create_event(p_session bytea, p_shop_id bigint, p_title text, p_starts_at timestamptz, p_capacity int,
	p_key text, p_digest bytea)
returns table (code text, answer json)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
	v_account_id bigint := api.require(p_session, 'owner', p_shop_id);
	v_kept json := api.key_claim(v_account_id, p_key, p_digest);
	v_now timestamptz := market.clock();
	v_event market.event;
	v_answer json;
begin
	if v_kept is not null then
		return query select 'replayed', v_kept;
		return;
	end if;
	perform api.check_start(p_starts_at, v_now);
	insert into market.event (shop_id, title, starts_at, capacity, created_at)
	values (p_shop_id, p_title, date_trunc('milliseconds', p_starts_at), p_capacity, v_now) -- as it is shown, so that an edit can give it back
	returning * into v_event;
	v_answer := api.event_answer(v_event, v_account_id);
	perform api.key_keep(v_account_id, p_key, p_digest, v_answer);
	return query select null, v_answer;
end
$$;

-- The answer of a stale edit: the present version, and the present value of each field that differs.
create function api.stale_answer(e market.event, p_title text, p_starts_at timestamptz, p_capacity int) returns json
language sql stable
return json_build_object(
	'version', (e).version,
	'errors', (
		select coalesce(json_agg(json_build_object('field', f.field, 'message', format('By now it is: %s.', f.now)) order by f.n), '[]')
		from (values (1, 'title', p_title, (e).title), (2, 'starts_at', market.rfc3339(p_starts_at), market.rfc3339((e).starts_at)),
			(3, 'capacity', p_capacity::text, (e).capacity::text)) as f(n, field, given, now)
		where f.given <> f.now));

-- An edit by the shop's owner of a version that it saw (p_versions; NULL: any), which makes the next version. If it adds places, the waiting list
-- moves up; so an event that has begun keeps its places and its start.
create function api.change_event(p_session bytea, p_event_id bigint, p_versions int[], p_title text, p_starts_at timestamptz,
	p_capacity int) returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off set enable_mergejoin = off set enable_hashjoin = off as $$
declare
	v_shop_id bigint := (select e.shop_id from market.event e where e.event_id = p_event_id);
	v_account_id bigint := api.require(p_session, 'owner', coalesce(v_shop_id, 0)); -- no event: the shop 0, which is not_found
	v_event market.event;
	v_starts_at timestamptz := date_trunc('milliseconds', p_starts_at);
	v_stale json;
	v_now timestamptz;
	v_moves boolean;
	v_has_begun boolean;
begin
	perform from market.event e where e.shop_id = v_shop_id and e.event_id = p_event_id
	for no key update -- guard: event
	;
	select * into v_event from market.event e where e.shop_id = v_shop_id and e.event_id = p_event_id;
	v_now := market.clock();
	if v_event.version <> all (p_versions) then
		v_stale := api.stale_answer(v_event, p_title, v_starts_at, p_capacity);
		if json_array_length(v_stale -> 'errors') = 0 then -- it is as this edit would make it
			perform api.refuse_unchanged('stale', null, v_stale::jsonb);
		end if;
		perform api.refuse('stale', null, v_stale);
	end if;
	if v_event.called_off_at is not null then
		perform api.refuse('invalid_state', 'This event was called off; it can no longer be changed.');
	end if;
	v_moves := v_starts_at <> date_trunc('milliseconds', v_event.starts_at);
	v_has_begun := v_event.starts_at <= v_now;
	if v_has_begun and (v_moves or p_capacity <> v_event.capacity) then
		perform api.refuse('invalid_state', 'This event has begun; only its title can still be changed.');
	elsif v_moves then
		perform api.check_start(v_starts_at, v_now);
	end if;
	if p_capacity < v_event.booked then
		perform api.refuse('invalid', null, api.field_error('capacity', format('%s places are booked already.', v_event.booked)));
	end if;
	update market.event e
	set title = coalesce(p_title, e.title), starts_at = coalesce(v_starts_at, e.starts_at), capacity = coalesce(p_capacity, e.capacity),
		version = v_event.version + 1
	where e.shop_id = v_shop_id and e.event_id = p_event_id;
	if not v_has_begun then
		perform api.confirm_waiting(v_shop_id, p_event_id, v_now);
	end if;
	return (select api.event_answer(e, v_account_id) from market.event e where e.shop_id = v_shop_id and e.event_id = p_event_id);
end
$$;

-- Calls an event off, until it begins; again it changes nothing. Its bookings are not touched: see event_answer.
create function api.call_off_event(p_session bytea, p_event_id bigint) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_shop_id bigint := (select e.shop_id from market.event e where e.event_id = p_event_id);
	v_event market.event;
	v_now timestamptz;
begin
	perform api.require(p_session, 'owner', coalesce(v_shop_id, 0)); -- no event: the shop 0, which is not_found
	perform from market.event e where e.shop_id = v_shop_id and e.event_id = p_event_id
	for no key update -- guard: called_off
	;
	select * into v_event from market.event e where e.shop_id = v_shop_id and e.event_id = p_event_id;
	v_now := market.clock();
	if v_event.called_off_at is not null then
		return;
	elsif v_event.starts_at <= v_now then
		perform api.refuse('invalid_state', 'This event has begun; it can no longer be called off.');
	end if;
	update market.event e
	set called_off_at = v_now, version = v_event.version + 1
	where e.shop_id = v_shop_id and e.event_id = p_event_id;
end
$$;
