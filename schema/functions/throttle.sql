-- The throttle of attempts to sign in: after 10 failures for an account within 15 minutes, or 100 from one address, attempts are refused until a time
-- that moves away with each further one. An attempt is counted as a failure before its password is hashed, and taken back if the password is right: so
-- many attempts at once are no more than one after the other.

-- The counter of an account, by its e-mail: an e-mail that no account has is counted alike.
create function api.throttle_account_key(p_email text) returns bytea
language sql stable
return sha256(convert_to('account ' || market.email_key(p_email), 'UTF8'));

-- The counters that an attempt to sign in counts for, and their limits. From a network where the account signed in before it is a counter of its own, so
-- that the failures of others do not lock the account's owner out. Without a network (the client is on this machine) it is the account's alone.
create function api.throttle_counters(p_email text, p_account_id bigint, p_network inet)
returns table (throttle_key bytea, failures_max int)
language sql stable as $$
	with known as (
		select from market.sign_in_network n where n.account_id = p_account_id and n.network = p_network
	)
	select sha256(convert_to(format('account %s at %s', p_account_id, p_network), 'UTF8')), 10 where exists (select from known)
	union all
	select api.throttle_account_key(p_email), 10 where not exists (select from known)
	union all
	select sha256(convert_to('network ' || p_network, 'UTF8')), 100 where p_network is not null and not exists (select from known)
$$;

-- Counts one attempt for one counter and locks it. NULL: the attempt may go on, and p_at is in the row; else the seconds until one may.
-- At the limit a block begins, of 30 seconds; each attempt during it, and each failure after it, doubles the block, up to 15 minutes, which is when all
-- failures are too old. After a block one attempt is free. Blocks are short again after 15 minutes without one.
create function api.throttle_count(p_key bytea, p_failures_max int, p_at timestamptz) returns int
language plpgsql as $$
declare
	c_window constant interval := '15 minutes';
	c_blocks_max constant int := 6;
	v_row market.throttle;
	v_is_blocked boolean;
	v_is_full boolean;
begin
	insert into market.throttle as t (throttle_key, expires_at)
	values (p_key, p_at + c_window)
	on conflict (throttle_key) do update set expires_at = greatest(t.expires_at, excluded.expires_at)
	returning t.* into v_row;
	v_row.failed_at := array(select f from unnest(v_row.failed_at) f where f > p_at - c_window order by f);
	if v_row.blocked_until < p_at - c_window then
		v_row.blocks := 0;
	end if;
	v_is_blocked := v_row.blocked_until > p_at;
	v_is_full := false;
	v_is_full := cardinality(v_row.failed_at) >= p_failures_max and v_row.failed_at[cardinality(v_row.failed_at)] > v_row.blocked_until; -- guard: failures
	if not v_is_blocked and not v_is_full then
		update market.throttle t
		set failed_at = v_row.failed_at || p_at, blocks = v_row.blocks
		where t.throttle_key = p_key;
		return null;
	end if;
	if not v_is_blocked or v_row.blocks < c_blocks_max then
		v_row.blocks := least(v_row.blocks + 1, c_blocks_max);
		v_row.blocked_until := greatest(v_row.blocked_until, p_at + least(c_window, interval '15 seconds' * (1 << v_row.blocks)));
		update market.throttle t
		set failed_at = v_row.failed_at, blocks = v_row.blocks, blocked_until = v_row.blocked_until,
			expires_at = greatest(t.expires_at, v_row.blocked_until + c_window)
		where t.throttle_key = p_key;
	end if;
	return ceil(extract(epoch from v_row.blocked_until - p_at));
end
$$;

-- Counts one attempt for all of its counters, in the order of their keys. If one of them refuses, none counts it. Blocks of full length are seen without a
-- lock or a write: a flood of refused attempts costs one look at the index each.
create function api.throttle_attempt(p_email text, p_account_id bigint, p_network inet)
returns table (throttle_keys bytea[], counted_at timestamptz, retry_after int)
language plpgsql as $$
#variable_conflict use_column
declare
	v_keys bytea[];
	v_maxima int[];
	v_at timestamptz := market.clock();
	v_wait int;
	v_retry_after int;
begin
	select array_agg(c.throttle_key order by c.throttle_key), array_agg(c.failures_max order by c.throttle_key) into v_keys, v_maxima
	from api.throttle_counters(p_email, p_account_id, p_network) c;
	select ceil(extract(epoch from max(t.blocked_until) - v_at)) into v_retry_after
	from market.throttle t
	where t.throttle_key = any(v_keys) and t.blocks >= 6 and t.blocked_until > v_at;
	if v_retry_after is null then
		-- The time after all locks, one microsecond after every failure that is counted: it names this attempt.
		perform from market.throttle t where t.throttle_key = any(v_keys) order by t.throttle_key for no key update;
		select greatest(market.clock(), max(f) + interval '1 microsecond') into v_at
		from market.throttle t left join lateral unnest(t.failed_at) f on true
		where t.throttle_key = any(v_keys);
		for i in 1 .. cardinality(v_keys) loop
			v_wait := api.throttle_count(v_keys[i], v_maxima[i], v_at);
			v_retry_after := greatest(v_retry_after, v_wait);
		end loop;
	end if;
	if v_retry_after is not null then
		perform api.throttle_uncount(v_keys, v_at);
		v_keys := null;
		v_at := null;
	end if;
	return query select v_keys, v_at, v_retry_after;
end
$$;

-- Takes the attempt of that time back.
create function api.throttle_uncount(p_keys bytea[], p_at timestamptz) returns void
language plpgsql as $$
begin
	perform from market.throttle t where t.throttle_key = any(p_keys) order by t.throttle_key for no key update;
	update market.throttle t
	set failed_at = array_remove(t.failed_at, p_at)
	where t.throttle_key = any(p_keys) and p_at = any(t.failed_at);
end
$$;

-- The account of an e-mail, and the hash to check the password against; the attempt is counted as a failure. With retry_after it must not be checked. There
-- is no caller yet, and no client gets the hash: the program checks it, since Argon2id takes memory and time that the database must not spend. So these
-- functions trust the program: with its role one could begin a session of an account whose e-mail is known.
create function api.sign_in(p_email text, p_network text)
returns table (account_id bigint, password_hash text, throttle_keys bytea[], counted_at timestamptz, retry_after int)
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '1s' as $$
#variable_conflict use_column
declare
	v_account_id bigint;
	v_hash text;
begin
	perform api.must_be_durable();
	select a.account_id, a.password_hash into v_account_id, v_hash from market.account a where a.email_key = market.email_key(p_email);
	return query select v_account_id, v_hash, t.* from api.throttle_attempt(p_email, v_account_id, p_network::inet) t;
end
$$;

-- The hash that the present password is checked against before password or e-mail change, counted as signing in is. Given for the caller's own account alone.
create function api.session_password(p_session bytea, p_network text)
returns table (account_id bigint, password_hash text, throttle_keys bytea[], counted_at timestamptz, retry_after int)
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '1s' as $$
#variable_conflict use_column
declare
	v_account market.account;
begin
	select * into v_account from market.account a where a.account_id = api.require(p_session, 'member');
	return query
	select v_account.account_id, v_account.password_hash, t.*
	from api.throttle_attempt(v_account.email, v_account.account_id, p_network::inet) t;
end
$$;

-- The password of the attempt was right: it does not count, and its network is known from now on.
create function api.throttle_succeeded(p_account_id bigint, p_network text, p_throttle_keys bytea[], p_counted_at timestamptz) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '1s' as $$
declare
	v_now timestamptz;
begin
	perform api.must_be_durable();
	perform api.throttle_uncount(p_throttle_keys, p_counted_at);
	if p_network is null then
		return;
	end if;
	v_now := market.clock();
	insert into market.sign_in_network as n (account_id, network, last_at)
	values (p_account_id, p_network::inet, v_now)
	on conflict (account_id, network) do update set last_at = excluded.last_at
	where n.last_at < excluded.last_at - interval '1 day';
end
$$;

-- Deletes counters that say nothing any more, networks that were not used for 60 days, and tokens that have expired, some hundreds at a time; returns how many.
create function api.purge_throttle() returns int
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_now timestamptz := market.clock();
	v_counters int;
	v_networks int;
	v_tokens int;
begin
	perform api.must_be_durable();
	with old as (
		select t.throttle_key from market.throttle t
		where t.expires_at < v_now
		order by t.expires_at limit 500
		for update skip locked
	)
	delete from market.throttle t using old where t.throttle_key = old.throttle_key and t.expires_at < v_now;
	get diagnostics v_counters = row_count;
	with old as (
		select n.account_id, n.network from market.sign_in_network n
		where n.last_at < v_now - interval '60 days'
		order by n.last_at limit 500
		for update skip locked
	)
	delete from market.sign_in_network n using old where n.account_id = old.account_id and n.network = old.network;
	get diagnostics v_networks = row_count;
	with old as (
		select t.token_digest from market.mail_token t
		where t.expires_at < v_now
		order by t.expires_at limit 500
		for update skip locked
	)
	delete from market.mail_token t using old where t.token_digest = old.token_digest;
	get diagnostics v_tokens = row_count;
	return v_counters + v_networks + v_tokens;
end
$$;
