-- Release events. The event's row is the lock of its places and its waiting list (booking.sql). Its version counts edits alone: bookings do not
-- change it.

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
		'booked', (e).booked,
		'waiting', (e).waiting,
		'version', (e).version,
		'booking', api.booking_answer((e).shop_id, (e).event_id, p_account_id))
	from market.shop h
	where h.shop_id = (e).shop_id;
end;

-- Events that are on or to come, ordered by start. An event is on until a day after its start.
create function api.events(p_session bytea, p_limit int, p_cursor text) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_account_id bigint := api.require(p_session, 'anyone');
	v_after bigint[] := api.cursor_parts(p_cursor, 'e', 2); -- microseconds of the start, event
begin
	return (
		with page as (
			select e, e.event_id, (extract(epoch from e.starts_at) * 1000000)::bigint as start, row_number() over (order by e.starts_at, e.event_id) as nth
			from market.event e
			where e.starts_at > (select market.clock()) - interval '1 day'
				and (v_after is null or (e.starts_at, e.event_id) > (timestamptz 'epoch' + v_after[1] * interval '1 microsecond', v_after[2]))
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
	v_answer json;
begin
	select api.event_answer(e, v_account_id) into v_answer from market.event e where e.event_id = p_event_id;
	if v_answer is null then
		perform api.refuse('not_found');
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
	if p_starts_at <= v_now then
		perform api.refuse('invalid', null, api.field_error('starts_at', 'This moment is past.'));
	end if;
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
-- moves up.
create function api.change_event(p_session bytea, p_event_id bigint, p_versions int[], p_title text, p_starts_at timestamptz,
	p_capacity int) returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off set enable_mergejoin = off set enable_hashjoin = off as $$
declare
	v_shop_id bigint := (select e.shop_id from market.event e where e.event_id = p_event_id);
	v_account_id bigint := api.require(p_session, 'owner', coalesce(v_shop_id, 0)); -- no event: the shop 0, which is not_found
	v_event market.event;
	v_starts_at timestamptz := date_trunc('milliseconds', p_starts_at);
	v_now timestamptz;
begin
	perform from market.event e where e.shop_id = v_shop_id and e.event_id = p_event_id
	for no key update -- guard: event
	;
	select * into v_event from market.event e where e.shop_id = v_shop_id and e.event_id = p_event_id;
	v_now := market.clock();
	if v_event.version <> all (p_versions) then
		perform api.refuse('stale', null, api.stale_answer(v_event, p_title, p_starts_at, p_capacity));
	end if;
	if p_capacity < v_event.booked then
		perform api.refuse('invalid', null, api.field_error('capacity', format('%s places are booked already.', v_event.booked)));
	end if;
	if v_starts_at <> date_trunc('milliseconds', v_event.starts_at) and v_starts_at <= v_now then
		perform api.refuse('invalid', null, api.field_error('starts_at', 'This moment is past.'));
	end if;
	update market.event e
	set title = coalesce(p_title, e.title), starts_at = coalesce(v_starts_at, e.starts_at), capacity = coalesce(p_capacity, e.capacity),
		version = v_event.version + 1
	where e.shop_id = v_shop_id and e.event_id = p_event_id;
	perform api.confirm_waiting(v_shop_id, p_event_id, v_now);
	return (select api.event_answer(e, v_account_id) from market.event e where e.shop_id = v_shop_id and e.event_id = p_event_id);
end
$$;
