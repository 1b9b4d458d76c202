-- The outbox: what has to happen outside the database. A row is added by the transaction that decides it, and done at least once by the worker of a
-- program (src/market/outbox.c), which holds no transaction while it talks to another server. A worker that died leaves a lease that runs out.

-- Adds a row, due at once; returns its number, or that of the row which this kind and subject have already. Not for the program: what is sent is decided
-- by functions.
create function api.outbox_add(p_kind text, p_subject text, p_body text, p_order_id bigint, p_account_id bigint, p_now timestamptz) returns bigint
language plpgsql as $$
declare
	v_outbox_id bigint;
begin
	insert into market.outbox (kind, subject, order_id, account_id, body, key, next_at, created_at)
	values (p_kind, p_subject, p_order_id, p_account_id, p_body, market.random_key(), p_now, p_now)
	on conflict (kind, subject) do nothing
	returning outbox_id into v_outbox_id;
	if v_outbox_id is null then
		select o.outbox_id into v_outbox_id from market.outbox o where o.kind = p_kind and o.subject = p_subject;
	end if;
	return v_outbox_id;
end
$$;

-- Takes up to p_limits[i] rows of kind p_kinds[i] that are due, oldest first, for p_leases_ms[i]. A row that another worker is taking is skipped. key_seconds:
-- how long ago a request was first sent with the key of the row; NULL: never.
create function api.outbox_take(p_kinds text[], p_limits int[], p_leases_ms int[]) returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_now timestamptz := market.clock();
	v_lease text := market.random_key();
	v_ids bigint[] := '{}';
	v_rows json;
begin
	perform api.must_be_durable();
	for i in 1 .. cardinality(p_kinds) loop
		v_ids := v_ids || array(
			select o.outbox_id
			from market.outbox o
			where o.kind = p_kinds[i] and o.next_at <= v_now and o.done_at is null and o.flagged_at is null
			order by o.next_at
			limit p_limits[i]
			for no key update skip locked); -- guard: outbox_skip
	end loop;
	if v_ids = '{}' then
		return '[]';
	end if;
	select json_agg(json_build_object(
		'outbox_id', o.outbox_id, 'kind', o.kind, 'subject', o.subject, 'order_id', o.order_id, 'account_id', o.account_id, 'body', o.body, 'key', o.key,
		'attempts', o.attempts + 1, 'lease', v_lease, 'key_seconds', floor(extract(epoch from v_now - o.sent_at))::bigint,
		'created_at', market.rfc3339(o.created_at), 'age_seconds', floor(extract(epoch from v_now - o.created_at))::bigint) order by o.outbox_id)
	into v_rows
	from market.outbox o
	where o.outbox_id = any(v_ids);
	update market.outbox o
	set lease = v_lease, leased_until = v_now + l.lease, next_at = v_now + l.lease, attempts = o.attempts + 1, sent_at = coalesce(o.sent_at, v_now)
	from (select t.kind, t.ms * interval '1 millisecond' as lease from unnest(p_kinds, p_leases_ms) as t(kind, ms)) l
	where o.outbox_id = any(v_ids) and l.kind = o.kind;
	return v_rows;
end
$$;

-- Locks a row that the worker of this lease still holds; NULL: it is not its row any more.
create function api.outbox_lock(p_outbox_id bigint, p_lease text) returns market.outbox
language plpgsql as $$
declare
	v_row market.outbox;
begin
	select * into v_row
	from market.outbox o
	where o.outbox_id = p_outbox_id and o.lease = p_lease and o.done_at is null and o.flagged_at is null
	for no key update;
	return v_row;
end
$$;

-- The row is done. Nothing happens if the lease is another's: that worker records what came of it.
create function api.outbox_finish(p_outbox_id bigint, p_lease text) returns boolean
language plpgsql as $$
declare
	v_row market.outbox := api.outbox_lock(p_outbox_id, p_lease);
	v_now timestamptz := market.clock();
begin
	update market.outbox o
	set done_at = v_now, lease = null, leased_until = null, error = null
	where o.outbox_id = v_row.outbox_id;
	return v_row.outbox_id is not null;
end
$$;

create function api.outbox_done(p_outbox_id bigint, p_lease text) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
	perform api.must_be_durable();
	return api.outbox_finish(p_outbox_id, p_lease);
end
$$;

-- Tries again after a pause that doubles from half a second to five minutes, times a random number from 0.5 to 1.5, so that rows which failed together do
-- not come together again. p_next_key: with a new key, since the provider keeps a failure under the present one.
create function api.outbox_retry(p_outbox_id bigint, p_lease text, p_error text, p_next_key boolean) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_row market.outbox;
	v_next timestamptz;
	v_key text := market.random_key();
begin
	perform api.must_be_durable();
	v_row := api.outbox_lock(p_outbox_id, p_lease);
	v_next := market.clock() + least(interval '250 milliseconds' * (1 << least(v_row.attempts, 12)), interval '5 minutes') * (0.5 + random());
	update market.outbox o
	set next_at = v_next, lease = null, leased_until = null, error = left(p_error, 500),
		key = case when p_next_key then v_key else o.key end,
		key_number = o.key_number + p_next_key::int,
		sent_at = case when not p_next_key then o.sent_at end
	where o.outbox_id = v_row.outbox_id;
	return v_row.outbox_id is not null;
end
$$;

-- Gives up: an admin decides.
create function api.outbox_flag(p_outbox_id bigint, p_lease text, p_error text) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_row market.outbox;
	v_now timestamptz;
begin
	perform api.must_be_durable();
	v_row := api.outbox_lock(p_outbox_id, p_lease);
	v_now := market.clock();
	update market.outbox o
	set flagged_at = v_now, lease = null, leased_until = null, error = left(p_error, 500)
	where o.outbox_id = v_row.outbox_id;
	return v_row.outbox_id is not null;
end
$$;

-- One row as admins see it: without its body and key, in which a link may stand that signs somebody in.
create function api.outbox_json(p_row market.outbox) returns json
language sql stable
begin atomic
	select json_build_object(
		'outbox_id', p_row.outbox_id,
		'kind', p_row.kind,
		'subject', p_row.subject,
		'order_id', p_row.order_id,
		'account_id', p_row.account_id,
		'status', case when p_row.done_at is not null then 'done' when p_row.flagged_at is not null then 'flagged' else 'pending' end,
		'attempts', p_row.attempts,
		'keys', p_row.key_number,
		'error', p_row.error,
		'created_at', market.rfc3339(p_row.created_at),
		'next_at', case when p_row.done_at is null and p_row.flagged_at is null then market.rfc3339(p_row.next_at) end,
		'flagged_at', market.rfc3339(p_row.flagged_at));
end;

-- The rows, newest first; p_attention: only those that were given up.
create function api.outbox_rows(p_session bytea, p_attention boolean, p_limit int, p_cursor text) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_before bigint := api.cursor_id(p_cursor, 'x');
begin
	perform api.require(p_session, 'admin');
	return (
		with page as (
			select o as line, o.outbox_id, row_number() over (order by o.outbox_id desc) as nth
			from market.outbox o
			where (v_before is null or o.outbox_id < v_before) and (not p_attention or o.flagged_at is not null)
			order by o.outbox_id desc
			limit p_limit + 1
		)
		select json_build_object(
			'outbox', coalesce((select json_agg(api.outbox_json(g.line) order by g.nth) from page g where g.nth <= p_limit), '[]'),
			'next', (select 'x' || max(g.outbox_id) filter (where g.nth = p_limit) from page g having count(*) > p_limit))
	);
end
$$;

-- An admin lets a row that was given up, or that waits for its next attempt, be tried at once.
create function api.outbox_again(p_session bytea, p_outbox_id bigint) returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_account_id bigint := api.require(p_session, 'admin');
	v_row market.outbox;
	v_now timestamptz;
begin
	select * into v_row from market.outbox o where o.outbox_id = p_outbox_id for no key update;
	v_now := market.clock();
	if v_row.outbox_id is null then
		perform api.refuse('not_found');
	elsif v_row.done_at is not null then
		perform api.refuse_unchanged('invalid_state', 'This was done.');
	elsif v_row.leased_until > v_now then
		perform api.refuse_unchanged('invalid_state', 'This is being tried at the moment.');
	end if;
	update market.outbox o
	set next_at = v_now, attempts = 0, flagged_at = null, lease = null, leased_until = null
	where o.outbox_id = p_outbox_id
	returning o.* into v_row;
	perform api.note_act(v_account_id, 'retry_outbox', format('outbox %s (%s: %s)', v_row.outbox_id, v_row.kind, v_row.subject), null);
	return api.outbox_json(v_row);
end
$$;

-- For metrics, without a session: rows that wait and rows that were given up, by kind, and how long the oldest one that waits has been due.
create function api.metrics_of_outbox() returns json
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
	select json_build_object(
		'kinds', (
			select json_agg(json_build_object(
				'kind', k.kind,
				'pending', (select count(*) from market.outbox o where o.kind = k.kind and o.done_at is null and o.flagged_at is null),
				'flagged', (select count(*) from market.outbox o where o.kind = k.kind and o.flagged_at is not null)) order by k.nth)
			from unnest(array['mail', 'session', 'expire', 'refund']) with ordinality as k(kind, nth)),
		'age_seconds', coalesce((
			select floor(extract(epoch from market.clock() - min(o.created_at)))::bigint
			from market.outbox o
			where o.done_at is null and o.flagged_at is null), 0));
end;
