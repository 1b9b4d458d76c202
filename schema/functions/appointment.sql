-- Appointments: a shop offers slots at its stations; the first account to book a slot has it.
--
-- Two advisory locks of their own guard them, since there is no row yet that could be locked: one of a station while a slot is added to it, one
-- of a slot while it is booked, cancelled or withdrawn. The first number is a namespace, so slot 7 has nothing to do with station 7; two stations that share
-- the second number only wait for each other. No transaction takes two of them. They are released with the transaction, also when the program's
-- connection breaks; the wait is limited by the role's lock_timeout.

create function api.lock_station(p_shop_id bigint, p_station_key text) returns void
language sql
begin atomic
	select pg_advisory_xact_lock(1, hashtextextended(p_station_key, p_shop_id)::bit(32)::int);
end;

create function api.lock_slot(p_slot_id bigint) returns void
language sql
begin atomic
	select pg_advisory_xact_lock(2, hashint8(p_slot_id));
end;

-- A slot as p_viewer sees it: whether it is taken and whether by the viewer; the account's name only if the shop is the viewer's.
create function api.slot_answer(s market.slot, p_viewer bigint) returns json
language sql stable
begin atomic
	select json_build_object(
		'slot_id', (s).slot_id,
		'shop_id', (s).shop_id,
		'shop_name', h.name,
		'station', (s).station,
		'starts_at', market.rfc3339((s).starts_at),
		'ends_at', market.rfc3339((s).ends_at),
		'taken', b.slot_id is not null,
		'mine', coalesce(b.account_id = p_viewer, false),
		'booked_by', case when h.account_id = p_viewer then a.name end)
	from market.shop h
	left join market.appointment b on b.shop_id = (s).shop_id and b.slot_id = (s).slot_id
	left join market.account a on a.account_id = b.account_id
	where h.shop_id = (s).shop_id;
end;

-- Offers a slot. Times are stored as they are shown, to the millisecond: a slot that ends at the start shown by another one's answer ends exactly
-- there.
create function api.create_slot(p_session bytea, p_shop_id bigint, p_station text, p_starts_at timestamptz, p_ends_at timestamptz,
	p_key text, p_digest bytea)
returns table (code text, answer json)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
	v_account_id bigint := api.require(p_session, 'owner', p_shop_id);
	v_kept json := api.key_claim(v_account_id, p_key, p_digest);
	v_key text := market.fold(p_station);
	v_starts_at timestamptz := date_trunc('milliseconds', p_starts_at);
	v_ends_at timestamptz := date_trunc('milliseconds', p_ends_at);
	v_now timestamptz;
	v_slot market.slot;
	v_answer json;
begin
	if v_kept is not null then
		return query select 'replayed', v_kept;
		return;
	end if;
	if v_ends_at <= v_starts_at then
		perform api.refuse('invalid', null, api.field_error('ends_at', 'A slot ends after it starts.'));
	elsif v_ends_at - v_starts_at > interval '24 hours' then
		perform api.refuse('invalid', null, api.field_error('ends_at', 'A slot is at most 24 hours long.'));
	elsif v_starts_at >= '2100-01-01 00:00Z' then
		perform api.refuse('invalid', null, api.field_error('starts_at', 'Slots can be offered until the year 2100.'));
	end if;
	perform api.lock_station(p_shop_id, v_key); -- guard: station
	v_now := market.clock();
	if v_starts_at <= v_now then
		perform api.refuse('invalid', null, api.field_error('starts_at', 'This moment is past.'));
	end if;
	if exists (
		select from market.slot s
		where s.shop_id = p_shop_id and s.station_key = v_key and s.starts_at = v_starts_at and s.ends_at = v_ends_at)
	then
		perform api.refuse_unchanged('slot_taken', 'This station has this slot already.');
	elsif exists (
		select from market.slot s
		where s.shop_id = p_shop_id and s.station_key = v_key
			and tstzrange(s.starts_at, s.ends_at) && tstzrange(v_starts_at, v_ends_at))
	then
		perform api.refuse('slot_taken', 'This station has a slot at that time already.');
	end if;

	insert into market.slot (shop_id, station, starts_at, ends_at, created_at)
	values (p_shop_id, p_station, v_starts_at, v_ends_at, v_now)
	on conflict on constraint slot_overlap do nothing -- guard: slot_overlap
	returning * into v_slot;
	if v_slot.slot_id is null then
		perform api.refuse('slot_taken', 'This station has a slot at that time already.');
	end if;
	v_answer := api.slot_answer(v_slot, v_account_id);
	perform api.key_keep(v_account_id, p_key, p_digest, v_answer);
	return query select null, v_answer;
end
$$;

-- The calendar of a shop: the slots that start in [p_from, p_to), ordered by start; p_from NULL: from now on.
create function api.slots(p_session bytea, p_shop_id bigint, p_from timestamptz, p_to timestamptz, p_limit int, p_cursor text)
returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_viewer bigint := api.require(p_session, 'anyone');
	v_after bigint[] := api.cursor_parts(p_cursor, 't', 2); -- microseconds of the start, slot
	v_after_at timestamptz := api.mark_time(v_after[1]);
	v_from timestamptz := coalesce(p_from, market.clock());
	v_to timestamptz := coalesce(p_to, 'infinity');
begin
	if p_to <= v_from then
		perform api.refuse('invalid', null, api.field_error('to', 'This is not after the time from which on slots are asked for.'));
	end if;
	perform api.must_see_shop(v_viewer, p_shop_id);
	return (
		with page as (
			select s, s.slot_id, api.time_mark(s.starts_at) as start,
				row_number() over (order by s.starts_at, s.slot_id) as nth
			from market.slot s
			where s.shop_id = p_shop_id and s.starts_at >= greatest(v_from, v_after_at) and s.starts_at < v_to
				and (v_after is null or (s.starts_at, s.slot_id) > (v_after_at, v_after[2]))
			order by s.starts_at, s.slot_id
			limit p_limit + 1
		)
		select json_build_object(
			'slots', coalesce((select json_agg(api.slot_answer(p.s, v_viewer) order by p.nth) from page p where p.nth <= p_limit), '[]'),
			'next', (select 't' || l.start || '.' || l.slot_id from page l
				where l.nth = p_limit and exists (select from page m where m.nth > p_limit)))
	);
end
$$;

-- Books the slot for the first caller; every other one gets slot_taken, and so does the first if it asks again without its key. A call that waited
-- until the slot began is refused. An account has no two appointments that overlap in time.
create function api.book_slot(p_session bytea, p_slot_id bigint, p_key text, p_digest bytea)
returns table (code text, answer json)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
	v_account_id bigint := api.require(p_session, 'member');
	v_kept json := api.key_claim(v_account_id, p_key, p_digest);
	v_now timestamptz;
	v_slot market.slot;
	v_during tstzrange;
	v_holder bigint;
	v_appointment_id bigint;
	v_answer json;
begin
	if v_kept is not null then
		return query select 'replayed', v_kept;
		return;
	end if;
	perform api.lock_account(v_account_id); -- guard: account
	perform api.lock_slot(p_slot_id); -- guard: slot
	v_now := market.clock();
	select * into v_slot from market.slot s where s.slot_id = p_slot_id;
	if v_slot.slot_id is null or (select h.suspended from market.shop h where h.shop_id = v_slot.shop_id) then
		perform api.refuse('not_found');
	end if;
	select b.account_id into v_holder from market.appointment b where b.shop_id = v_slot.shop_id and b.slot_id = p_slot_id;
	if v_holder = v_account_id then
		perform api.refuse_unchanged('slot_taken', 'This slot is yours already.');
	elsif v_holder is not null then
		perform api.refuse('slot_taken');
	end if;
	if v_slot.starts_at <= v_now then
		perform api.refuse('invalid_state', 'This slot has begun; it can no longer be booked.');
	end if;
	if exists (
		select from market.appointment b
		join market.slot s on s.shop_id = b.shop_id and s.slot_id = b.slot_id
		where b.account_id = v_account_id and tstzrange(s.starts_at, s.ends_at) && tstzrange(v_slot.starts_at, v_slot.ends_at))
	then
		perform api.refuse('already_booked', 'You have an appointment at that time already.');
	end if;

	v_during := tstzrange(v_slot.starts_at, v_slot.ends_at); -- guard: appointment_once
	insert into market.appointment (shop_id, slot_id, account_id, booked_at, during)
	values (v_slot.shop_id, p_slot_id, v_account_id, v_now, v_during)
	on conflict do nothing -- guard: appointment_slot
	returning appointment_id into v_appointment_id;
	if v_appointment_id is null then -- one of the two constraints
		perform api.refuse(case
			when exists (select from market.appointment b where b.account_id = v_account_id and b.slot_id <> p_slot_id
				and b.during && tstzrange(v_slot.starts_at, v_slot.ends_at)) then 'already_booked'
			else 'slot_taken' end);
	end if;
	v_answer := json_build_object('appointment_id', v_appointment_id, 'slot_id', p_slot_id);
	perform api.key_keep(v_account_id, p_key, p_digest, v_answer);
	return query select null, v_answer;
end
$$;

-- Cancels the account's own appointment, until it begins. That of another account is not_found.
create function api.cancel_appointment(p_session bytea, p_slot_id bigint) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_account_id bigint := api.require(p_session, 'member');
	v_now timestamptz;
	v_slot market.slot;
begin
	perform api.lock_slot(p_slot_id); -- guard: slot
	v_now := market.clock();
	select s.* into v_slot
	from market.slot s
	join market.appointment b on b.shop_id = s.shop_id and b.slot_id = s.slot_id
	where s.slot_id = p_slot_id and b.account_id = v_account_id;
	if v_slot.slot_id is null then
		if exists (
			select from market.slot s
			where s.slot_id = p_slot_id
				and not exists (select from market.appointment b where b.shop_id = s.shop_id and b.slot_id = s.slot_id))
		then
			perform api.refuse_unchanged('not_found');
		end if;
		perform api.refuse('not_found');
	end if;
	if v_slot.starts_at <= v_now then
		perform api.refuse('invalid_state', 'This appointment has begun; it can no longer be cancelled.');
	end if;
	delete from market.appointment b where b.shop_id = v_slot.shop_id and b.slot_id = p_slot_id;
end
$$;

-- Withdraws a free slot. Returns its shop, whose calendar a browser is shown then.
create function api.withdraw_slot(p_session bytea, p_slot_id bigint) returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_shop_id bigint := (select s.shop_id from market.slot s where s.slot_id = p_slot_id);
	v_own_id bigint;
begin
	if v_shop_id is null then -- which shop's it was is not kept
		select h.shop_id into v_own_id from api.caller(p_session, 'owner') c join market.shop h on h.account_id = c.account_id;
		if v_own_id is not null then
			perform api.refuse_unchanged('not_found', null, jsonb_build_object('shop_id', v_own_id));
		end if;
	end if;
	perform api.require(p_session, 'owner', coalesce(v_shop_id, 0)); -- no slot: the shop 0, which is not_found
	perform api.lock_slot(p_slot_id); -- guard: withdrawn_slot
	if exists (select from market.appointment b where b.shop_id = v_shop_id and b.slot_id = p_slot_id) then
		perform api.refuse('slot_taken', 'Somebody has booked this slot; only a free one can be withdrawn.');
	end if;
	delete from market.slot s where s.shop_id = v_shop_id and s.slot_id = p_slot_id;
	if not found then
		perform api.refuse_unchanged('not_found', null, jsonb_build_object('shop_id', v_shop_id));
	end if;
	return json_build_object('shop_id', v_shop_id);
end
$$;

-- The account's appointments, latest first, past ones too.
create function api.appointments(p_session bytea, p_limit int, p_cursor text) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_account_id bigint := api.require(p_session, 'member');
	v_before bigint[] := api.cursor_parts(p_cursor, 'm', 2); -- microseconds of the start, slot
begin
	return (
		with page as (
			select b.slot_id, api.time_mark(s.starts_at) as start,
				row_number() over (order by s.starts_at desc, b.slot_id desc) as nth,
				json_build_object(
					'appointment_id', b.appointment_id,
					'slot_id', b.slot_id,
					'shop_id', b.shop_id,
					'shop_name', h.name,
					'station', s.station,
					'starts_at', market.rfc3339(s.starts_at),
					'ends_at', market.rfc3339(s.ends_at),
					'booked_at', market.rfc3339(b.booked_at)) as answer
			from market.appointment b
			join market.slot s on s.shop_id = b.shop_id and s.slot_id = b.slot_id
			join market.shop h on h.shop_id = b.shop_id
			where b.account_id = v_account_id
				and (v_before is null or (s.starts_at, b.slot_id) < (api.mark_time(v_before[1]), v_before[2]))
			order by s.starts_at desc, b.slot_id desc
			limit p_limit + 1
		)
		select json_build_object(
			'appointments', coalesce((select json_agg(p.answer order by p.nth) from page p where p.nth <= p_limit), '[]'),
			'next', (select 'm' || l.start || '.' || l.slot_id from page l
				where l.nth = p_limit and exists (select from page m where m.nth > p_limit)))
	);
end
$$;
