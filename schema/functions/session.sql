-- Sessions: signing in and out, and where an account is signed in. The database has only the digest of a token.

-- Begins a session, if the hash that was checked is still the account's. The hash stands for the password that the program has checked, so no session
-- is needed. The row is locked: a change of password either committed before and is seen here, or waits and then ends this session too.
create function api.create_session(p_account_id bigint, p_password_hash text, p_new_session bytea, p_client_address text) returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_account market.account;
	v_now timestamptz;
begin
	perform api.must_be_durable();
	select * into v_account
	from market.account a
	where a.account_id = p_account_id and a.password_hash = p_password_hash
	for share -- guard: password
	;
	if not found then
		perform api.refuse('wrong_password');
	end if;
	v_now := market.clock();
	insert into market.session (session_digest, account_id, created_at, expires_at, address)
	values (p_new_session, p_account_id, v_now, v_now + interval '30 days', p_client_address);
	return json_build_object('account',
		json_build_object('account_id', v_account.account_id, 'name', v_account.name, 'email', v_account.email));
end
$$;

create function api.end_session(p_session bytea) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
	perform api.require(p_session, 'member');
	delete from market.session s where s.session_digest = p_session;
end
$$;

-- Locks the sessions of the account, in their order, and refuses if the caller's was ended meanwhile. Of two sessions that end each other at once only one
-- does, so that an account never ends its last one by accident.
create function api.lock_sessions(p_session bytea, p_account_id bigint) returns void
language plpgsql as $$
begin
	perform from market.session s
	where s.account_id = p_account_id
	order by s.session_id
	for update -- guard: sessions
	;
	perform api.require(p_session, 'member');
end
$$;

-- Where the account is signed in, newest first: its sessions that have not expired.
create function api.sessions(p_session bytea, p_limit int, p_cursor text) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_account_id bigint := api.require(p_session, 'member');
	v_before bigint := api.cursor_id(p_cursor, 'i');
	v_now timestamptz := market.clock();
begin
	return (
		with page as (
			select s.*, row_number() over (order by s.session_id desc) as nth
			from market.session s
			where s.account_id = v_account_id and s.expires_at > v_now and (v_before is null or s.session_id < v_before)
			order by s.session_id desc
			limit p_limit + 1
		)
		select json_build_object(
			'sessions', coalesce((
				select json_agg(json_build_object(
					'session_id', g.session_id,
					'created_at', market.rfc3339(g.created_at),
					'last_used_at', market.rfc3339(coalesce(g.last_used_at, g.created_at)),
					'address', g.address,
					'current', g.session_digest = p_session) order by g.nth)
				from page g where g.nth <= p_limit), '[]'),
			'next', (select 'i' || max(g.session_id) filter (where g.nth = p_limit) from page g having count(*) > p_limit))
	);
end
$$;

-- Ends one session of the account; returns whether it was the caller's own.
create function api.end_account_session(p_session bytea, p_session_id bigint) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_account_id bigint := api.require(p_session, 'member');
	v_is_own boolean;
begin
	perform api.lock_sessions(p_session, v_account_id);
	delete from market.session s
	where s.account_id = v_account_id and s.session_id = p_session_id and s.expires_at > market.clock()
	returning s.session_digest = p_session into v_is_own;
	if not found then
		perform api.refuse_unchanged('not_found');
	end if;
	return v_is_own;
end
$$;

create function api.end_other_sessions(p_session bytea) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_account_id bigint := api.require(p_session, 'member');
begin
	perform api.lock_sessions(p_session, v_account_id);
	delete from market.session s where s.account_id = v_account_id and s.session_digest <> p_session;
end
$$;

-- Notes that sessions were used, and returns of how many it did: of one whose time is more than five minutes old, so however many programs note it, it is
-- written once in that time. It needs no caller: it tells nothing and opens nothing. It waits for no lock; what it skips is noted by the next use.
create function api.note_sessions(p_sessions bytea[]) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off set enable_mergejoin = off set enable_hashjoin = off as $$
declare
	v_now timestamptz := market.clock();
	v_noted bigint;
begin
	perform api.must_be_durable();
	update market.session s
	set last_used_at = v_now
	from (
		select u.session_digest
		from market.session u
		where u.session_digest = any(p_sessions) and u.expires_at > v_now and coalesce(u.last_used_at, u.created_at) < v_now - interval '5 minutes'
		for no key update skip locked
	) n
	where s.session_digest = n.session_digest;
	get diagnostics v_noted = row_count;
	return v_noted;
end
$$;

-- The account of the session, for the head of a page; NULL without one.
create function api.viewer(p_session bytea) returns json
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
	select json_build_object('account_id', a.account_id, 'name', a.name, 'role', a.role, 'shop_id', h.shop_id)
	from api.caller(p_session, 'anyone') c
	join market.account a on a.account_id = c.account_id
	left join market.shop h on h.account_id = a.account_id;
end;
