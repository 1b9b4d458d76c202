-- Sessions: signing in and out. The database has only the digest of a token.

-- The account of an e-mail, and the hash to check the password against. There is no caller yet, and no client gets the hash: the program checks it,
-- since Argon2id takes memory and time that the database must not spend. So these two functions trust the program: with its role one could begin a
-- session of an account whose e-mail is known.
create function api.sign_in(p_email text) returns table (account_id bigint, password_hash text)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
	select a.account_id, a.password_hash from market.account a where a.email_key = market.fold(p_email);
end;

-- Begins a session, if the hash that was checked is still the account's. The hash stands for the password that the program has checked, so no session
-- is needed. The row is locked: a change of password either committed before and is seen here, or waits and then ends this session too. Deletes
-- what has expired.
create function api.create_session(p_account_id bigint, p_password_hash text, p_new_session bytea) returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_account market.account;
	v_now timestamptz;
begin
	select * into v_account
	from market.account a
	where a.account_id = p_account_id and a.password_hash = p_password_hash
	for share -- guard: password
	;
	if not found then
		perform api.refuse('wrong_password');
	end if;
	v_now := market.clock();
	delete from market.session s where s.account_id = p_account_id and s.expires_at <= v_now;
	delete from market.idempotency k where k.account_id = p_account_id and k.created_at < v_now - interval '48 hours';
	insert into market.session (session_digest, account_id, created_at, expires_at)
	values (p_new_session, p_account_id, v_now, v_now + interval '30 days');
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

-- The account of the session, for the head of a page; NULL without one.
create function api.viewer(p_session bytea) returns json
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
	select json_build_object('account_id', a.account_id, 'name', a.name, 'role', a.role, 'shop_id', h.shop_id)
	from api.caller(p_session, 'anyone') c
	join market.account a on a.account_id = c.account_id
	left join market.shop h on h.account_id = a.account_id;
end;
